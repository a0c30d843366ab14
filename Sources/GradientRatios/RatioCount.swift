package import LinearAlgebra

/// How many ratios `|(g_SAM - g_SGD) / g_SGD|` there are and how many of them are below 1, that is their logarithm below 0.
public struct RatioCount: Equatable, Sendable {
  /// Entries with a finite ratio above 0.
  public private(set) var finite = 0
  /// Those of them whose change is smaller than the gradient.
  public private(set) var belowZero = 0

  /// Nothing counted.
  package init() {}

  /// What was counted before.
  package init(finite: Int, belowZero: Int) {
    self.finite = finite
    self.belowZero = belowZero
  }

  /// Counts the entries of a range.
  package init(plain: Vector<Float>, perturbed: Vector<Float>, in range: Range<Int>) {
    for index in range {
      guard let ratio = Self.ratio(plain[index], perturbed[index]), ratio > 0 else { continue }
      finite += 1
      if ratio < 1 { belowZero += 1 }
    }
  }

  /// Share below 0; nil without any ratio.
  public var share: Double? { finite == 0 ? nil : Double(belowZero) / Double(finite) }

  /// `|(h - g) / g|`; 0 where both are equal, nil where `g` is 0 or the ratio not finite.
  static func ratio(_ g: Float, _ h: Float) -> Double? {
    guard g != 0 else { return nil }
    let ratio = abs((Double(h) - Double(g)) / Double(g))
    return ratio.isFinite ? ratio : nil
  }

  /// Counts two sets of entries together.
  package static func + (a: RatioCount, b: RatioCount) -> RatioCount {
    var sum = a
    sum.finite += b.finite
    sum.belowZero += b.belowZero
    return sum
  }
}
