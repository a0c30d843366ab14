import Artifacts
import Foundation
import GradientRatios

/// What `summary.json` of a run holds, one for each model.
struct RatioSummary: Codable {
  /// The ratios of some of the parameters.
  struct Part: Codable {
    /// Name of a tensor, or `inside` and `outside` of a mask.
    let name: String
    let parameters: Int
    let finite: Int
    let zeroGradients: Int
    let equalGradients: Int
    let shareBelowZero: Double
    /// nil where no ratio is finite.
    let median: Double?

    /// Takes the numbers of a part from its histogram.
    init(name: String, parameters: Int, histogram: RatioHistogram) {
      self.name = name
      self.parameters = parameters
      finite = histogram.finite
      zeroGradients = histogram.zeroGradients
      equalGradients = histogram.equalGradients
      shareBelowZero = histogram.shareBelowZero
      median = histogram.median
    }
  }

  /// The ratios on both sides of a perturbation mask.
  struct MaskParts: Codable {
    /// Checkpoint that holds the mask.
    let path: String
    /// Parameters that the mask lets be perturbed.
    let inside: Part
    let outside: Part
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
  let layers: [Part]
  /// nil where no mask is known.
  let mask: MaskParts?

  /// Name for legends: the model's file.
  var title: String { provenance.models.first?.title ?? "" }

  /// Checkpoint and digest, for the metadata of figures.
  var source: String {
    provenance.models.first.map {
      "\(URL(filePath: $0.path).lastPathComponent) sha256:\($0.sha256)"
    } ?? ""
  }

  /// One line for the terminal, and one for the mask if there is one.
  var lines: [String] {
    let h = histogram
    let whole =
      "\(title) (\(architecture)): \(Self.percent(h.shareBelowZero)) of \(h.finite) ratios below "
      + "0, median \(Self.text(h.median)); g_SGD = 0 for \(h.zeroGradients), equal gradients for "
      + "\(h.equalGradients)"
    guard let mask else { return [whole] }
    let parts = [mask.inside, mask.outside].map {
      "\($0.name) \(Self.percent($0.shareBelowZero)) of \($0.finite) below 0, median "
        + Self.text($0.median)
    }
    return [
      whole,
      "  mask of \(mask.path) (\(mask.inside.parameters) of \(parameters)): "
        + parts.joined(separator: "; "),
    ]
  }

  static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

  static func text(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "none"
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
