public import Artifacts
public import Objectives
public import Training

/// What `summary.json` of a connection between two networks holds.
public struct ConnectionSummary: Codable, Equatable, Sendable {
  /// The loss at one place.
  public struct Place: Codable, Equatable, Sendable {
    /// Place on the curve or line, 0 to 1.
    public let t: Double
    /// Mean loss; nil where it is not finite.
    public let loss: Double?
    /// The metric; nil where there is none.
    public let score: Double?
  }

  /// How far a path rises above the losses of its ends.
  public struct Barrier: Codable, Equatable, Sendable {
    /// Rise over the line between the losses of the ends: `max_t L(t) - ((1 - t) L(0) + t L(1))`.
    ///
    /// Over the places that were looked at (Frankle et al. 2020, arXiv:1912.05671).
    public let height: Double
    /// Place of the maximum.
    public let t: Double
    /// Standard error of the height at that place, over disjoint parts of the samples; nil where there are too few samples.
    public let standardError: Double?
  }

  /// A path on one split.
  public struct Profile: Codable, Equatable, Sendable {
    /// The split.
    public let split: String
    /// Number of its samples.
    public let samples: Int
    /// The curve.
    public let curve: [Place]
    /// The straight line between the same ends.
    public let line: [Place]
    /// Barrier of the curve; nil where a loss is not finite.
    public let curveBarrier: Barrier?
    /// Barrier of the line; nil where a loss is not finite.
    public let lineBarrier: Barrier?
  }

  /// `connection`.
  public let kind: String
  /// How the result came about.
  public let provenance: Provenance
  /// Name of the network.
  public let architecture: String
  /// Number of its parameters.
  public let parameters: Int
  /// How the curve was trained.
  public let settings: CurveTrainingSettings
  /// Mean loss of each epoch of the curve's training.
  public let trainingLosses: [Double]
  /// The metric of the scores.
  public let metric: Metric?
  /// Distance of both networks.
  public let distance: Double
  /// Length of the curve, as a chain of straight pieces between the places.
  public let length: Double
  /// The profiles: the samples that the curve was trained on first.
  public let profiles: [Profile]
}
