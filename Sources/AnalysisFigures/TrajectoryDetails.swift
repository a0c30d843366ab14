internal import Analyses
internal import Objectives
internal import Plotting

/// What the plane of a path does not show: how much of it lies elsewhere, and that losses there are others.
struct TrajectoryDetails {
  private let summary: TrajectorySummary

  /// Components that are shown.
  private static let mostComponents = 20
  /// Shares below are rounding.
  private static let leastShare = 1e-6

  init(_ summary: TrajectorySummary) { self.summary = summary }

  private var isSingle: Bool { summary.paths.count == 1 }

  var figure: Figure {
    Figure(
      panels: [
        Panel(title: "variance", chart: .lines(variances)),
        Panel(title: "loss", chart: .lines(losses)),
        Panel(title: "distance", chart: .lines(distances)),
      ], title: summary.title,
      caption: "Left: share of each principal component of a path in its variance; "
        + "dashed: mean of \(summary.paths[0].walks.count) random walks with steps of the same lengths. "
        + "Middle: loss of the checkpoints; dashed: at their projections onto the plane. "
        + "Right: distance of the checkpoints from the plane; dashed: from the weights at its centre."
    )
  }

  private var variances: LineChart {
    var series: [Series] = []
    for (index, path) in summary.paths.enumerated() {
      for (shares, isWalk) in [(path.shares, false), (path.walks.shares, true)] {
        let shown = shares.prefix(Self.mostComponents).prefix { $0 > Self.leastShare }
        series.append(
          Series(
            name(path, isWalk ? "random walk" : "path", isDashed: isWalk),
            x: shown.indices.map { Double($0 + 1) }, y: shown.map { 100 * $0 },
            color: TrajectorySummary.color(of: index), dash: isWalk ? .dashed : .solid,
            dots: !isWalk))
      }
    }
    return LineChart(
      series: series, xAxis: Axis("principal component"),
      leftAxis: Axis("share of the variance (%)", kind: .logarithmic))
  }

  private var losses: LineChart {
    let series = series(
      ("checkpoint", { $0.loss }), ("at its projection", { $0.projectedLoss }))
    let values = summary.paths.flatMap(\.points).flatMap { [$0.loss, $0.projectedLoss] }
      .filter(\.isFinite)
    let (least, most) = (values.min() ?? 1, values.max() ?? 1)
    return LineChart(
      series: series, xAxis: numbers,
      leftAxis: Axis("loss", kind: least > 0 && most / least > 50 ? .logarithmic : .linear))
  }

  private var distances: LineChart {
    LineChart(
      series: series(
        ("from the plane", { $0.distance }), ("from the centre", { $0.distanceFromCentre })),
      xAxis: numbers, leftAxis: Axis("distance"))
  }

  private var numbers: Axis { Axis(summary.numbering == .epoch ? "epoch" : "checkpoint") }

  private func series(
    _ solid: (name: String, value: (TrajectorySummary.Point) -> Double),
    _ dashed: (name: String, value: (TrajectorySummary.Point) -> Double)
  ) -> [Series] {
    summary.paths.enumerated().flatMap { index, path in
      [(solid, false), (dashed, true)].map { line, isDashed in
        Series(
          name(path, line.name, isDashed: isDashed), x: path.points.map { Double($0.number) },
          y: path.points.map(line.value), color: TrajectorySummary.color(of: index),
          dash: isDashed ? .dashed : .solid)
      }
    }
  }

  /// Of several paths the caption says what is dashed, or the legend would be twice as long.
  private func name(_ path: TrajectorySummary.Path, _ what: String, isDashed: Bool) -> String {
    isSingle ? what : isDashed ? "" : path.name
  }
}
