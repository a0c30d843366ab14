package import Artifacts
package import Objectives

/// What `summary.json` of a sharpness holds.
package struct SharpnessSummary: Codable, Equatable, Sendable {
  /// One measure in one ball over one division of the samples.
  package struct Entry: Codable, Equatable, Sendable {
    /// What is measured.
    package let measure: SharpnessMeasure
    /// Radius of the ball.
    package let rho: Double
    /// Samples of a part: all, or the m of m-sharpness.
    package let samples: Int
    /// The value on each part, loss in the ball minus loss at the weights.
    ///
    /// For a maximum the best of its ascents, a lower bound; absent for a mean of which a perturbation was not
    /// finite.
    package let parts: [Double?]
    /// The value, mean over the parts.
    package let value: Double?
    /// Its spread over the parts; absent for one part.
    package let spread: SpreadEstimate?
    /// Standard error from the random perturbations; absent for a maximum.
    package let drawError: Double?
    /// `rho ||g||` in the dual norm, mean over the parts: the rise of a linear loss; absent for a mean.
    package let linearRise: Double?
    /// Mean over the parts of the largest minus the smallest of the ascents; absent for one ascent and for a mean.
    package let restartRange: Double?
    /// Evaluations whose loss was not finite: ascents go back from them, so that a maximum is one of finite losses.
    package let nonFinite: Int
  }

  /// `sharpness`.
  package var kind: String
  /// How the result came about.
  package var provenance: Provenance
  /// Name of the network.
  package var architecture: String
  /// Number of its parameters.
  package var parameters: Int
  /// What the loss is.
  package var lossFunction: Loss
  /// Mean loss at the weights over all samples.
  package var loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  package var metric: Metric?
  /// The metric at the weights.
  package var score: Double?
  /// How it was measured.
  package var configuration: SharpnessConfiguration
  /// The values: by measure, division and radius.
  package var entries: [Entry]
  /// Samples that belong to no part, by the size of the parts; absent where there are none.
  package var samplesLeftOut: [String: Int]?
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  package var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  package var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }
}
