internal import Foundation

/// A grid of values as a shaded surface in a box with three axes.
///
/// The height follows the colour scale: logarithmic where that is. Values beyond the scale's range
/// are drawn as a plateau (the colour bar then has an arrow); cells with a value that is not finite
/// are left open, with hatching on the floor below them.
package struct Surface3D: Sendable, Equatable {
  package var grid: ScalarGrid
  package var scale: ColorScale
  package var xLabel: String
  package var yLabel: String
  package var zLabel: String
  /// Degrees of the viewer above the floor, within 5...85.
  package var elevation: Double
  /// Degrees of the viewer from the x axis towards the y axis.
  package var azimuth: Double
  /// Whether contour lines are drawn on the floor, with the surface lifted above them.
  package var drawsFloorContours: Bool
  package var markers: [MapMarker]

  package init(
    grid: ScalarGrid, scale: ColorScale, xLabel: String = "x", yLabel: String = "y",
    zLabel: String = "", elevation: Double = 38, azimuth: Double = -58,
    drawsFloorContours: Bool = false, markers: [MapMarker] = []
  ) {
    self.grid = grid
    self.scale = scale
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.zLabel = zLabel
    self.elevation = elevation
    self.azimuth = azimuth
    self.drawsFloorContours = drawsFloorContours
    self.markers = markers
  }
}

extension Surface3D: PanelContent {
  var aspectRatio: Double { 0.8 }

  var frameIdentity: FrameIdentity? { nil }

  var legend: [LegendEntry] {
    visibleMarkers.map { LegendEntry(name: $0.label, symbol: .marker($0.shape)) }
      + (grid.nonFinitePoints.isEmpty ? [] : [.openCell])
  }

  /// The box fits itself, labels included, into the plot rectangle.
  func edges(plot: Size, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> Edges
  {
    try check()
    return Edges()
  }

  func commands(in plot: Rectangle, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> [DrawCommand]
  {
    try check()
    let mesh = SurfaceMesh(
      grid: grid, scale: scale, floorOffset: drawsFloorContours ? 0.35 : 0)
    var box = SurfaceBox(
      projection: SurfaceProjection(
        elevation: min(max(elevation, 5), 85), azimuth: azimuth),
      x: try axis(xLabel, grid.xs, plot.width * 0.55, measure),
      y: try axis(yLabel, grid.ys, plot.width * 0.55, measure),
      z: AxisLayout(
        label: zLabel, normalization: scale.normalization,
        length: plot.height * 0.42 * (1 - mesh.floorOffset), isHorizontal: false,
        measure: measure),
      zOffset: mesh.floorOffset)
    box.fit(into: plot, measure: measure)
    return box.walls() + floor(box, mesh) + mesh.commands(box.projection, markers: visibleMarkers)
      + box.axes(measure: measure)
  }

  private var visibleMarkers: [MapMarker] {
    markers.filter { grid.value(atX: $0.x, y: $0.y) != nil }
  }

  private func check() throws(PlottingError) {
    guard grid.columns > 1, grid.rows > 1 else {
      throw .invalidGrid(
        "a surface needs at least 2 x 2 points, got \(grid.columns) x \(grid.rows); "
          + "draw a heat map or a line chart instead")
    }
    guard elevation.isFinite, azimuth.isFinite else {
      throw .invalidFigure("the viewing angles of a surface must be finite")
    }
  }

  private func axis(
    _ label: String, _ values: [Double], _ length: Double, _ measure: some TextMeasure
  ) throws(PlottingError) -> AxisLayout {
    AxisLayout(
      label: label,
      normalization: try Normalization(
        .linear, from: values.first ?? 0, to: values.last ?? 0), length: length,
      isHorizontal: true, measure: measure)
  }

  /// What lies on the floor: contour lines and the shadow of cells that are not finite.
  private func floor(_ box: SurfaceBox, _ mesh: SurfaceMesh) -> [DrawCommand] {
    func page(_ point: Point) -> Point {
      box.projection.page(mesh.position(x: point.x, y: point.y, z: 0))
    }
    var commands: [DrawCommand] = []
    if drawsFloorContours {
      let contours = ContourLines(
        of: grid, at: scale.levels.values, kind: scale.normalization.kind)
      commands += contours.lines.map { line in
        .stroke(
          Path([line.polyline.mapped(page)]),
          Stroke(color: scale.color(of: line.level), width: 0.7))
      }
    }
    let holes = mesh.openCells.map { corners in
      Polyline(points: corners.map(page), isClosed: true)
    }
    return commands + (holes.isEmpty ? [] : Hatch.commands(over: Path(holes)))
  }
}
