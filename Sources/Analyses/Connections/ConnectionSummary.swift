package import Artifacts
package import Objectives
package import Training

/// What `summary.json` of a connection between two networks holds.
package struct ConnectionSummary: Codable, Equatable, Sendable {
  /// The loss at one place.
  package struct Place: Codable, Equatable, Sendable {
    /// Place on the curve or line, 0 to 1.
    package let t: Double
    /// Mean loss; nil where it is not finite.
    package let loss: Double?
    /// The metric; nil where there is none.
    package let score: Double?
  }

  /// How far a path rises above the losses of its ends.
  package struct Barrier: Codable, Equatable, Sendable {
    /// Rise over the line between the losses of the ends: `max_t L(t) - ((1 - t) L(0) + t L(1))`.
    ///
    /// Over the places that were looked at (Frankle et al. 2020, arXiv:1912.05671).
    package let height: Double
    /// Place of the maximum.
    package let t: Double
    /// Standard error of the height at that place, over disjoint parts of the samples; nil where there are too few samples.
    package let standardError: Double?
  }

  /// A path on one split.
  package struct Profile: Codable, Equatable, Sendable {
    /// The split.
    package let split: String
    /// Number of its samples.
    package let samples: Int
    /// The curve.
    package let curve: [Place]
    /// The straight line between the same ends.
    package let line: [Place]
    /// Barrier of the curve; nil where a loss is not finite.
    package let curveBarrier: Barrier?
    /// Barrier of the line; nil where a loss is not finite.
    package let lineBarrier: Barrier?
  }

  /// `connection`.
  package let kind: String
  /// How the result came about.
  package let provenance: Provenance
  /// Name of the network.
  package let architecture: String
  /// Number of its parameters.
  package let parameters: Int
  /// How the curve was trained.
  package let settings: CurveTrainingSettings
  /// Mean loss of each epoch of the curve's training.
  package let trainingLosses: [Double]
  /// The metric of the scores.
  package let metric: Metric?
  /// Distance of both networks.
  package let distance: Double
  /// Length of the curve, as a chain of straight pieces between the places.
  package let length: Double
  /// The profiles: the samples that the curve was trained on first.
  package let profiles: [Profile]
}
