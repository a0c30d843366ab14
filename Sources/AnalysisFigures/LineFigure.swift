package import Analyses
internal import LossSurfaces
internal import Objectives
package import Plotting

/// Loss (left axis) and metric (right axis) along lines.
package struct LineFigure {
  private let runs: [DescribedSurface]

  /// Draws lines.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [FinishedSurface]) { self.init(runs.map(\.described)) }

  /// Draws lines, whatever made them.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [DescribedSurface]) {
    precondition(!runs.isEmpty, "a figure shows at least one line")
    self.runs = runs
  }

  private var isSingle: Bool { runs.count == 1 }

  private var metric: Metric? { runs[0].surface.metric }

  /// The figure.
  package var figure: Figure {
    let isBetween = runs.contains(where: \.isBetweenModels)
    let chart = LineChart(
      series: series,
      xAxis: Axis(isBetween ? "position between the checkpoints" : "step along the direction"),
      leftAxis: Axis("loss", kind: lossScale),
      rightAxis: metric.map { Axis($0.label, range: $0.isShare ? 0...100 : nil) })
    return Figure(
      panels: [Panel(chart: .lines(chart))], title: isSingle ? runs[0].title : "",
      caption: runs[0].caption)
  }

  private var series: [Series] {
    var series: [Series] = []
    for (index, run) in runs.enumerated() {
      let prefix = isSingle ? "" : run.title + ", "
      series.append(
        Series(
          prefix + "loss", x: run.surface.xs, y: run.surface.loss,
          color: isSingle ? nil : Color.ofSeries(index)))
      guard let metric, run.surface.metric == metric else { continue }
      series.append(
        Series(
          prefix + metric.title, x: run.surface.xs, y: run.surface.score.map(metric.drawn),
          side: .right, color: isSingle ? nil : Color.ofSeries(index),
          dash: .dashed))
    }
    return series
  }

  private var lossScale: ScaleKind { ScaleKind.ofLosses(runs.flatMap(\.surface.loss)) }
}

extension ScaleKind {
  /// Losses over more than a factor of 50 are told apart on a log axis only.
  static func ofLosses(_ values: [Double]) -> ScaleKind {
    let finite = values.filter(\.isFinite)
    let positive = finite.filter { $0 > 0 }
    let spans = (positive.max() ?? 1) / (positive.min() ?? 1) > 50
    return spans && positive.count == finite.count ? .logarithmic : .linear
  }
}
