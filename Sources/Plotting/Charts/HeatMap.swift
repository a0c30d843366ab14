/// A map that paints one cell around each grid point: the data as they are, without interpolation.
package struct HeatMap: Sendable, Equatable {
  package var grid: ScalarGrid
  package var scale: ColorScale
  package var xLabel: String
  package var yLabel: String
  package var markers: [MapMarker]
  package var paths: [MapPath]

  package init(
    grid: ScalarGrid, scale: ColorScale, xLabel: String = "x", yLabel: String = "y",
    markers: [MapMarker] = [], paths: [MapPath] = []
  ) {
    self.grid = grid
    self.scale = scale
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.markers = markers
    self.paths = paths
  }

  /// Borders of the cells: half-way between points, and as far beyond the outermost ones.
  static func borders(_ centers: [Double]) -> [Double] {
    guard let first = centers.first, let last = centers.last else { return [] }
    guard centers.count > 1 else { return [first - 0.5, first + 0.5] }
    let inner = zip(centers, centers.dropFirst()).map { $0 + ($1 - $0) / 2 }
    let count = inner.count
    return [2 * first - inner[0]] + inner + [2 * last - inner[count - 1]]
  }

  private var frame: MapFrame {
    let (x, y) = (Self.borders(grid.xs), Self.borders(grid.ys))
    return MapFrame(
      xLabel: xLabel, yLabel: yLabel, x: (x.first ?? 0)...(x.last ?? 0),
      y: (y.first ?? 0)...(y.last ?? 0), markers: markers, paths: paths)
  }
}

extension HeatMap: PanelContent {
  var aspectRatio: Double { frame.aspectRatio }

  var frameIdentity: FrameIdentity? { frame.identity }

  var legend: [LegendEntry] {
    frame.legend + (grid.nonFinitePoints.isEmpty ? [] : [.nonFiniteCell])
  }

  func edges(plot: Size, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> Edges
  {
    try frame.cartesian(plot: plot, labels: labels, measure: measure)
      .edges(plot: plot, measure: measure)
  }

  func commands(in plot: Rectangle, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> [DrawCommand]
  {
    let frame = frame
    let cartesian = try frame.cartesian(plot: plot.size, labels: labels, measure: measure)
    return [.clipped(to: Path(plot), commands: cells(cartesian, in: plot))]
      + frame.overlays(
        cartesian, frame.notes(cartesian, in: plot, measure: measure), in: plot)
      + cartesian.commands(in: plot, measure: measure)
  }

  /// Each cell reaches a little under its right and lower neighbours, which are painted later, so
  /// that the page never shines through between them.
  private func cells(_ cartesian: CartesianFrame, in plot: Rectangle) -> [DrawCommand] {
    let (xs, ys) = (Self.borders(grid.xs), Self.borders(grid.ys))
    var commands: [DrawCommand] = []
    var nonFinite: [Polyline] = []
    for row in (0..<grid.rows).reversed() {
      for column in 0..<grid.columns {
        let topLeft = cartesian.point(xs[column], ys[row + 1], in: plot)
        let bottomRight = cartesian.point(xs[column + 1], ys[row], in: plot)
        var cell = Rectangle(enclosing: [topLeft, bottomRight])
        let value = grid[column, row]
        if !value.isFinite {
          nonFinite.append(Polyline(points: cell.corners, isClosed: true))
        }
        cell.width += 0.5
        cell.height += 0.5
        commands.append(.fill(Path(cell), scale.color(of: value)))
      }
    }
    return commands + (nonFinite.isEmpty ? [] : Hatch.commands(over: Path(nonFinite)))
  }
}
