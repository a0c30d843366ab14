import Analyses
import Artifacts
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
        + (summary.source.provenance.distribution.map { "; \($0.text)" } ?? "")
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
    if let subsets = summary.subsets { lines += self.lines(subsets) }
    return lines + result.warnings.map { "  warning: \($0)" }
  }

  /// How every network differs from the first one, where they were measured on the same parts.
  static func differences(_ summaries: [SpectrumSummary]) -> [String] {
    guard let first = summaries.first else { return [] }
    return summaries.dropFirst().flatMap { summary -> [String] in
      guard let difference = SpectrumDifference(of: summary, from: first) else { return [] }
      return ["\(summary.source.title) minus \(first.source.title), over the same parts:"]
        + difference.estimates.map { estimate in
          let mean = estimate.difference.mean
          return "  " + estimate.name.padding(toLength: 16, withPad: " ", startingAt: 0)
            + " \(fourDigits(mean)) ± \(error(estimate.difference.standardError)), 95 % interval "
            + "\(fourDigits(mean - estimate.margin)) to \(fourDigits(mean + estimate.margin)): "
            + (estimate.isDifference ? "they differ" : "no difference is shown")
        }
    }
  }

  /// The spread over parts of the samples.
  private static func lines(_ spread: SubsetSpread) -> [String] {
    let rows = [
      ("lambda1", spread.lambda1), ("lambda1/lambda5", spread.ratio), ("trace", spread.trace),
    ]
    return [
      "  over \(spread.subsets.count) disjoint parts of \(spread.subsets[0].samples) samples, mean ± standard "
        + "error (lambda1 of fewer samples is larger on average):"
    ]
      + rows.compactMap { name, estimate in
        estimate.map {
          "    " + name.padding(toLength: 16, withPad: " ", startingAt: 0)
            + " \(fourDigits($0.mean)) ± \(error($0.standardError)), from \(fourDigits($0.smallest)) to "
            + fourDigits($0.largest)
        }
      }
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
