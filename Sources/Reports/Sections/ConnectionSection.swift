internal import Analyses
internal import AnalysisFigures
internal import Objectives
internal import Plotting
internal import Training

/// Curves of low loss between networks, beside the straight lines.
struct ConnectionSection: ReportSection {
  let runs: [ConnectionSummary]

  let id = "connections"
  let title = "Between networks"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "The loss on a curve between two networks that was trained to be low, and on the straight line. A barrier "
          + "is the rise above the straight line between the losses of both ends.",
        saysNot:
          "The place of the maximum is chosen on the same samples, so that a barrier near its error is none. A "
          + "barrier on a curve that was found does not mean that there is no better one.")
    ]
      + (try runs.enumerated().flatMap { index, run in
        [
          .element("h3", [:], name(run)),
          try InteractiveFigure.html(
            views: views(run, index), picture: ConnectionFigure(run).figure,
            description: "Loss and metric on the curve and on the line from \(name(run))."),
          table(run),
        ]
      })
  }

  private func name(_ run: ConnectionSummary) -> String { ReportedRuns.name(of: run) }

  private func views(_ run: ConnectionSummary, _ index: Int) -> [(id: String, view: any Encodable)]
  {
    let losses = run.profiles.flatMap { $0.curve + $0.line }.compactMap(\.loss)
    let (least, most) = (losses.min() ?? 0, losses.max() ?? 0)
    var views: [(id: String, view: any Encodable)] = [
      (
        "view-connection-\(index)",
        chart(run, "loss", isLogarithmic: least > 0 && most > 50 * least) { $0.loss }
      )
    ]
    if let metric = run.metric {
      views.append(
        (
          "view-connection-metric-\(index)",
          chart(run, metric.label, isLogarithmic: false) { $0.score.map(metric.drawn) }
        ))
    }
    return views
  }

  private func chart(
    _ run: ConnectionSummary, _ y: String, isLogarithmic: Bool,
    _ value: (ConnectionSummary.Place) -> Double?
  ) -> ChartView {
    ChartView(
      title: title, x: "place on the path", y: y, log: isLogarithmic,
      series: run.profiles.enumerated().flatMap { index, profile in
        [("curve", profile.curve), ("line", profile.line)].enumerated().map { number, path in
          ChartView.Series(
            name: "\(path.0), \(profile.split)", color: Color.ofSeries(number).hexadecimal,
            x: path.1.map(\.t), y: path.1.map { value($0)?.drawn }, dash: index > 0)
        }
      })
  }

  private func table(_ run: ConnectionSummary) -> HTML {
    .table(
      "Barriers from \(name(run)): the networks are \(fourDigits(run.distance)) apart, the curve is "
        + "\(fourDigits(run.length)) long",
      columns: ["split", "samples", "barrier of the curve", "barrier of the line"],
      rows: run.profiles.map {
        [
          $0.split, "\($0.samples)", ConnectionFigure.text($0.curveBarrier),
          ConnectionFigure.text($0.lineBarrier),
        ]
      })
  }
}
