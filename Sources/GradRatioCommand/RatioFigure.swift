import Artifacts
import Foundation
import GradientRatios
import Plotting

/// Distributions of the ratios of all models on one pair of axes.
struct RatioFigure {
  let summaries: [RatioSummary]

  private var isSingle: Bool { summaries.count == 1 }

  /// The figure.
  ///
  /// - Precondition: there is at least one summary; all have the same base.
  var figure: Figure {
    let series = summaries.enumerated().map { index, summary in
      Series(
        summary.title, edges: summary.histogram.edges,
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
        "\(summary.title): \(RatioSummary.percent(part.shareBelowZero)) below 0, median "
        + RatioSummary.text(part.median)
      if let mask = summary.mask {
        text +=
          " (inside the mask \(RatioSummary.percent(mask.inside.shareBelowZero)), outside "
          + "\(RatioSummary.percent(mask.outside.shareBelowZero)))"
      }
      return text
    }
    let statistics = first.provenance.batchNormStatistics.map { "batch norm \($0), " } ?? ""
    return "Both gradients on the first \(first.samples) samples, rho \(first.rho), " + statistics
      + "no weight decay. "
      + shares.joined(separator: "; ") + ". Left of the dashed line differences are rounding of "
      + "equal numbers."
  }
}
