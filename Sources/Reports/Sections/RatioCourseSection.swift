internal import Analyses
internal import AnalysisFigures
internal import NeuralNetworks
internal import Plotting
internal import Training

/// Shares of gradient ratios below 0 over trainings.
struct RatioCourseSection: ReportSection {
  let runs: [RatioCourse]

  let id = "ratio-courses"
  let title = "Gradient ratios over a training"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "The share of the parameters whose gradient changes by less than itself under SAM's perturbation, epoch "
          + "after epoch, in single batches.",
        saysNot:
          "The share depends on rho, on the size of the batches and on the statistics of batch norms; it does not "
          + "say how well a training will end.")
    ]
      + (try runs.enumerated().flatMap { index, run in
        let lines = RatioCourseFigure(run).lines
        return [
          HTML.element("h3", [:], run.title),
          try InteractiveFigure.html(
            views: [("view-course-\(index)", chart(run, lines))],
            picture: RatioCourseFigure(run).figure,
            description: "Share of ratios below 0 over the checkpoints of \(run.title)."),
          table(run, lines),
        ]
      })
  }

  private func chart(_ run: RatioCourse, _ lines: [RatioCourseFigure.Line]) -> ChartView {
    ChartView(
      title: title, x: RatioCourseFigure(run).xLabel, y: "ratios below 0 (%)",
      series: lines.map { line in
        let (low, high) = (line.band.lower.map(\.drawn), line.band.upper.map(\.drawn))
        return ChartView.Series(
          name: line.name, color: line.color.hexadecimal, x: line.numbers,
          y: line.means.map(\.drawn), low: low.contains(nil) ? nil : low.compactMap(\.self),
          high: high.contains(nil) ? nil : high.compactMap(\.self), dash: line.isDashed)
      })
  }

  private func table(_ run: RatioCourse, _ lines: [RatioCourseFigure.Line]) -> HTML {
    func percent(_ value: Double?) -> String {
      value.map { $0.isFinite ? fourDigits($0) : "none" } ?? "none"
    }
    return .table(
      "\(run.title): rho \(run.rho), batches of \(run.batchSize) samples, % below 0",
      columns: ["line", "first checkpoint", "last checkpoint", "smallest", "largest"],
      rows: lines.map { line in
        let finite = line.means.filter(\.isFinite)
        return [
          line.name, percent(line.means.first), percent(line.means.last), percent(finite.min()),
          percent(finite.max()),
        ]
      })
  }
}
