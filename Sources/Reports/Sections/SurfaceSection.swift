internal import Analyses
internal import AnalysisFigures
internal import Foundation
internal import LossSurfaces
internal import Objectives
internal import Plotting

/// Loss surfaces, which can be turned, and their topology.
struct SurfaceSection: ReportSection {
  let runs: [FinishedSurface]

  let id = "surfaces"
  let title = "Loss surface"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    var parts = [
      HTML.reading(
        says:
          "The loss at the weights plus a step along each of two directions, which the caption names. A wide, even bowl "
          + "changes little when the weights do; a steep or ragged one changes much. Surfaces drawn together have "
          + "one scale of height and colour.",
        saysNot:
          "Two directions are a slice through a space of as many dimensions as there are weights: what is "
          + "not seen here may still be there, and two basins here may be one. Flatness in a slice is no proof of "
          + "generalisation. Surfaces can be compared only on the same samples, seed and normalisation."
      )
    ]
    parts.append(
      try InteractiveFigure.html(
        views: [("view-surfaces", SurfacesView(runs))], picture: figure(.surface),
        description:
          "Loss over two directions as a surface, for \(titles). The numbers are in the table below."
      ))
    parts.append(table)
    parts.append(
      .element(
        "details", [:],
        [
          .element("summary", [:], "Level lines"),
          try InteractiveFigure.still(
            figure(.contour),
            description: "Level lines of the loss over two directions, for \(titles)."),
        ]))
    parts += try runs.flatMap(topology)
    return parts
  }

  private var titles: String { runs.map(\.summary.title).joined(separator: " and ") }

  private func figure(_ style: LandscapeStyle) throws -> Figure {
    var drawing = SurfaceDrawing()
    drawing.styles = [style]
    return try SurfaceFigures(runs, drawing: drawing).figures[0].figure
  }

  /// The metric that all surfaces have, if they have the same.
  private var metric: Metric? { SurfacesView.metric(of: runs) }

  private var table: HTML {
    .comparison(
      "Surfaces in numbers",
      columns: [
        "network", "loss at the weights", metric?.label ?? "metric", "smallest loss",
        "largest loss",
        "points", "not finite", "norms of the directions", "cosine between them", "seconds",
      ],
      rows: runs.map { run in
        let summary = run.summary
        return [
          summary.title, fourDigits(summary.center.loss),
          summary.center.score.flatMap { score in summary.metric.map { fourDigits($0.drawn(score)) }
          } ?? "none",
          summary.smallest.map { fourDigits($0.loss) } ?? "none",
          summary.largest.map { fourDigits($0.loss) } ?? "none",
          "\(run.surface.xs.count) x \(run.surface.ys.count)", "\(summary.nonFinitePoints)",
          summary.directions.norms.map(fourDigits).joined(separator: ", "),
          summary.directions.cosine.map(fourDigits) ?? "none",
          fourDigits(summary.evaluationSeconds),
        ]
      })
  }

  /// Basins and summits of a surface.
  private func topology(_ run: FinishedSurface) throws -> [HTML] {
    let topology = TopologySummary(of: run.surface)
    var rows: [(name: String, value: String)] = []
    if let centre = topology.centre {
      let isEdge = centre.exit == .edge
      rows.append(
        (
          "basin of the centre",
          "depth \(fourDigits(centre.depth)), width \(fourDigits(centre.width))"
            + (isEdge
              ? ", both at least: it is left over the edge of the plane"
              : ", left to a lower basin")
        ))
    }
    for (name, features) in [("basins", topology.basins), ("summits", topology.summits)] {
      let resolved = topology.resolved(features).map {
        ", \($0) of them also on every second point"
      }
      rows.append(
        (name, "\(features.count)\(resolved ?? "; which of them the grid makes cannot be told")"))
    }
    return [
      .element("h3", [:], "Topology: \(run.summary.title)"),
      .properties("Basins and summits by persistence", rows),
      .element(
        "details", [:],
        [
          .element("summary", [:], "Barcode and persistence diagram"),
          try InteractiveFigure.still(
            TopologyFigure(run, topology).figure,
            description: "Barcode and persistence diagram of the surface of \(run.summary.title)."),
        ]),
    ]
  }
}
