public import Artifacts
public import GradientRatios
public import Training

/// What `summary.json` of gradient ratios holds for each model.
public struct RatioSummary: Codable, Equatable, Sendable {
  /// The ratios of some of the parameters.
  public struct Part: Codable, Equatable, Sendable {
    /// Name of a tensor, or `inside` and `outside` of a mask.
    public let name: String
    /// Number of parameters.
    public let parameters: Int
    /// Those with a finite ratio.
    public let finite: Int
    /// Those with `g_SGD = 0`.
    public let zeroGradients: Int
    /// Those with `g_SGD != 0` and equal gradients.
    public let equalGradients: Int
    /// Share of the finite ratios below 0.
    public let shareBelowZero: Double
    /// nil where no ratio is finite.
    public let median: Double?
    /// Share below 0 of each batch's own gradients, over the batches; nil where no ratio is finite.
    public let batches: Spread?

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
  public struct MaskParts: Codable, Equatable, Sendable {
    /// Checkpoint that holds the mask.
    public let path: String
    /// Parameters that the mask lets be perturbed.
    public let inside: Part
    /// All others.
    public let outside: Part
  }

  /// How the result came about.
  public let provenance: Provenance
  /// Name of the network.
  public let architecture: String
  /// Number of its parameters.
  public let parameters: Int
  /// Radius of the perturbation.
  public let rho: Double
  /// Samples that share a perturbation.
  public let batchSize: Int
  /// Samples that were used.
  public let samples: Int
  /// Mean loss at the weights.
  public let loss: Double
  /// Norm of the plain gradient.
  public let plainNorm: Double
  /// Norm of that of SAM.
  public let perturbedNorm: Double
  /// Norm of their difference.
  public let differenceNorm: Double
  /// The ratios of all parameters.
  public let histogram: RatioHistogram
  /// Share below 0 of each batch's own gradients, over the batches; nil where no ratio is finite.
  public let batches: Spread?
  /// The ratios of each tensor.
  public let layers: [Part]
  /// nil where no mask is known.
  public let mask: MaskParts?

  /// Name for legends: the model's file.
  public var title: String { provenance.models.first?.title ?? "" }

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
