internal import Foundation

/// A round step: 1, 2, 2.5 or 5 times a power of ten.
struct NiceStep: Equatable {
  let mantissa: Double
  let exponent: Int

  /// The smallest round step that is at least `length`.
  ///
  /// - Precondition: `length` is positive and finite.
  init(atLeast length: Double) {
    precondition(length > 0 && length.isFinite, "a step must be positive")
    let power = Int(log10(length).rounded(.down))
    let scaled = length / pow(10, Double(power))
    // The tolerance keeps 0.1 + 0.2 and the like from being pushed to the next step.
    for candidate in [1, 2, 2.5, 5] where scaled <= candidate * (1 + 1e-9) {
      mantissa = candidate
      exponent = power
      return
    }
    mantissa = 1
    exponent = power + 1
  }

  var value: Double { multiple(1) }

  /// `index` times the step, correctly rounded where the power of ten is exact.
  func multiple(_ index: Int) -> Double {
    exponent >= 0
      ? Double(index) * mantissa * pow(10, Double(exponent))
      : Double(index) * mantissa / pow(10, Double(-exponent))
  }

  /// The indices of the multiples that lie within `lower...upper`, allowing for rounding.
  func indices(from lower: Double, to upper: Double) -> ClosedRange<Int>? {
    let slack = 1e-9
    let first = (lower / value - slack).rounded(.up)
    let last = (upper / value + slack).rounded(.down)
    // Beyond 2^53 neighbouring multiples are not told apart.
    guard first <= last, abs(first) < 0x1p53, abs(last) < 0x1p53 else { return nil }
    return Int(first)...Int(last)
  }
}
