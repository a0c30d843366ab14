public import Artifacts
public import Objectives

/// What `summary.json` of a sharpness holds.
public struct SharpnessSummary: Codable, Equatable, Sendable {
  /// One measure in one ball over one division of the samples.
  public struct Entry: Codable, Equatable, Sendable {
    /// What is measured.
    public let measure: SharpnessMeasure
    /// Radius of the ball.
    public let rho: Double
    /// Samples of a part: all, or the m of m-sharpness.
    public let samples: Int
    /// The value on each part, loss in the ball minus loss at the weights.
    ///
    /// For a maximum the best of its ascents, a lower bound; absent for a mean of which a perturbation was not
    /// finite.
    public let parts: [Double?]
    /// The value, mean over the parts.
    public let value: Double?
    /// Its spread over the parts; absent for one part.
    public let spread: SpreadEstimate?
    /// Standard error from the random perturbations; absent for a maximum.
    public let drawError: Double?
    /// `rho ||g||` in the dual norm, mean over the parts: the rise of a linear loss; absent for a mean.
    public let linearRise: Double?
    /// Mean over the parts of the largest minus the smallest of the ascents; absent for one ascent and for a mean.
    public let restartRange: Double?
    /// Evaluations whose loss was not finite: ascents go back from them, so that a maximum is one of finite losses.
    public let nonFinite: Int
  }

  /// `sharpness`.
  public var kind: String
  /// How the result came about.
  public var provenance: Provenance
  /// Name of the network.
  public var architecture: String
  /// Number of its parameters.
  public var parameters: Int
  /// What the loss is.
  public var lossFunction: Loss
  /// Mean loss at the weights over all samples.
  public var loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  public var metric: Metric?
  /// The metric at the weights.
  public var score: Double?
  /// How it was measured.
  public var configuration: SharpnessConfiguration
  /// The values: by measure, division and radius.
  public var entries: [Entry]
  /// Samples that belong to no part, by the size of the parts; absent where there are none.
  public var samplesLeftOut: [String: Int]?
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  public var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  public var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }
}
