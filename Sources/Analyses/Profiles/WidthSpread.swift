internal import Artifacts
public import LossSurfaces

/// How wide profiles are, and how much that differs between directions.
///
/// The width of a profile is the distance at which the loss has risen by `rise` above that at the weights, mean of
/// both sides (`ProfileWidth`), in units of the normalised direction. Directions are independent draws, so the mean over
/// N of them has the standard error `s / sqrt(N)`.
///
/// A profile that ends below the level has a lower bound in place of a width. No mean is given then; quantiles are,
/// as far as they do not depend on how much wider such profiles are.
public struct WidthSpread: Codable, Equatable, Sendable {
  /// A quantile of the widths.
  public struct Quartile: Codable, Equatable, Sendable {
    /// The quantile, or a lower bound.
    public let value: Double
    /// Whether it is the quantile itself.
    public let isKnown: Bool

    /// Joins the parts.
    package init(value: Double, isKnown: Bool) {
      self.value = value
      self.isKnown = isKnown
    }
  }

  /// How far the loss must rise above that at the weights.
  public let rise: Double
  /// The width along each direction, in the order of the profiles.
  public let widths: [ProfileWidth]
  /// Profiles that reach the level on all their sides.
  public let reached: Int
  /// Mean and spread; absent unless all profiles reach the level, and there are two or more.
  public let estimate: SpreadEstimate?
  /// First quartile.
  public let lowerQuartile: Quartile
  /// Median.
  public let median: Quartile
  /// Third quartile.
  public let upperQuartile: Quartile
  /// Distance between coordinates: a width below two of them is coarsely known.
  public let spacing: Double

  /// Whether the points lie too far apart for the widths.
  public var isCoarse: Bool { median.isKnown && median.value < 2 * spacing }

  /// Measures profiles; nil for none.
  init?(_ profiles: LossProfiles, center: Double, rise: Double) {
    let widths = profiles.loss.compactMap {
      ProfileWidth(xs: profiles.xs, loss: $0, center: center, rise: rise)
    }
    guard widths.count == profiles.loss.count, !widths.isEmpty else { return nil }
    let means = widths.map(\.mean)
    self.rise = rise
    self.widths = widths
    reached = means.count(where: \.isReached)
    estimate = SpreadEstimate(means.map { $0.isReached ? $0.value : nil })
    let least = Quantile(means.map(\.value))
    let most = Quantile(means.map { $0.isReached ? $0.value : .infinity })
    func quartile(_ share: Double) -> Quartile {
      let (low, high) = (least.value(share), most.value(share))
      return Quartile(value: low, isKnown: low == high)
    }
    lowerQuartile = quartile(0.25)
    median = quartile(0.5)
    upperQuartile = quartile(0.75)
    spacing = zip(profiles.xs, profiles.xs.dropFirst()).map { $1 - $0 }.max() ?? 0
  }

  /// What a direction's width is, where it is known.
  var knownWidths: [Double?] { widths.map { $0.mean.isReached ? $0.mean.value : nil } }
}

extension PairedDifference {
  /// How the widths of two networks differ along the same random numbers, each scaled to its own weights; nil unless
  /// both were measured in the same way and all profiles reach the level.
  public init?(of second: ProfilesSummary, from first: ProfilesSummary) {
    guard first.parameters == second.parameters, first.architecture == second.architecture,
      first.provenance.data?.digest == second.provenance.data?.digest,
      first.directions.seed == second.directions.seed,
      first.directions.normalization == second.directions.normalization,
      first.directions.ignore == second.directions.ignore,
      first.width.rise == second.width.rise
    else { return nil }
    self.init("width", first: first.width.knownWidths, second: second.width.knownWidths)
  }
}
