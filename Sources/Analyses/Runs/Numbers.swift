package import Krylov
internal import Foundation

/// A number with four significant digits.
package func fourDigits(_ value: Double) -> String { String(format: "%.4g", value) }

/// A residual bound, at least the error of the products where that is known already.
package func boundText(_ value: RitzValue, floor: Double = 0) -> String {
  String(format: "%.1e", max(value.residualBound, floor, Double(Float.ulpOfOne) * abs(value.value)))
}

/// A standard error with two significant digits.
package func errorText(_ value: Double) -> String { String(format: "%.2g", value) }
