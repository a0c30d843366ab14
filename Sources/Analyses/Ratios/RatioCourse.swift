public import Artifacts
public import NeuralNetworks
public import Training

/// The share of gradient ratios below 0 over trainings: what `summary.json` of a course holds.
public struct RatioCourse: Codable, Equatable, Sendable {
  /// The ratios of one checkpoint, with one kind of statistics for batch norms.
  public struct Point: Codable, Equatable, Sendable {
    /// The file.
    public let path: String
    /// SHA-256 of the file.
    public let sha256: String
    /// Its epoch, number or place.
    public let number: Int
    /// Which statistics batch norms used; nil for networks without any.
    public let batchNorm: NormalizationMode?
    /// Mean loss at the weights.
    public let loss: Double
    /// Share below 0 of the ratios of the gradients over all batches; nil where no ratio is finite.
    public let shareBelowZero: Double?
    /// Share below 0 of each batch's own gradients, over the batches.
    public let batches: Spread?
    /// The same for each tensor.
    public let layers: [Spread?]
  }

  /// One training.
  public struct Run: Codable, Equatable, Sendable {
    /// Name of the training.
    public let name: String
    /// Its checkpoints in order, each with all kinds of statistics.
    public let points: [Point]
  }

  /// `course`.
  public let kind: String
  /// How the result came about; its network is the last of the first training.
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
  /// What the numbers of the points are.
  public let numbering: TrajectorySummary.Numbering
  /// Names of the tensors of `layers`.
  public let layers: [String]
  /// The trainings.
  public let runs: [Run]

  /// Name for titles: the trainings and their architecture.
  public var title: String {
    runs.map(\.name).joined(separator: " and ") + " (\(architecture))"
  }

  /// The shares as a table: a row for the network and one for each tensor of every point.
  package var table: CSVTable {
    var table = CSVTable(
      columns: [
        "run", "number", "batch norm", "part", "loss", "share below 0 of all batches",
        "mean of batches",
        "standard deviation", "batches",
      ])
    func cell(_ value: Double?) -> String { value.map { CSVTable.cell($0) } ?? "" }
    for run in runs {
      for point in run.points {
        func add(_ part: String, _ spread: Spread?, share: Double?) {
          table.append([
            run.name, "\(point.number)", point.batchNorm?.rawValue ?? "none", part,
            CSVTable.cell(point.loss), cell(share), cell(spread?.mean),
            cell(spread?.standardDeviation), "\(spread?.count ?? 0)",
          ])
        }
        add("all", point.batches, share: point.shareBelowZero)
        for (name, spread) in zip(layers, point.layers) { add(name, spread, share: nil) }
      }
    }
    return table
  }
}
