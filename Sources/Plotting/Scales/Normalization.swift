internal import Foundation

/// How values are spread over an axis or a colour bar.
package enum ScaleKind: Sendable, Equatable {
  case linear
  case logarithmic
  /// `sign(v) log10(1 + |v| / threshold)`: about linear within the threshold, logarithmic beyond.
  case symmetricLogarithmic(threshold: Double)

  /// The value in the space where the scale is uniform; −∞ for a value ≤ 0 on a logarithmic scale.
  func transform(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .logarithmic: value > 0 ? log10(value) : value.isNaN ? .nan : -.infinity
    case .symmetricLogarithmic(let threshold):
      // log1p keeps the accuracy near zero.
      value < 0 ? -log1p(-value / threshold) / log(10) : log1p(value / threshold) / log(10)
    }
  }

  /// The value whose transform is `position`.
  func inverse(_ position: Double) -> Double {
    switch self {
    case .linear: position
    case .logarithmic: pow(10, position)
    case .symmetricLogarithmic(let threshold):
      position < 0
        ? -threshold * expm1(-position * log(10)) : threshold * expm1(position * log(10))
    }
  }
}

/// A range of values mapped onto 0...1.
package struct Normalization: Sendable, Equatable {
  package let kind: ScaleKind
  package let lower: Double
  package let upper: Double

  /// Checks that the range can be shown on such a scale.
  ///
  /// - Throws: `PlottingError.invalidScale` unless the bounds are finite and ascending, positive for
  ///   a logarithmic scale, and the threshold of a symmetric one is positive.
  package init(_ kind: ScaleKind, from lower: Double, to upper: Double) throws(PlottingError) {
    guard lower.isFinite, upper.isFinite, lower < upper else {
      throw .invalidScale(
        "a scale needs a finite lower bound below its upper bound, got \(lower) to \(upper)")
    }
    switch kind {
    case .linear:
      guard (upper - lower).isFinite else {
        throw .invalidScale("the range \(lower) to \(upper) is too wide for a linear scale")
      }
    case .logarithmic:
      guard lower > 0 else {
        throw .invalidScale(
          "a logarithmic scale needs positive bounds, got \(lower) to \(upper); "
            + "use a symmetric logarithmic or a linear scale")
      }
    case .symmetricLogarithmic(let threshold):
      guard threshold > 0, threshold.isFinite else {
        throw .invalidScale("the threshold of a symmetric log scale must be positive")
      }
    }
    self.kind = kind
    self.lower = lower
    self.upper = upper
  }

  /// Where `value` lies: 0 at the lower bound, 1 at the upper one, not limited to them.
  ///
  /// NaN for NaN, −∞ for a value ≤ 0 on a logarithmic scale.
  package func fraction(of value: Double) -> Double {
    let (low, high) = (kind.transform(lower), kind.transform(upper))
    return (kind.transform(value) - low) / (high - low)
  }

  /// The value at `fraction` of the scale.
  package func value(at fraction: Double) -> Double {
    let (low, high) = (kind.transform(lower), kind.transform(upper))
    return kind.inverse(low + fraction * (high - low))
  }

  func contains(_ value: Double) -> Bool { value >= lower && value <= upper }
}
