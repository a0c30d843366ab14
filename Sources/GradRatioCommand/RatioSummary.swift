import Artifacts
import Foundation
import GradientRatios

/// What `summary.json` of a run holds, one for each model.
struct RatioSummary: Codable {
  /// The ratios of one tensor.
  struct Layer: Codable {
    let name: String
    let parameters: Int
    let finite: Int
    let zeroGradients: Int
    let equalGradients: Int
    let shareBelowZero: Double
    /// nil where no ratio is finite.
    let median: Double?
  }

  let provenance: Provenance
  let architecture: String
  let parameters: Int
  let rho: Double
  let batchSize: Int
  let samples: Int
  let loss: Double
  /// Norms of the plain gradient, of that of SAM, and of their difference.
  let plainNorm: Double
  let perturbedNorm: Double
  let differenceNorm: Double
  let histogram: RatioHistogram
  let layers: [Layer]

  /// Name for legends: the model's file.
  var title: String {
    URL(filePath: provenance.models.first?.path ?? "").deletingPathExtension().lastPathComponent
  }

  /// One line for the terminal.
  var line: String {
    let h = histogram
    return "\(title) (\(architecture)): \(String(format: "%.2f", 100 * h.shareBelowZero)) % of "
      + "\(h.finite) ratios below 0, median \(h.median.map { String(format: "%.3f", $0) } ?? "none"); "
      + "g_SGD = 0 for \(h.zeroGradients), equal gradients for \(h.equalGradients)"
  }

  /// The bins as a table, under- and overflow as rows without an edge.
  var table: CSVTable {
    var table = CSVTable(columns: ["lower", "upper", "count"])
    table.append(["-inf", CSVTable.cell(histogram.edges[0]), CSVTable.cell(histogram.underflow)])
    for (index, count) in histogram.counts.enumerated() {
      table.append([
        CSVTable.cell(histogram.edges[index]), CSVTable.cell(histogram.edges[index + 1]),
        CSVTable.cell(count),
      ])
    }
    table.append([
      CSVTable.cell(histogram.edges[histogram.counts.count]), "inf",
      CSVTable.cell(histogram.overflow),
    ])
    return table
  }
}
