package import Analyses
internal import HessianSpectra
internal import Krylov
package import Plotting

/// Largest eigenvalue and trace of each layer, one below the other as in the network.
package struct LayersFigure {
  private let summary: LayersSummary

  /// Draws the layers of a network.
  package init(_ summary: LayersSummary) { self.summary = summary }

  /// The figure.
  package var figure: Figure {
    let layers = summary.layers
    let largest = panel(
      label: "largest eigenvalue of the block", color: Color.series[0],
      values: layers.map(\.largest.value), errors: layers.map(\.largest.residualBound),
      errorName: "± residual bound")
    let traces = panel(
      label: "trace of the block", color: Color.series[1], values: layers.map(\.trace.value),
      errors: layers.map { $0.trace.standardError ?? 0 }, errorName: "± 1 standard error")
    return Figure(
      panels: [largest, traces],
      title: "\(summary.source.matrix.title.capitalizedFirst) by layer: \(summary.source.title)",
      caption: summary.source.caption + " Lanczos on each block alone; traces "
        + "exact on its basis, the rest from \(summary.traceSamples) random sign vectors.")
  }

  private func panel(
    label: String, color: Color, values: [Double], errors: [Double], errorName: String
  ) -> Panel {
    let count = values.count
    let isPositive = zip(values, errors).allSatisfy { $0 > 0 && $0 - $1 > 0 }
    let positions = (0..<count).map { -Double($0) }
    var series = [
      Series(label, x: values, y: positions, color: color, dots: true, line: false, width: 1.8)
    ]
    for (index, (value, error)) in zip(values, errors).enumerated() where error > 0 {
      series.append(
        Series(
          "", x: [value - error, value + error], y: [positions[index], positions[index]],
          color: color,
          width: 0.9))
    }
    let every = (count + 59) / 60
    let names = stride(from: 0, to: count, by: max(every, 1)).map {
      Tick(value: -Double($0), label: summary.layers[$0].name)
    }
    series[0].name = "\(label) \(errorName)"
    let chart = LineChart(
      series: series,
      xAxis: Axis(label, kind: isPositive ? .logarithmic : .linear),
      leftAxis: Axis("", range: (-Double(count) + 0.5)...0.5, names: names.reversed()),
      plotAspect: min(max(0.05 * Double(min(count, 60)), 0.5), 4))
    return Panel(chart: .lines(chart))
  }
}

extension String {
  /// The text with a capital at its start.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
