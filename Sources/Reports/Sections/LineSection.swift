internal import Analyses
internal import AnalysisFigures
internal import LossSurfaces
internal import Objectives
internal import Plotting

/// Loss and metric along lines.
struct LineSection: ReportSection {
  let runs: [FinishedSurface]

  let id = "lines"
  let title = "Along a line"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    let isBetween = runs.contains { $0.described.isBetweenModels }
    let x = isBetween ? "position between the checkpoints" : "step along the direction"
    var parts = [
      HTML.reading(
        says: isBetween
          ? "The loss on the straight line between two networks: 0 is the first, 1 the second. A hump between "
            + "them is a barrier on this line."
          : "The loss at the weights plus a step along one random direction.",
        saysNot: isBetween
          ? "A barrier on the straight line does not mean that no curve joins the networks without one."
          : "One direction of very many; others may look different. Width along it is no proof of generalisation."
      )
    ]
    let figure = LineFigure(runs).figure
    let description =
      "Loss along a line for \(runs.map(\.summary.title).joined(separator: " and "))."
    var views: [(id: String, view: any Encodable)] = [
      ("view-lines", chart(x, "loss") { $0.surface.loss })
    ]
    let metrics = Set(runs.map(\.surface.metric))
    if metrics.count == 1, let metric = metrics.first ?? nil {
      views.append(
        (
          "view-lines-metric",
          chart(x, metric.label) { $0.surface.score.map(metric.drawn) }
        ))
    }
    parts.append(
      try InteractiveFigure.html(views: views, picture: figure, description: description))
    parts.append(
      .comparison(
        "Lines in numbers",
        columns: ["network", "loss at 0", "smallest loss", "largest loss", "not finite"],
        rows: runs.map {
          [
            $0.summary.title, fourDigits($0.summary.center.loss),
            $0.summary.smallest.map { fourDigits($0.loss) } ?? "none",
            $0.summary.largest.map { fourDigits($0.loss) } ?? "none",
            "\($0.summary.nonFinitePoints)",
          ]
        }))
    return parts
  }

  private func chart(
    _ x: String, _ y: String, _ values: (FinishedSurface) -> [Double]
  ) -> ChartView {
    ChartView(
      title: title, x: x, y: y,
      series: runs.enumerated().map { index, run in
        ChartView.Series(
          name: run.summary.title, color: Color.ofSeries(index).hexadecimal, x: run.surface.xs,
          y: values(run).map(\.drawn))
      })
  }
}
