package import Analyses
internal import Artifacts
internal import Foundation
internal import GradientRatios
package import Plotting

/// Distributions of the ratios of all models on one pair of axes.
package struct RatioFigure {
  private let summaries: [RatioSummary]

  /// Draws distributions.
  ///
  /// - Precondition: There is at least one; all have the same base.
  package init(_ summaries: [RatioSummary]) {
    precondition(!summaries.isEmpty, "a figure shows at least one distribution")
    self.summaries = summaries
  }

  private var isSingle: Bool { summaries.count == 1 }

  /// Name of a network in the legend: with its architecture where not all have the same.
  private func name(_ summary: RatioSummary) -> String {
    Set(summaries.map(\.architecture)).count == 1
      ? summary.title : "\(summary.title) (\(summary.architecture))"
  }

  /// The figure.
  package var figure: Figure {
    let series = summaries.enumerated().map { index, summary in
      Series(
        name(summary), edges: summary.histogram.edges,
        heights: summary.histogram.counts.map {
          100 * Double($0) / Double(max(summary.histogram.finite, 1))
        }, isFilled: isSingle, color: .ofSeries(index))
    }
    let first = summaries[0]
    let base = first.histogram.base
    let logarithm = base == .e ? "log" : "log\(base.rawValue)"
    let floor = first.histogram.roundingFloor
    let chart = LineChart(
      series: series, xAxis: Axis("\(logarithm) |(g_SAM - g_SGD) / g_SGD|"),
      leftAxis: Axis("parameters (%)"),
      verticalMarkers: [
        VerticalMarker(x: 0, label: "change as large as the gradient", dash: .dotted),
        VerticalMarker(
          x: floor, label: "float32 rounding alone: −\(String(format: "%.1f", -floor))"),
      ])
    return Figure(
      panels: [Panel(chart: .lines(chart))],
      title: isSingle ? "\(first.title) (\(first.architecture))" : "", caption: caption)
  }

  private var caption: String {
    let first = summaries[0]
    let shares = summaries.map { summary in
      let part = summary.histogram
      var text =
        "\(name(summary)): \(RatioText.percent(part.shareBelowZero)) below 0, median "
        + RatioText.ratio(part.median)
      if let mask = summary.mask {
        text +=
          " (inside the mask \(RatioText.percent(mask.inside.shareBelowZero)), outside "
          + "\(RatioText.percent(mask.outside.shareBelowZero)))"
      }
      return text
    }
    let statistics =
      first.provenance.batchNormStatistics.map {
        $0 == "batch"
          ? "batch norm on statistics of each batch, " : "batch norm on running statistics, "
      } ?? ""
    return "Both gradients on the first \(first.samples) samples, rho \(first.rho), " + statistics
      + "no weight decay. "
      + shares.joined(separator: "; ") + ". Left of the dashed line differences are rounding of "
      + "equal numbers."
  }
}
