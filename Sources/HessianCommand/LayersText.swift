import Analyses
import Foundation
import HessianSpectra
import Krylov

/// What `hessian layers` prints.
enum LayersText {
  static func lines(_ summary: LayersSummary, by division: LayerDivision) -> [String] {
    let width = (summary.layers.map(\.name.count).max() ?? 0) + 2
    func column(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
    }
    var lines = [
      "\(summary.source.title): \(summary.source.matrix.title) by \(division.rawValue)",
      "  " + column("layer", width) + column("parameters", 12) + column("trace", 22) + "lambda1",
    ]
    for layer in summary.layers {
      let error = layer.trace.standardError.map { " ± " + String(format: "%.2g", $0) } ?? ""
      lines.append(
        "  " + column(layer.name, width) + column("\(layer.parameters)", 12)
          + column(fourDigits(layer.trace.value) + error, 22)
          + fourDigits(layer.largest.value) + " ± "
          + boundText(layer.largest, floor: layer.arithmeticFloor)
          + (layer.largest.isConverged ? "" : "  (not converged)"))
    }
    return lines
  }
}
