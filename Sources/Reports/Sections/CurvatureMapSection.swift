internal import Analyses
internal import AnalysisFigures
internal import Krylov
internal import LossSurfaces

/// Both ends of the spectrum over a plane.
struct CurvatureMapSection: ReportSection {
  let runs: [FinishedCurvatureMap]

  let id = "curvature"
  let title = "Curvature over a plane"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "The largest and the smallest eigenvalue of the Hessian of all weights at every point of the plane, and "
          + "their ratio: how strongly some direction curves down, measured by how strongly one curves up.",
        saysNot: CurvatureMapSummary.meaning)
    ]
      + (try runs.flatMap { run in
        try CurvatureMapFigures(run).figures.map { name, figure in
          try InteractiveFigure.still(
            figure, description: "\(run.summary.source.title): map of \(name).")
        } + [table(run.summary)]
      })
  }

  private func table(_ summary: CurvatureMapSummary) -> HTML {
    func text(_ value: RitzValue) -> String {
      "\(fourDigits(value.value)) ± \(boundText(value, floor: summary.errorFloor))"
        + (value.isConverged ? "" : " (not converged)")
    }
    let points = [
      ("nearest to the weights", summary.center), ("smallest ratio", summary.smallestRatio),
      ("largest ratio", summary.largestRatio),
    ]
    return .table(
      "\(summary.source.title): \(summary.x.count) x \(summary.y.count) points. \(summary.exactness)",
      columns: ["point", "x", "y", "loss", "λmax", "λmin", "|λmin / λmax|"],
      rows: points.compactMap { name, point in
        point.map {
          [
            name, fourDigits($0.x), fourDigits($0.y), fourDigits($0.loss), text($0.largest),
            text($0.smallest), fourDigits($0.ratio),
          ]
        }
      })
  }
}
