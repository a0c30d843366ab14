internal import Training

/// A number that was measured several times: over parts of the samples, or along directions.
public struct SpreadEstimate: Codable, Equatable, Sendable {
  /// Mean.
  public let mean: Double
  /// Standard deviation, with N - 1 in the denominator.
  public let standardDeviation: Double
  /// Standard error of the mean, the standard deviation over the root of N.
  public let standardError: Double
  /// Smallest value.
  public let smallest: Double
  /// Largest value.
  public let largest: Double

  /// nil unless there are two values or more, and none is missing.
  init?(_ values: [Double?]) {
    let known = values.compactMap(\.self)
    guard known.count == values.count, let spread = Spread(known),
      let deviation = spread.standardDeviation, let low = known.min(), let high = known.max()
    else { return nil }
    mean = spread.mean
    standardDeviation = deviation
    standardError = deviation / Double(known.count).squareRoot()
    smallest = low
    largest = high
  }
}
