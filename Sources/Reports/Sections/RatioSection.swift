internal import Analyses
internal import AnalysisFigures
internal import Foundation
internal import GradientRatios
internal import Plotting
internal import Training

/// How different the gradient of SAM is from the plain one.
struct RatioSection: ReportSection {
  let runs: [RatioSummary]

  let id = "ratios"
  let title = "Gradient ratios"
  /// Distributions over logarithms of different bases have no common axis.
  private var bases: [LogarithmBase] {
    LogarithmBase.allCases.filter { base in runs.contains { $0.histogram.base == base } }
  }

  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    let figures = try bases.map { base in
      let part = runs.filter { $0.histogram.base == base }
      return try InteractiveFigure.html(
        views: [("view-ratios-\(base.rawValue)", chart(part, base))],
        picture: RatioFigure(part).figure,
        description:
          "Histogram of gradient ratios for \(part.map(\.title).joined(separator: " and ")).")
    }
    return [
      HTML.reading(
        says:
          "For each weight the logarithm of how much the SAM gradient differs from the plain one, in units of "
          + "the plain one. Below 0 the change is smaller than the gradient.",
        saysNot:
          "Ratios depend on rho, on the batch and on the batch-norm mode, and near a minimum the plain "
          + "gradient is small, which makes ratios large. They say nothing about which optimizer ends better. "
          + "Left of the floor of float32 the difference is rounding.")
    ] + figures + [table] + runs.map(layers)
  }

  private func chart(_ runs: [RatioSummary], _ base: LogarithmBase) -> ChartView {
    let series = runs.enumerated().map { index, run in
      let histogram = run.histogram
      let shares = histogram.counts.map { 100 * Double($0) / Double(max(histogram.finite, 1)) }
      return ChartView.Series(
        name: run.title, color: Color.ofSeries(index).hexadecimal, x: histogram.edges,
        y: (shares + [shares.last ?? 0]).map(\.drawn), steps: true)
    }
    let name = base == .e ? "log" : "log\(base.rawValue)"
    return ChartView(
      title: title, x: "\(name) |(g_SAM - g_SGD) / g_SGD|", y: "parameters (%)", series: series,
      markers: [
        ChartView.Marker(x: 0, label: "as large as the gradient"),
        ChartView.Marker(x: runs[0].histogram.roundingFloor, label: "float32 rounding"),
      ])
  }

  private var table: HTML {
    .comparison(
      "Ratios in numbers",
      columns: [
        "network", "rho", "samples", "batch size", "below 0", "below 0 in single batches", "median",
        "finite ratios",
        "plain gradient 0", "gradients equal", "below the axis", "above the axis",
        "norm of the plain gradient", "of SAM's", "of the difference",
      ],
      rows: runs.map { run in
        let histogram = run.histogram
        return [
          run.title, "\(run.rho)", "\(run.samples)", "\(run.batchSize)",
          RatioText.percent(histogram.shareBelowZero),
          run.batches.map { $0.text(scale: 100, digits: 2) + " %" } ?? "not recorded",
          RatioText.ratio(histogram.median), "\(histogram.finite)", "\(histogram.zeroGradients)",
          "\(histogram.equalGradients)",
          "\(histogram.underflow)", "\(histogram.overflow)", fourDigits(run.plainNorm),
          fourDigits(run.perturbedNorm), fourDigits(run.differenceNorm),
        ]
      })
  }

  private func layers(_ run: RatioSummary) -> HTML {
    let parts = run.layers + (run.mask.map { [$0.inside, $0.outside] } ?? [])
    return .element(
      "details", [:],
      [
        .element("summary", [:], "By tensor: \(run.title)"),
        .table(
          "Ratios of each tensor of \(run.title)",
          columns: ["tensor", "parameters", "finite ratios", "below 0", "median"],
          rows: parts.map {
            [
              $0.name, "\($0.parameters)", "\($0.finite)", RatioText.percent($0.shareBelowZero),
              RatioText.ratio($0.median),
            ]
          }),
      ])
  }
}
