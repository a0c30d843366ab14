package import Analyses
internal import LossSurfaces
internal import Objectives
package import Plotting

/// Loss, and beside it the metric, along many directions: medians and quantiles over the profiles.
package struct ProfilesFigure {
  private let runs: [FinishedProfiles]

  /// Draws the profiles of networks.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [FinishedProfiles]) {
    precondition(!runs.isEmpty, "a figure shows at least one network")
    self.runs = runs
  }

  private var isSingle: Bool { runs.count == 1 }

  /// The figure.
  package var figure: Figure {
    var loss = LineChart(
      series: series { $0.profiles.lossQuantile($1) } + level, xAxis: steps,
      leftAxis: Axis("loss", kind: lossScale))
    loss.verticalMarkers = widths
    var panels = [Panel(chart: .lines(loss))]
    let metrics = Set(runs.map(\.profiles.metric))
    if metrics.count == 1, let metric = metrics.first ?? nil {
      let scores = series { $0.profiles.scoreQuantile($1).map(metric.drawn) }
      panels.append(
        Panel(
          chart: .lines(
            LineChart(
              series: scores, xAxis: steps,
              leftAxis: Axis(metric.label, range: metric.isShare ? 0...100 : nil)))))
    }
    return Figure(
      panels: panels, title: isSingle ? runs[0].summary.title : "", caption: caption)
  }

  private var steps: Axis { Axis("step along the direction") }

  /// Median with quartiles, and dotted the 5 % and 95 % quantiles.
  private func series(_ quantile: (FinishedProfiles, Double) -> [Double]) -> [Series] {
    runs.enumerated().flatMap { index, run -> [Series] in
      let x = run.profiles.xs
      let band = Series.Band(
        lower: quantile(run, 0.25), upper: quantile(run, 0.75),
        label: isSingle ? "25 % to 75 %" : "")
      return [
        Series(
          isSingle ? "median" : run.summary.title, x: x, y: quantile(run, 0.5), band: band,
          color: .ofSeries(index))
      ]
        + [0.05, 0.95].map { share in
          Series(
            isSingle && share < 0.5 ? "5 % and 95 %" : "", x: x, y: quantile(run, share),
            color: .ofSeries(index), dash: .dotted, width: 0.9)
        }
    }
  }

  /// The level at which the width is taken.
  private var level: [Series] {
    guard isSingle, let x = runs[0].profiles.xs.first, let end = runs[0].profiles.xs.last else {
      return []
    }
    let summary = runs[0].summary
    let value = summary.center.loss + summary.width.rise
    return [
      Series(
        "centre + \(fourDigits(summary.width.rise))", x: [x, end], y: [value, value],
        color: Color(gray: 0.25), dash: .dashed, width: 0.9)
    ]
  }

  /// The median width to both sides.
  private var widths: [VerticalMarker] {
    guard isSingle, runs[0].summary.width.median.isKnown else { return [] }
    let width = runs[0].summary.width.median.value
    let axis = runs[0].summary.x
    return [-width, width].filter { $0 >= axis.first && $0 <= axis.last }.enumerated().map {
      VerticalMarker(
        x: $0.element, label: $0.offset == 0 ? "median width \(fourDigits(width))" : "",
        dash: .dotted)
    }
  }

  /// Whether losses are drawn on a logarithmic axis.
  package var isLogarithmic: Bool { lossScale == .logarithmic }

  private var lossScale: ScaleKind {
    ScaleKind.ofLosses(runs.flatMap(\.profiles.loss).flatMap(\.self))
  }

  private var caption: String {
    let first = runs[0].summary
    let lines =
      " Lines: medians over \(first.width.widths.count) profiles; shaded: 25 % to 75 %; dotted: 5 % and "
      + "95 %. Width: mean of both sides."
    let widths =
      isSingle
      ? first.width.text
      : runs.map { "\($0.summary.title): \($0.summary.width.text)" }.joined(separator: " ")
    return first.setting + lines + " " + widths
  }
}
