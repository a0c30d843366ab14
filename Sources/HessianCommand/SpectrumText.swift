import Analyses
import Foundation
import HessianSpectra
import Krylov

/// What `hessian spectrum` prints.
enum SpectrumText {
  static func lines(_ summary: SpectrumSummary) -> [String] {
    let result = summary.spectrum
    var lines = [
      "\(summary.source.title): \(summary.source.matrix.title), dimension \(result.dimension), "
        + "\(summary.products) products, \(result.stopReason)"
    ]
    let floor = result.errorFloor
    for (index, value) in result.largest.enumerated() {
      lines.append("  " + line("lambda\(index + 1)", value, floor))
    }
    for (index, value) in result.smallest.enumerated() {
      lines.append("  " + line(index == 0 ? "smallest" : "smallest, \(index + 1).", value, floor))
    }
    lines.append(
      "  error floor      \(error(floor)): three times the distance of two products with the first eigenvector "
        + "that are rounded differently")
    if let ratio = result.ratio {
      lines.append(
        "  lambda1/lambda5  \(number(ratio.value)) ± \(error(ratio.bound))"
          + (ratio.isConverged ? "" : "  (not converged)"))
    }
    if let trace = result.trace {
      lines.append(
        "  trace            \(number(trace.value)) ± \(error(trace.standardError ?? .nan))"
          + " (standard error)")
    }
    if let density = result.density {
      lines.append(
        "  negative mass    \(percent(density.negativeMass)) of the sum of |lambda|; "
          + "\(percent(density.negativeShare)) of the eigenvalues are below \(fourDigits(density.negativeThreshold))"
      )
      lines.append(
        "  density          Gaussian width \(fourDigits(density.gaussianWidth)); mean "
          + "\(fourDigits(density.mean.value)), trace / d \(fourDigits(density.traceOverDimension))"
      )
    }
    return lines + result.warnings.map { "  warning: \($0)" }
  }

  private static func line(_ name: String, _ value: RitzValue, _ floor: Double) -> String {
    name.padding(toLength: 16, withPad: " ", startingAt: 0) + " \(number(value.value)) ± "
      + error(max(value.residualBound, floor)) + (value.isConverged ? "" : "  (not converged)")
  }

  private static func number(_ value: Double) -> String {
    let text = String(format: "%.7g", value)
    return text.count < 12 ? text.padding(toLength: 12, withPad: " ", startingAt: 0) : text
  }

  private static func error(_ value: Double) -> String { String(format: "%.1e", value) }

  private static func percent(_ share: SpectralDensity.Estimate) -> String {
    let text = String(format: "%.2f", 100 * share.value)
    guard let error = share.standardError else { return text + " %" }
    return text + String(format: " ± %.2f %%", 100 * error)
  }
}
