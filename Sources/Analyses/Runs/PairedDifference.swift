/// How a number differs between two networks that were measured under the same several conditions: parts of the
/// samples, or directions.
///
/// Each condition gives one difference. The 95 % interval of the mean is `d ± t s / sqrt(N)` with Student's t for
/// N - 1 degrees of freedom; it supposes differences that are roughly normal.
public struct PairedDifference: Equatable, Sendable {
  /// Name of the number.
  public let name: String
  /// Mean of second minus first over the conditions, and its standard error.
  public let difference: SpreadEstimate
  /// Half the width of the 95 % interval of the mean.
  public let margin: Double

  /// Whether the interval excludes 0.
  public var isDifference: Bool { abs(difference.mean) > margin }

  /// Compares two networks; nil unless both have the number under two conditions or more.
  init?(_ name: String, first: [Double?], second: [Double?]) {
    guard first.count == second.count,
      let difference = SpreadEstimate(
        zip(first, second).map { a, b in a.flatMap { a in b.map { $0 - a } } })
    else { return nil }
    self.name = name
    self.difference = difference
    margin =
      StudentDistribution(degreesOfFreedom: first.count - 1).centralQuantile(0.95)
      * difference.standardError
  }
}
