package import Artifacts
public import HessianSpectra
internal import Krylov

/// What `layers.json` holds.
public struct LayersSummary: Codable, Equatable, Sendable {
  /// `layers`.
  public var kind: String
  /// Where the numbers come from.
  public var source: CurvatureSource
  /// Random vectors of each trace.
  public var traceSamples: Int
  /// The layers in the order of the network.
  public var layers: [LayerCurvature]
  /// Products that the run took, those of an interrupted part included.
  public var products: Int

  /// One row for each layer.
  package var table: CSVTable {
    var table = CSVTable(columns: [
      "layer", "parameters", "trace", "trace_standard_error", "lambda1", "lambda1_bound",
      "lambda1_converged", "lambda1_error_floor",
    ])
    for layer in layers {
      table.append([
        layer.name, CSVTable.cell(layer.parameters), CSVTable.cell(layer.trace.value),
        CSVTable.cell(layer.trace.standardError ?? .nan), CSVTable.cell(layer.largest.value),
        CSVTable.cell(layer.largest.residualBound),
        CSVTable.cell(layer.largest.isConverged ? 1 : 0), CSVTable.cell(layer.arithmeticFloor),
      ])
    }
    return table
  }
}
