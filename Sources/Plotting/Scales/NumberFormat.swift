internal import Foundation

/// Numbers as they are written in figures: true minus signs, powers of ten as superscripts.
package enum NumberFormat {
  /// A number with a fixed count of digits after the point, such as `−0.50`.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    // A rounded negative zero is zero.
    let isZero = !text.contains { $0 != "-" && $0 != "0" && $0 != "." }
    return withMinus(isZero ? text.replacingOccurrences(of: "-", with: "") : text)
  }

  /// The shortest text with at most `digits` significant digits: `0.005`, `120`, `2.5×10⁻⁷`, `10⁴`.
  package static func general(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "∞" : "\u{2212}∞" }
    guard value != 0 else { return "0" }
    let parts = String(format: "%.\(max(digits, 1) - 1)e", value).split(separator: "e")
    guard parts.count == 2, let mantissa = parts.first, let exponent = Int(parts[1]) else {
      return withMinus("\(value)")
    }
    // Whole powers of ten are shorter as such; others are easier to read written out.
    let isPower = abs(exponent) >= 4 && ["1", "-1"].contains(trimmed(String(mantissa)))
    if exponent >= -4, exponent < 5, !isPower {
      return withMinus(
        trimmed(String(format: "%.\(max(0, max(digits, 1) - 1 - exponent))f", value)))
    }
    return scientific(mantissa: trimmed(String(mantissa)), exponent: exponent)
  }

  private static func scientific(mantissa: String, exponent: Int) -> String {
    switch mantissa {
    case "1": power(exponent)
    case "-1": "\u{2212}" + power(exponent)
    default: withMinus(mantissa) + "×" + power(exponent)
    }
  }

  /// `10` with a superscript exponent.
  package static func power(_ exponent: Int) -> String {
    let superscripts: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return "10" + String("\(exponent)".map { superscripts[$0] ?? $0 })
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private static func withMinus(_ text: String) -> String {
    text.replacingOccurrences(of: "-", with: "\u{2212}")
  }
}
