package import Artifacts
package import GradientRatios
package import Training

/// What `summary.json` of gradient ratios holds for each model.
package struct RatioSummary: Codable, Equatable, Sendable {
  /// The ratios of some of the parameters.
  package struct Part: Codable, Equatable, Sendable {
    /// Name of a tensor, or `inside` and `outside` of a mask.
    package let name: String
    /// Number of parameters.
    package let parameters: Int
    /// Those with a finite ratio.
    package let finite: Int
    /// Those with `g_SGD = 0`.
    package let zeroGradients: Int
    /// Those with `g_SGD != 0` and equal gradients.
    package let equalGradients: Int
    /// Share of the finite ratios below 0.
    package let shareBelowZero: Double
    /// nil where no ratio is finite.
    package let median: Double?
    /// Share below 0 of each batch's own gradients, over the batches; nil where no ratio is finite.
    package let batches: Spread?

    /// Takes the numbers of a part from its histogram, and those of single batches.
    init(
      name: String, parameters: Int, histogram: RatioHistogram, batches: [RatioCount] = []
    ) {
      self.batches = Spread(batches.compactMap(\.share))
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
  package struct MaskParts: Codable, Equatable, Sendable {
    /// Checkpoint that holds the mask.
    package let path: String
    /// Parameters that the mask lets be perturbed.
    package let inside: Part
    /// All others.
    package let outside: Part
  }

  /// How the result came about.
  package let provenance: Provenance
  /// Name of the network.
  package let architecture: String
  /// Number of its parameters.
  package let parameters: Int
  /// Radius of the perturbation.
  package let rho: Double
  /// Samples that share a perturbation.
  package let batchSize: Int
  /// Samples that were used.
  package let samples: Int
  /// Mean loss at the weights.
  package let loss: Double
  /// Norm of the plain gradient.
  package let plainNorm: Double
  /// Norm of that of SAM.
  package let perturbedNorm: Double
  /// Norm of their difference.
  package let differenceNorm: Double
  /// The ratios of all parameters.
  package let histogram: RatioHistogram
  /// Share below 0 of each batch's own gradients, over the batches; nil where no ratio is finite.
  package let batches: Spread?
  /// The ratios of each tensor.
  package let layers: [Part]
  /// nil where no mask is known.
  package let mask: MaskParts?

  /// Name for legends: the model's file.
  package var title: String { provenance.models.first?.title ?? "" }

  /// The bins as a table, under- and overflow as rows without an edge.
  package var table: CSVTable {
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
