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

/// Text like `2 min 5 s`.
package func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "unknown time" }
  if seconds < 10 { return String(format: "%.1f s", seconds) }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole % 3600 / 60) min"
}
