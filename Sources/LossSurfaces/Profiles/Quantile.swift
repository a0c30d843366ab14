/// Quantiles of a few numbers, linear between them: with n numbers in order, share q lies at place `q (n - 1)`
/// (type 7 of Hyndman and Fan 1996).
///
/// What is not a number counts as infinite: a loss that is NaN is larger than all others.
package struct Quantile: Sendable {
  private let ordered: [Double]

  /// Takes the numbers.
  ///
  /// - Precondition: There is at least one.
  /// - Complexity: O(n log n).
  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "no numbers have no quantile")
    ordered = values.map { $0.isNaN ? .infinity : $0 }.sorted()
  }

  /// The quantile of a share between 0 and 1; infinite where one of the two numbers around it is.
  package func value(_ share: Double) -> Double {
    let place = share * Double(ordered.count - 1)
    let below = min(Int(place), ordered.count - 1)
    let part = place - Double(below)
    guard part > 0 else { return ordered[below] }
    return ordered[below].isFinite && ordered[below + 1].isFinite
      ? ordered[below] * (1 - part) + ordered[below + 1] * part : .infinity
  }
}
