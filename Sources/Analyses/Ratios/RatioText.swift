internal import Foundation

/// Numbers of ratios in words, the same for captions and terminals.
package enum RatioText {
  /// A share in percent.
  package static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

  /// A ratio, where there is one.
  package static func ratio(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "none"
  }
}
