internal import Foundation

/// A number of a result, and where the number that it stands for may lie.
package struct MeasuredValue: Equatable, Sendable {
  /// What is known of the error.
  package enum Kind: Equatable, Sendable {
    /// There is none but rounding: a loss over the samples that were asked for.
    case exact
    /// The distance to the true number is at most this.
    case bound(Double)
    /// A random estimate with this standard error.
    case standardError(Double)
    /// The true number is not smaller, up to this.
    case atLeast(slack: Double)
    /// The true number is not larger, up to this.
    case atMost(slack: Double)
    /// Nothing.
    case unknown
  }

  /// The number as it was found.
  package let value: Double
  /// What is known of its error.
  package let kind: Kind

  /// Joins the parts.
  package init(_ value: Double, _ kind: Kind) {
    self.value = value
    self.kind = kind
  }

  /// A random estimate; one whose standard error is not known says nothing of the true number.
  package init(estimate value: Double, standardError: Double?) {
    self.init(value, standardError.map { .standardError($0) } ?? .unknown)
  }

  /// How many standard errors an estimate is believed to be from the true number: 95 % of a normal
  /// distribution.
  package static let standardErrors = 2.0

  /// Where the true number lies, both ends included; of an estimate with 95 % probability.
  ///
  /// Everything where nothing is known, and where the number or its error is NaN.
  package var range: (low: Double, high: Double) {
    let (low, high): (Double, Double) =
      switch kind {
      case .exact: (value, value)
      case .bound(let error): (value - error, value + error)
      case .standardError(let error):
        (value - Self.standardErrors * error, value + Self.standardErrors * error)
      case .atLeast(let slack): (value - slack, .infinity)
      case .atMost(let slack): (-.infinity, value + slack)
      case .unknown: (-.infinity, .infinity)
      }
    return low.isNaN || high.isNaN ? (-.infinity, .infinity) : (low, high)
  }

  /// The error as one number: a bound or one standard error; nil for others, and where there is none.
  package var error: Double? {
    switch kind {
    case .bound(let error), .standardError(let error): error
    case .exact, .atLeast, .atMost, .unknown: nil
    }
  }

  /// The number with its error, in words.
  package var text: String {
    let number = String(format: "%.7g", value)
    switch kind {
    case .exact: return number
    case .bound(let error): return "\(number) ± \(errorText(error))"
    case .standardError(let error): return "\(number) ± \(errorText(error)) (standard error)"
    case .atLeast: return "at least \(number)"
    case .atMost: return "at most \(number)"
    case .unknown: return "\(number) with an unknown error"
    }
  }
}
