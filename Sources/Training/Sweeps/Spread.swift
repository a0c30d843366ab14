internal import Foundation

/// Mean of repeated measurements and how far they are apart.
public struct Spread: Codable, Equatable, Sendable {
  /// Mean.
  public let mean: Double
  /// Standard deviation of a sample, with `n - 1` in the denominator; nil for one measurement.
  public let standardDeviation: Double?
  /// Number of measurements.
  public let count: Int

  /// Summarises measurements; nil for none.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    self.mean = mean
    standardDeviation =
      values.count < 2
      ? nil
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
    count = values.count
  }

  /// Text like `97.1 ± 0.3`, both numbers multiplied by `scale`; without a spread the mean alone.
  public func text(scale: Double = 1, digits: Int) -> String {
    func number(_ value: Double) -> String { String(format: "%.\(digits)f", scale * value) }
    return number(mean) + (standardDeviation.map { " ± " + number($0) } ?? "")
  }
}
