internal import Analyses
internal import AnalysisFigures
internal import HessianSpectra
internal import Krylov

/// Curvature of each layer alone.
struct LayersSection: ReportSection {
  let runs: [LayersSummary]

  let id = "layers"
  let title = "Curvature by layer"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "Largest eigenvalue and trace of each layer's own block of the matrix, the weights of all other layers "
          + "held fixed.",
        saysNot:
          "Blocks leave out how layers act together: the largest eigenvalue of the whole can be far above "
          + "those of all blocks.")
    ]
      + (try runs.flatMap { run in
        [
          try InteractiveFigure.still(
            LayersFigure(run).figure,
            description: "Largest eigenvalue and trace of each layer of \(run.source.title)."),
          table(run),
        ]
      })
  }

  private func table(_ run: LayersSummary) -> HTML {
    .table(
      "Layers of \(run.source.title)",
      columns: ["layer", "parameters", "largest eigenvalue", "± bound", "converged", "trace"],
      rows: run.layers.map {
        [
          $0.name, "\($0.parameters)", fourDigits($0.largest.value),
          boundText($0.largest, floor: $0.arithmeticFloor), $0.largest.isConverged ? "yes" : "no",
          SpectrumSection.trace($0.trace),
        ]
      })
  }
}
