internal import Analyses
internal import AnalysisFigures
internal import LossSurfaces
internal import Plotting

/// Losses along many random directions, with how much they differ.
struct ProfilesSection: ReportSection {
  let runs: [FinishedProfiles]

  let id = "profiles"
  let title = "Along many directions"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "The loss at the weights plus a step along random directions: medians and quartiles over the directions. "
          + "The width is the distance at which the loss has risen by the amount in the table.",
        saysNot:
          "Random directions miss the steepest ones, which the spectrum shows. Widths of networks whose weights "
          + "differ in scale compare only as far as the normalisation of directions goes."),
      try InteractiveFigure.html(
        views: [("view-profiles", chart)], picture: ProfilesFigure(runs).figure,
        description:
          "Loss along random directions for \(runs.map(\.summary.title).joined(separator: " and "))."
      ), table,
    ]
  }

  private var chart: ChartView {
    ChartView(
      title: title, x: "step along the direction", y: "loss",
      log: ProfilesFigure(runs).isLogarithmic,
      series: runs.enumerated().map { index, run in
        func quantile(_ share: Double) -> [Double?] {
          run.profiles.lossQuantile(share).map(\.drawn)
        }
        let (low, high) = (quantile(0.25), quantile(0.75))
        return ChartView.Series(
          name: run.summary.title, color: Color.ofSeries(index).hexadecimal, x: run.profiles.xs,
          y: quantile(0.5), low: low.contains(nil) ? nil : low.compactMap(\.self),
          high: high.contains(nil) ? nil : high.compactMap(\.self))
      })
  }

  private var table: HTML {
    .comparison(
      "Widths in numbers",
      columns: [
        "network", "loss at the weights", "directions", "rise", "mean width ± standard error",
        "first quartile", "median", "third quartile", "reached the rise", "values not finite",
      ],
      rows: runs.map { run in
        let width = run.summary.width
        return [
          run.summary.title, fourDigits(run.summary.center.loss), "\(width.widths.count)",
          fourDigits(width.rise),
          width.estimate.map { "\(fourDigits($0.mean)) ± \(errorText($0.standardError))" }
            ?? "not known",
          width.text(of: width.lowerQuartile), width.text(of: width.median),
          width.text(of: width.upperQuartile), "\(width.reached)",
          "\(run.summary.nonFinitePoints)",
        ]
      })
  }
}
