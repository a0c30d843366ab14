internal import Foundation

/// A labelled mark on an axis.
package struct Tick: Sendable, Equatable {
  package let value: Double
  package let label: String
}

/// The marks of one axis.
package struct Ticks: Sendable, Equatable {
  /// Labelled marks, ascending.
  package let major: [Tick]
  /// Unlabelled marks, ascending.
  package let minor: [Double]

  /// At most `maximumCount` labelled ticks at round values within the scale.
  package init(_ normalization: Normalization, maximumCount: Int) {
    switch normalization.kind {
    case .linear:
      self = Self.linear(normalization, maximumCount)
    case .logarithmic:
      self = Self.logarithmic(normalization, maximumCount)
    case .symmetricLogarithmic(let threshold):
      self = Self.symmetric(normalization, threshold: threshold, maximumCount)
    }
  }

  init(major: [Tick], minor: [Double] = []) {
    self.major = major
    self.minor = minor
  }

  // MARK: - Linear

  private static func linear(_ scale: Normalization, _ maximumCount: Int) -> Ticks {
    // Rounding can leave one tick more than span / step says, so widen until the count fits.
    var length = (scale.upper - scale.lower) / Double(max(maximumCount, 1))
    for _ in 0..<6 {
      guard length > 0 else { break }
      let step = NiceStep(atLeast: length)
      guard let indices = step.indices(from: scale.lower, to: scale.upper) else { break }
      if indices.count <= max(maximumCount, 1) {
        return Ticks(major: labelled(indices.map(step.multiple), step: step))
      }
      length = step.value * 1.01
    }
    // A span below the resolution of its bounds: name the bounds themselves.
    return Ticks(
      major: [scale.lower, scale.upper].map { Tick(value: $0, label: "\($0)") })
  }

  private static func labelled(_ values: [Double], step: NiceStep) -> [Tick] {
    let largest = values.map(abs).max() ?? 0
    let needsPower = largest >= 1e5 || (largest > 0 && largest < 1e-3)
    return values.map { value in
      let label =
        if value == 0 {
          "0"
        } else if needsPower {
          NumberFormat.scientific(
            value, digits: Int(log10(abs(value)).rounded(.down)) + step.significantTail)
        } else {
          NumberFormat.fixed(value, decimals: step.decimals)
        }
      return Tick(value: value, label: label)
    }
  }

  // MARK: - Logarithmic

  private static func logarithmic(_ scale: Normalization, _ maximumCount: Int) -> Ticks {
    let maximum = max(maximumCount, 1)
    let first = Int(log10(scale.lower).rounded(.down))
    let last = Int(log10(scale.upper).rounded(.up))
    func values(_ mantissas: [Double], every stride: Int) -> [Double] {
      var values: [Double] = []
      for exponent in first...last where exponent.isMultiple(of: stride) {
        for mantissa in mantissas {
          let value = decimal(mantissa, exponent)
          if value >= scale.lower * (1 - 1e-9), value <= scale.upper * (1 + 1e-9) {
            values.append(value)
          }
        }
      }
      return values
    }
    let plain = first >= -4 && last <= 5
    func ticks(_ values: [Double], minor: [Double]) -> Ticks {
      let labelled = Set(values)
      return Ticks(
        major: values.map { value in
          Tick(value: value, label: logLabel(value, plain: plain))
        }, minor: minor.filter { !labelled.contains($0) })
    }
    let decades = values([1], every: 1)
    let all = (last - first) <= 12 ? values([1, 2, 3, 4, 5, 6, 7, 8, 9], every: 1) : decades
    if decades.count <= 3 {
      for mantissas: [Double] in [[1, 2, 5], [1, 3]] {
        let candidate = values(mantissas, every: 1)
        // Decades alone read best; finer labels only where decades are too few.
        if decades.count < 3, candidate.count >= 2, candidate.count <= maximum {
          return ticks(candidate, minor: all)
        }
      }
    }
    if decades.count < 2 {
      let fallback = linear(scale, maximum)
      return Ticks(major: fallback.major.filter { $0.value > 0 }, minor: all)
    }
    var stride = 1
    while values([1], every: stride).count > maximum, stride <= last - first { stride += 1 }
    return ticks(values([1], every: stride), minor: stride == 1 ? all : decades)
  }

  private static func logLabel(_ value: Double, plain: Bool) -> String {
    if plain { return NumberFormat.general(value) }
    let exponent = Int(log10(value).rounded(.down))
    for candidate in exponent...(exponent + 1) where decimal(1, candidate) == value {
      return NumberFormat.power(candidate)
    }
    let factor = (value / pow(10, Double(exponent))).rounded()
    return "\(Int(factor))×" + NumberFormat.power(exponent)
  }

  // MARK: - Symmetric logarithmic

  private static func symmetric(
    _ scale: Normalization, threshold: Double, _ maximumCount: Int
  ) -> Ticks {
    let top = max(abs(scale.lower), abs(scale.upper))
    // The first decade at or above the threshold; below it the scale is nearly linear.
    let first = Int((log10(threshold) - 1e-9).rounded(.up))
    let last = max(first, Int((log10(top) + 1e-9).rounded(.down)))
    func values(every stride: Int) -> [Double] {
      let positive = Swift.stride(from: last, through: first, by: -stride).reversed()
        .map { decimal(1, $0) }
      return (positive.reversed().map(-) + [0] + positive).filter(scale.contains)
    }
    var stride = 1
    while values(every: stride).count > max(maximumCount, 1), stride <= last - first {
      stride += 1
    }
    let chosen = values(every: stride)
    guard chosen.count >= 2 else { return linear(scale, maximumCount) }
    let plain = first >= -4 && last <= 4
    let labelled = Set(chosen)
    return Ticks(
      major: chosen.map { value in
        let sign = value < 0 ? "\u{2212}" : ""
        return Tick(
          value: value, label: value == 0 ? "0" : sign + logLabel(abs(value), plain: plain))
      }, minor: values(every: 1).filter { !labelled.contains($0) })
  }

  /// `mantissa × 10^exponent`, divided rather than multiplied for negative exponents.
  static func decimal(_ mantissa: Double, _ exponent: Int) -> Double {
    exponent >= 0 ? mantissa * pow(10, Double(exponent)) : mantissa / pow(10, Double(-exponent))
  }
}

extension NiceStep {
  /// Significant digits behind the step's leading one, counted from the units digit of its power.
  fileprivate var significantTail: Int { 1 - exponent + (mantissa == 2.5 ? 1 : 0) }
}
