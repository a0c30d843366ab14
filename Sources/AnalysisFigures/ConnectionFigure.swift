package import Analyses
internal import Artifacts
internal import Foundation
internal import Objectives
package import Plotting
internal import Training

/// The loss along a curve between two networks beside that along the straight line.
package struct ConnectionFigure {
  private let summary: ConnectionSummary

  /// Draws a connection.
  package init(_ summary: ConnectionSummary) { self.summary = summary }

  /// The figure.
  package var figure: Figure {
    let losses = series { $0.loss }
    let values = summary.profiles.flatMap { $0.curve + $0.line }.compactMap(\.loss)
    let spansDecades = (values.min() ?? 0) > 0 && (values.max() ?? 0) > 50 * (values.min() ?? 1)
    var panels = [
      Panel(
        chart: .lines(
          LineChart(
            series: losses, xAxis: place,
            leftAxis: Axis("loss", kind: spansDecades ? .logarithmic : .linear))))
    ]
    if let metric = summary.metric {
      panels.append(
        Panel(
          chart: .lines(
            LineChart(
              series: series { $0.score.map(metric.drawn) }, xAxis: place,
              leftAxis: Axis(metric.label)))))
    }
    return Figure(panels: panels, title: title, caption: caption)
  }

  private var place: Axis { Axis("place on the path", range: 0...1) }

  private var title: String {
    summary.provenance.models.map(\.title).joined(separator: " to ")
  }

  private func series(_ value: (ConnectionSummary.Place) -> Double?) -> [Series] {
    summary.profiles.enumerated().flatMap { index, profile in
      [(summary.settings.shape.name, profile.curve), ("line", profile.line)]
        .enumerated().map { number, path in
          Series(
            "\(path.0), \(profile.split)", x: path.1.map(\.t), y: path.1.map { value($0) ?? .nan },
            color: .ofSeries(number), dash: index == 0 ? .solid : .dashed)
        }
    }
  }

  private var caption: String {
    let settings = summary.settings
    var sentences = [
      "The \(settings.shape.name) has \(settings.bends) "
        + "\(settings.bends == 1 ? "bend" : "bends") (Garipov et al. 2018) and was trained for \(settings.epochs) epochs on "
        + "\(summary.profiles[0].samples) samples; its length is "
        + "\(fourDigits(summary.length / max(summary.distance, .leastNormalMagnitude))) times the distance of "
        + "the networks, \(fourDigits(summary.distance))."
    ]
    if summary.provenance.batchNormStatistics != nil {
      sentences.append("Batch norm on statistics re-estimated at every place.")
    }
    sentences += summary.profiles.map { profile in
      "Barrier on \(profile.split): curve \(ConnectionFigure.text(profile.curveBarrier)), line "
        + "\(ConnectionFigure.text(profile.lineBarrier))."
    }
    return sentences.joined(separator: " ")
  }

  /// A barrier with its error.
  package static func text(_ barrier: ConnectionSummary.Barrier?) -> String {
    guard let barrier else { return "not finite" }
    guard barrier.height > 0 else { return "none" }
    return fourDigits(barrier.height)
      + (barrier.standardError.map { " ± \(String(format: "%.1e", $0))" } ?? "")
  }
}
