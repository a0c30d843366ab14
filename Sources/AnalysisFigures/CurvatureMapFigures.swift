package import Analyses
internal import HessianSpectra
internal import Krylov
internal import LossSurfaces
package import Plotting

/// Maps of the ratio of both ends of the spectrum, and of each end.
package struct CurvatureMapFigures {
  private let run: FinishedCurvatureMap
  private let colors: ColorMap

  /// Draws a map.
  package init(_ run: FinishedCurvatureMap, colors: ColorMap = .viridis) {
    self.run = run
    self.colors = colors
  }

  private struct Quantity {
    let name: String
    let label: String
    let value: (CurvatureMap.Point) -> Double
    let isConverged: (CurvatureMap.Point) -> Bool
  }

  private var quantities: [Quantity] {
    [
      Quantity(
        name: "curvature-ratio", label: "|λmin / λmax|", value: \.ratio,
        isConverged: \.isConverged),
      Quantity(
        name: "curvature-largest", label: "λmax", value: \.largest.value,
        isConverged: \.largest.isConverged),
      Quantity(
        name: "curvature-smallest", label: "λmin", value: \.smallest.value,
        isConverged: \.smallest.isConverged),
    ]
  }

  /// The figures with their names.
  ///
  /// - Throws: `PlottingError` where no point is finite.
  package var figures: [(name: String, figure: Figure)] {
    get throws {
      try quantities.map { ($0.name, try figure($0)) }
    }
  }

  private func figure(_ quantity: Quantity) throws -> Figure {
    let map = run.map
    let grid = try ScalarGrid(xs: map.xs, ys: map.ys, values: map.points.map(quantity.value))
    let scale = try ColorScale(fitting: [grid], map: colors)
    let unconverged = map.points.indices.filter {
      map.points[$0].isFinite && !quantity.isConverged(map.points[$0])
    }
    let crosses = unconverged.enumerated().map { place, index in
      MapMarker(
        x: map.xs[index % map.xs.count], y: map.ys[index / map.xs.count],
        label: place == 0 ? "not converged" : "", shape: .cross)
    }
    let heat = HeatMap(
      grid: grid, scale: scale, xLabel: "first direction", yLabel: "second direction",
      markers: crosses + [MapMarker(x: 0, y: 0, label: "trained weights")])
    return Figure(
      panels: [Panel(chart: .heatMap(heat))], title: run.summary.source.title,
      caption: run.summary.caption()
        + (quantity.name == "curvature-ratio" ? " " + CurvatureMapSummary.meaning : ""),
      colorBar: ColorBar(scale: scale, label: quantity.label))
  }
}
