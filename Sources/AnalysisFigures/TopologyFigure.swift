package import Analyses
internal import Foundation
package import LossSurfaces
package import Plotting

/// Barcode and persistence diagram of a surface.
///
/// A bar reaches from the level at which a basin or a summit begins to the one at which it ends. In the
/// diagram the same two levels are coordinates, so that the distance to the diagonal is persistence;
/// what lies between the diagonal and the dotted lines may be the grid's own.
package struct TopologyFigure {
  private let run: FinishedSurface
  private let topology: TopologySummary

  /// Bars that are drawn of each kind.
  private static let mostBars = 40

  /// Draws the topology of a surface.
  package init(_ run: FinishedSurface, _ topology: TopologySummary) {
    self.run = run
    self.topology = topology
  }

  /// The figure.
  package var figure: Figure {
    Figure(
      panels: [
        Panel(title: "barcode", chart: .lines(barcode)),
        Panel(title: "persistence diagram", chart: .lines(diagram)),
      ], title: run.summary.title, caption: caption)
  }

  private struct Kind {
    let name: String
    let color: Color
    /// Levels at which features begin and end.
    let levels: [(birth: Double, death: Double)]
  }

  /// The level at which what never ends is cut off.
  private var top: Double { run.surface.loss.filter(\.isFinite).max() ?? 1 }

  private var kinds: [Kind] {
    [("basins", topology.basins, 0), ("summits", topology.summits, 1)].map { name, all, color in
      Kind(
        name: name, color: .ofSeries(color),
        levels: all.map { ($0.extremum.loss, $0.saddle?.loss ?? top) })
    }
  }

  private var barcode: LineChart {
    var series: [Series] = []
    var row = 0
    for kind in kinds {
      for (place, bar) in kind.levels.prefix(Self.mostBars).enumerated() {
        row += 1
        series.append(
          Series(
            place == 0 ? kind.name : "", x: [bar.birth, bar.death],
            y: [Double(-row), Double(-row)],
            color: kind.color, width: 2.4))
      }
    }
    let range = -Double(max(row, 1)) - 0.5 ... -0.5
    return LineChart(
      series: series, xAxis: Axis("loss"),
      leftAxis: Axis("most persistent first", range: range, names: numbers(row)), plotAspect: 1)
  }

  /// Numbers of the first bar and of every fifth one.
  private func numbers(_ rows: Int) -> [Tick] {
    var ticks: [Tick] = []
    for row in stride(from: max(rows, 1), through: 1, by: -1) where row == 1 || row % 5 == 0 {
      ticks.append(Tick(value: -Double(row), label: String(row)))
    }
    return ticks
  }

  private var diagram: LineChart {
    let bottom = topology.basins.first?.extremum.loss ?? 0
    var series = [
      Series(
        "", x: [bottom, top], y: [bottom, top], color: Color(gray: 0.4), width: 0.8)
    ]
    if let threshold = topology.resolution?.threshold, threshold < top - bottom {
      for (place, sign) in [1.0, -1.0].enumerated() {
        series.append(
          Series(
            place == 0 ? "twice the change on every second point" : "",
            x: [bottom, top], y: [bottom + sign * threshold, top + sign * threshold],
            color: Color(gray: 0.4), dash: .dotted, width: 0.8))
      }
    }
    series += kinds.filter { !$0.levels.isEmpty }.map { kind in
      Series(
        kind.name, x: kind.levels.map(\.birth), y: kind.levels.map(\.death), color: kind.color,
        dots: true, line: false)
    }
    return LineChart(
      series: series, xAxis: Axis("loss where it begins"),
      leftAxis: Axis("loss where it ends", range: padded(bottom, top)), plotAspect: 1)
  }

  private func padded(_ lower: Double, _ upper: Double) -> ClosedRange<Double> {
    let margin = max((upper - lower) * 0.04, .leastNormalMagnitude)
    return lower - margin...upper + margin
  }

  private var caption: String {
    let hidden = kinds.map { max($0.levels.count - Self.mostBars, 0) }.reduce(0, +)
    return
      "Basins and summits of the surface, linear on triangles between \(run.surface.xs.count) x "
      + "\(run.surface.ys.count) points. The lowest basin never ends; its bar is cut at the largest loss."
      + (hidden > 0 ? " \(hidden) shorter bars are not drawn." : "") + " " + run.summary.caption()
  }
}
