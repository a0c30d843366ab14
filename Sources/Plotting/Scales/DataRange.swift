internal import Foundation

/// Which kind of scale and which bounds show a set of values best.
struct DataRange: Equatable {
  let kind: ScaleKind
  let lower: Double
  let upper: Double

  /// Ratio of highest to lowest value above which a linear scale hides the low part.
  static let logarithmicRatio = 50.0

  /// Decades a logarithmic scale may span below the highest value; lower values get the arrow.
  static let maximumDecades = 9.0

  /// Chooses from the finite members of `values`; 0 to 1 for none.
  init(_ values: [Double]) {
    let finite = values.filter(\.isFinite)
    guard let lowest = finite.min(), let highest = finite.max() else {
      self.init(.linear, 0, 1)
      return
    }
    let magnitudes = finite.map(abs).filter { $0 > 0 }.sorted()
    guard let least = magnitudes.first, let most = magnitudes.last else {
      self.init(.linear, lowest, highest)
      return
    }
    // Divide before comparing: highest / lowest of extreme numbers may overflow to infinity, which
    // still compares as it should.
    if lowest > 0 {
      guard highest / lowest > Self.logarithmicRatio else {
        self.init(.linear, lowest, highest)
        return
      }
      let top = Self.trimmedTop(magnitudes)
      let floor = top * pow(10, -Self.maximumDecades)
      self.init(.logarithmic, max(lowest, floor), top)
    } else if lowest >= 0 || highest <= 0 {
      // One sign and zeros: show decades down to the least magnitude.
      if most / least > Self.logarithmicRatio {
        let threshold = max(least, most * pow(10, -Self.maximumDecades))
        self.init(.symmetricLogarithmic(threshold: threshold), lowest, highest)
      } else {
        self.init(.linear, lowest, highest)
      }
    } else {
      let typical = magnitudes[magnitudes.count / 4]
      if most / typical > 4 * Self.logarithmicRatio {
        self.init(.symmetricLogarithmic(threshold: typical), lowest, highest)
      } else {
        self.init(.linear, lowest, highest)
      }
    }
  }

  private init(_ kind: ScaleKind, _ lower: Double, _ upper: Double) {
    self.kind = kind
    self.lower = lower
    self.upper = upper
  }

  /// The highest magnitude, or less where a few corners exceed all others ten-thousandfold.
  private static func trimmedTop(_ sorted: [Double]) -> Double {
    let highest = sorted[sorted.count - 1]
    let common = sorted[sorted.count * 9 / 10]
    return highest / common > 1e4 ? common * 100 : highest
  }

  /// Whether the bounds differ by enough to tell levels between them apart.
  static func isResolved(_ lower: Double, _ upper: Double) -> Bool {
    upper - lower > 1e-12 * max(abs(lower), abs(upper))
  }

  /// Bounds around a constant.
  static func padded(_ value: Double, isPositive: Bool) -> (Double, Double) {
    let margin = value == 0 ? 1 : abs(value) * 0.05
    let (lower, upper) = (value - margin, value + margin)
    // At the very ends of the floating-point range the margin would vanish or overflow.
    guard lower < upper, lower.isFinite, upper.isFinite, !isPositive || lower > 0 else {
      return isPositive ? (0.5, 2) : (-1, 1)
    }
    return (lower, upper)
  }
}
