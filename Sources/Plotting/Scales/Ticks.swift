internal import Foundation

/// A labelled mark on an axis.
package struct Tick: Sendable, Equatable {
  package let value: Double
  package let label: String

  package init(value: Double, label: String) {
    self.value = value
    self.label = label
  }
}

/// The marks of one axis.
package struct Ticks: Sendable, Equatable {
  /// Labelled marks, ascending.
  package let major: [Tick]
  /// Unlabelled marks, ascending.
  package let minor: [Double]
  /// The power of ten that all labels leave out; the axis title names it.
  package let exponent: Int

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

  init(major: [Tick], minor: [Double] = [], exponent: Int = 0) {
    self.major = major
    self.minor = minor
    self.exponent = exponent
  }

  /// Ticks on as many of the evenly spaced `levels` as `maximumCount` allows, zero among them if it
  /// is a level; `nil` where the levels are not multiples of one step.
  init?(levels: [Double], maximumCount: Int) {
    guard levels.count > 3 else { return nil }
    // The outermost levels may be limits that were asked for, not multiples.
    let step = levels[2] - levels[1]
    let multiples = levels.filter { abs($0 / step - ($0 / step).rounded()) < 1e-6 }
    guard multiples.count >= levels.count - 2,
      zip(multiples, multiples.dropFirst()).allSatisfy({ abs(($1 - $0) / step - 1) < 1e-6 }),
      let stride = [1, 2, 4, 5, 10, 20].first(where: { stride in
        Self.every(stride, of: multiples, step: step).count <= maximumCount
      })
    else { return nil }
    let chosen = Self.every(stride, of: multiples, step: step)
    guard chosen.count >= 2 else { return nil }
    self = Self.labelled(chosen, minor: levels.filter { !chosen.contains($0) })
  }

  private static func every(_ stride: Int, of values: [Double], step: Double) -> [Double] {
    values.filter { ($0 / step).rounded().truncatingRemainder(dividingBy: Double(stride)) == 0 }
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
        return labelled(indices.map(step.multiple))
      }
      length = step.value * 1.01
    }
    // A span below the resolution of its bounds: name the bounds themselves.
    return Ticks(
      major: [scale.lower, scale.upper].map { Tick(value: $0, label: "\($0)") })
  }

  /// Labels with as many decimals as tell all values exactly, for very large or small ones in
  /// units of a common power of ten.
  private static func labelled(_ values: [Double], minor: [Double] = []) -> Ticks {
    let largest = values.map(abs).max() ?? 0
    let step = zip(values, values.dropFirst()).map { $1 - $0 }.min() ?? largest
    // Numbers with many equal leading digits are clearer written out.
    let isLarge = largest >= 1e5 && step > 1e-5 * largest
    let needsPower = isLarge || (largest > 0 && largest < 1e-3)
    let exponent = needsPower ? Int(log10(largest).rounded(.down)) : 0
    func scaled(_ value: Double) -> Double {
      // In two steps where the power itself would overflow.
      exponent < -300
        ? value * 1e300 * pow(10, Double(-exponent - 300)) : value / pow(10, Double(exponent))
    }
    let shownValues = values.map(scaled)
    let tolerance = 1e-3 * scaled(step)
    let decimals =
      (0...16).first { digits in
        let unit = pow(10, Double(-digits))
        return shownValues.allSatisfy { value in
          abs(value - (value / unit).rounded() * unit) <= tolerance
        }
      } ?? 16
    let major = zip(values, shownValues).map { value, shown in
      Tick(value: value, label: value == 0 ? "0" : NumberFormat.fixed(shown, decimals: decimals))
    }
    return Ticks(major: major, minor: minor, exponent: exponent)
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
    // Written out where no tick needs more digits than 0.001 or 1000.
    let plain = scale.lower > 1.001e-4 && scale.upper < 10_000
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
        if decades.count < 3, candidate.count >= 3, candidate.count <= maximum {
          return ticks(candidate, minor: all)
        }
      }
    }
    if decades.count < 2 {
      let fallback = linear(scale, maximum)
      return Ticks(
        major: fallback.major.filter { $0.value > 0 }, minor: all, exponent: fallback.exponent)
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
    let plain = first >= -3 && last <= 3
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
