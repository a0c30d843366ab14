import Analyses
import CommandSupport
import Foundation
import Krylov

/// What `landscape curvature` prints.
enum CurvatureText {
  static func lines(_ summary: CurvatureMapSummary) -> [String] {
    var lines = [summary.source.title]
    func add(_ name: String, _ text: String) {
      lines.append("  " + name.padding(toLength: 17, withPad: " ", startingAt: 0) + text)
    }
    func text(_ point: CurvatureMapSummary.Point) -> String {
      "\(fourDigits(point.ratio)) at (\(fourDigits(point.x)), \(fourDigits(point.y))): λmax "
        + "\(value(point.largest, summary)), λmin \(value(point.smallest, summary)), loss "
        + fourDigits(point.loss)
    }
    if let center = summary.center { add("ratio at centre", text(center)) }
    if let least = summary.smallestRatio { add("smallest ratio", text(least)) }
    if let most = summary.largestRatio { add("largest ratio", text(most)) }
    add(
      "bounds",
      "at most \(fourDigits(100 * summary.largestBoundShare)) % of λmax, "
        + "\(fourDigits(100 * summary.smallestBoundShare)) % of λmin")
    add("exactness", summary.exactness)
    add(
      "products",
      "\(summary.products), \(durationText(summary.evaluationSeconds))")
    return lines
  }

  private static func value(_ value: RitzValue, _ summary: CurvatureMapSummary) -> String {
    "\(fourDigits(value.value)) ± \(boundText(value, floor: summary.errorFloor))"
      + (value.isConverged ? "" : " (not converged)")
  }
}
