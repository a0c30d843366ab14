internal import Analyses
internal import AnalysisFigures
internal import LossSurfaces
internal import Objectives
internal import Plotting

/// Paths of weights in the plane of their principal components.
struct TrajectorySection: ReportSection {
  let runs: [FinishedTrajectory]

  let id = "trajectories"
  let title = "Paths of trainings"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "Checkpoints of trainings, projected to the plane in which they spread most, on the loss of that plane.",
        saysNot:
          "A projected path is not the path: how far each checkpoint is from the plane stands in the figure. Random "
          + "walks look low-dimensional too; their shares stand beside those of the trainings.")
    ]
      + (try runs.enumerated().flatMap { index, run in
        let figures = try TrajectoryFigures(run, drawing: drawing).figures
        return try figures.compactMap { name, figure -> HTML? in
          let description = "\(figure.title): \(name). The numbers are in the table below."
          switch name {
          case "loss-surface":
            return try InteractiveFigure.html(
              views: [("view-trajectory-\(index)", view(run))], picture: figure,
              description: description)
          case "loss-contour", "trajectory":
            return try InteractiveFigure.still(figure, description: description)
          default: return nil
          }
        } + [table(run.summary)]
      })
  }

  private var drawing: SurfaceDrawing {
    var drawing = SurfaceDrawing()
    drawing.styles = [.contour, .surface]
    return drawing
  }

  private func view(_ run: FinishedTrajectory) -> SurfacesView {
    var view = SurfacesView([run.surface])
    view.xLabel = "first principal component"
    view.yLabel = "second principal component"
    let metric = SurfacesView.metric(of: [run.surface])
    view.surfaces[0].paths = run.summary.paths.enumerated().map { index, path in
      SurfacesView.Path(
        name: path.name, color: TrajectorySummary.color(of: index).hexadecimal,
        x: path.points.map(\.x), y: path.points.map(\.y),
        loss: path.points.map(\.projectedLoss.drawn),
        score: path.points.map { point in
          point.projectedScore.flatMap { score in metric.flatMap { $0.drawn(score).drawn } }
        })
    }
    return view
  }

  private func table(_ summary: TrajectorySummary) -> HTML {
    func shares(_ values: [Double]) -> String {
      values.prefix(2).map(RatioText.percent).joined(separator: ", ")
    }
    return .comparison(
      "\(ReportedRuns.name(of: summary)): the plane has \(shares(summary.shares)) of the variance",
      columns: [
        "path", "checkpoints", "length", "first to last", "share in the plane",
        "shares of its own first two components", "of random walks with its steps",
        "loss of the last", "loss at its projection",
      ],
      rows: summary.paths.map { path in
        [
          path.name, "\(path.points.count)", fourDigits(path.length),
          fourDigits(path.displacement), RatioText.percent(path.shareInPlane), shares(path.shares),
          shares(path.walks.shares), path.points.last.map { fourDigits($0.loss) } ?? "none",
          path.points.last.map { fourDigits($0.projectedLoss) } ?? "none",
        ]
      })
  }
}
