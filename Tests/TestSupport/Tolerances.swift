/// Bounds on errors, each with its reason.
package enum Tolerance {
  /// Central difference with step 1e-5 in `Double`.
  ///
  /// Truncation is of order step^2 = 1e-10, rounding of order 1e-16 / step = 1e-11; both grow with
  /// higher derivatives and cancellation.
  package static let firstDifference = 1e-7
  /// Central difference of a gradient, which is itself longer chain of operations.
  package static let secondDifference = 1e-6
  /// Two exact formulas in `Double` that differ in the order of at most some thousand roundings.
  package static let exactInDouble = 1e-12
  /// Two exact formulas in `Float`, normwise.
  package static let exactInFloat = 1e-5
}

/// `||a - b|| / ||b||`, or `||a||` where `b` is zero; infinite where the lengths differ.
///
/// All entries count, and NaN anywhere gives NaN, which passes no comparison with a bound.
package func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var difference = 0.0
  var scale = 0.0
  for (x, y) in zip(a, b) {
    difference += (x - y) * (x - y)
    scale += y * y
  }
  return scale == 0 ? difference.squareRoot() : (difference / scale).squareRoot()
}

/// Dot product, in order.
package func dot(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "lengths \(a.count) and \(b.count) differ")
  return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}
