internal import Foundation

/// The values at which contour lines run and the colour of a filled contour changes.
package struct Levels: Sendable, Equatable {
  /// Ascending, finite, at least two: the first is at or below the lowest value shown, the last at
  /// or above the highest.
  package let values: [Double]

  /// Levels as given by a user.
  ///
  /// - Throws: `PlottingError.invalidScale` unless they are two or more finite ascending numbers.
  package init(_ values: [Double]) throws(PlottingError) {
    guard values.count >= 2, values.allSatisfy(\.isFinite),
      zip(values, values.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw .invalidScale("contour levels must be two or more finite ascending numbers")
    }
    self.values = values
  }

  /// Round levels that enclose `lower...upper`.
  ///
  /// Linear: multiples of 1, 2, 2.5 or 5 times a power of ten. Logarithmic: some of
  /// 1, 1.5, 2, 3, 5, 7 in each decade, or whole decades, whichever set comes nearest to `count`.
  /// Symmetric logarithmic: zero and the same on both sides of it.
  ///
  /// - Throws: `PlottingError.invalidScale` where the bounds do not suit the kind.
  package init(
    _ kind: ScaleKind, from lower: Double, to upper: Double, count: Int = 14
  ) throws(PlottingError) {
    _ = try Normalization(kind, from: lower, to: upper)
    let wanted = min(max(count, 2), 60)
    switch kind {
    case .linear:
      try self.init(Self.linear(lower, upper, wanted))
    case .logarithmic:
      try self.init(Self.logarithmic(lower, upper, wanted))
    case .symmetricLogarithmic(let threshold):
      try self.init(Self.symmetric(lower, upper, threshold, wanted))
    }
  }

  private static func linear(_ lower: Double, _ upper: Double, _ count: Int) -> [Double] {
    let step = NiceStep(atLeast: (upper - lower) / Double(count))
    let first = (lower / step.value + 1e-9).rounded(.down)
    let last = (upper / step.value - 1e-9).rounded(.up)
    guard last > first, abs(first) < 0x1p53, abs(last) < 0x1p53 else { return [lower, upper] }
    let values = (Int(first)...Int(last)).map(step.multiple)
    return values.allSatisfy(\.isFinite) ? values : [lower, upper]
  }

  private static let mantissaSets: [[Double]] = [
    [1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7],
    [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
  ]

  private static func logarithmic(_ lower: Double, _ upper: Double, _ count: Int) -> [Double] {
    let first = Int(log10(lower).rounded(.down)) - 1
    let last = Int(log10(upper).rounded(.up)) + 1
    var candidates = mantissaSets.map { mantissas in
      (first...last).flatMap { exponent in mantissas.map { Ticks.decimal($0, exponent) } }
    }
    for stride in 2...max(2, (last - first) / 2) {
      candidates.append(
        ((first - stride)...(last + stride)).filter { $0.isMultiple(of: stride) }
          .map { Ticks.decimal(1, $0) })
    }
    let enclosing = candidates.map { enclose($0.filter { $0 > 0 && $0.isFinite }, lower, upper) }
    let best = enclosing.min { abs($0.count - 1 - count) < abs($1.count - 1 - count) }
    return best ?? [lower, upper]
  }

  private static func symmetric(
    _ lower: Double, _ upper: Double, _ threshold: Double, _ count: Int
  ) -> [Double] {
    let top = max(abs(lower), abs(upper))
    let least = min(threshold, top / 2)
    let sides = lower < 0 && upper > 0 ? 2 : 1
    let positive = logarithmic(least, top, max(2, count / sides))
    return enclose(positive.reversed().map(-) + [0] + positive, lower, upper)
  }

  /// The candidates within the range and one beyond each end unless it is met exactly.
  private static func enclose(
    _ candidates: [Double], _ lower: Double, _ upper: Double
  ) -> [Double] {
    let before = candidates.lastIndex { $0 <= lower * (lower > 0 ? 1 + 1e-9 : 1 - 1e-9) }
    let after = candidates.firstIndex { $0 >= upper * (upper > 0 ? 1 - 1e-9 : 1 + 1e-9) }
    guard let before, let after, before < after else { return [lower, upper] }
    return Array(candidates[before...after])
  }
}
