/// A map of contour lines, filled or not.
package struct ContourChart: Sendable, Equatable {
  package enum Style: Sendable, Equatable {
    case filled
    case lines
    case filledWithLines
  }

  package var grid: ScalarGrid
  package var scale: ColorScale
  package var style: Style
  package var xLabel: String
  package var yLabel: String
  /// Whether lines carry their level where there is room.
  package var labelsLines: Bool
  package var markers: [MapMarker]
  package var paths: [MapPath]

  package init(
    grid: ScalarGrid, scale: ColorScale, style: Style = .filledWithLines, xLabel: String = "x",
    yLabel: String = "y", labelsLines: Bool = true, markers: [MapMarker] = [],
    paths: [MapPath] = []
  ) {
    self.grid = grid
    self.scale = scale
    self.style = style
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.labelsLines = labelsLines
    self.markers = markers
    self.paths = paths
  }

  private var frame: MapFrame {
    MapFrame(
      xLabel: xLabel, yLabel: yLabel, x: (grid.xs.first ?? 0)...(grid.xs.last ?? 0),
      y: (grid.ys.first ?? 0)...(grid.ys.last ?? 0), markers: markers, paths: paths)
  }

  private func check() throws(PlottingError) {
    guard grid.columns > 1, grid.rows > 1 else {
      throw .invalidGrid(
        "contours need at least 2 x 2 points, got \(grid.columns) x \(grid.rows); "
          + "draw a heat map or a line chart instead")
    }
  }
}

extension ContourChart: PanelContent {
  var aspectRatio: Double { grid.columns > 1 && grid.rows > 1 ? frame.aspectRatio : 1 }

  var frameIdentity: FrameIdentity? { frame.identity }

  var legend: [LegendEntry] {
    frame.legend + (grid.nonFinitePoints.isEmpty ? [] : [.nonFiniteCell])
  }

  func edges(plot: Size, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> Edges
  {
    try check()
    return try frame.cartesian(plot: plot, labels: labels, measure: measure)
      .edges(plot: plot, measure: measure)
  }

  func commands(in plot: Rectangle, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> [DrawCommand]
  {
    try check()
    let frame = frame
    let cartesian = try frame.cartesian(plot: plot.size, labels: labels, measure: measure)
    func page(_ point: Point) -> Point { cartesian.point(point.x, point.y, in: plot) }
    let notes = frame.notes(cartesian, in: plot, measure: measure)
    var inside: [DrawCommand] = []
    if style != .lines { inside += fills(in: plot, page) }
    var numbers: [DrawCommand] = []
    if style != .filled {
      let (lines, texts) = contourLines(
        in: plot, page, frame: frame, notes: notes, measure: measure)
      inside += lines
      numbers = texts
    }
    inside += nonFiniteCells(page)
    return [.clipped(to: Path(plot), commands: inside)] + numbers
      + frame.overlays(cartesian, notes, in: plot) + cartesian.commands(in: plot, measure: measure)
  }

  private func fills(in plot: Rectangle, _ page: (Point) -> Point) -> [DrawCommand] {
    let values = scale.levels.values
    // The ground stands for everything below the first painted level.
    let first = scale.clipsBelow ? 0 : 1
    let last = values.count - (scale.clipsAbove ? 1 : 2)
    var commands: [DrawCommand] = [
      .fill(Path(plot), scale.clipsBelow ? scale.map.color(at: 0) : scale.bandColor(0))
    ]
    guard first <= last else { return commands }
    let regions = FilledContours(
      of: grid, at: Array(values[first...last]), kind: scale.normalization.kind
    ).regions
    for (offset, region) in regions.enumerated() where !region.path.polylines.isEmpty {
      let index = first + offset
      let color =
        index < values.count - 1 ? scale.bandColor(index) : scale.map.color(at: 1)
      commands.append(.fill(Path(region.path.polylines.map { $0.mapped(page) }), color))
    }
    return commands
  }

  private func contourLines(
    in plot: Rectangle, _ page: (Point) -> Point, frame: MapFrame, notes: [PathNote],
    measure: some TextMeasure
  ) -> (lines: [DrawCommand], texts: [DrawCommand]) {
    let traced = ContourLines(
      of: grid, at: scale.levels.values, kind: scale.normalization.kind)
    let onPage = traced.lines.map {
      ContourLabels.Line(level: $0.level, polyline: $0.polyline.mapped(page))
    }
    let markers = frame.visibleMarkers.map { (page(Point(x: $0.x, y: $0.y)), 4.0) }
    let obstacles =
      markers + frame.paths.flatMap { $0.samples(page).map { ($0, 1.0) } }
      + notes.flatMap { $0.outline.map { ($0, 1.0) } }
    let labelled =
      labelsLines
      ? ContourLabels(lines: onPage, in: plot, obstacles: obstacles, measure: measure) : nil
    let lines = (labelled?.lines ?? onPage).map { line -> DrawCommand in
      .stroke(Path([line.polyline]), stroke(at: line.level))
    }
    let texts = (labelled?.labels ?? []).map { label -> DrawCommand in
      .text(
        measure.run(
          label.text, font: .contourLabel, center: label.center, rotation: label.rotation,
          color: labelColor(at: label.level)))
    }
    return (lines, texts)
  }

  private func stroke(at level: Double) -> Stroke {
    style == .lines
      ? Stroke(color: lineColor(at: level), width: 0.9)
      : Stroke(color: scale.color(of: level).contrastingInk.withAlpha(0.6), width: 0.5)
  }

  private func labelColor(at level: Double) -> Color {
    style == .lines
      ? lineColor(at: level).scaled(by: 0.8) : scale.color(of: level).contrastingInk
  }

  /// Line colours on white: light ends of a map are darkened until they can be read.
  private func lineColor(at level: Double) -> Color {
    var color = scale.color(of: level)
    // 0.4 is a contrast of 2.3 to 1, enough for a line 0.9 points wide.
    while color.luminance > 0.4 { color = color.scaled(by: 0.92) }
    return color
  }

  private func nonFiniteCells(_ page: (Point) -> Point) -> [DrawCommand] {
    var cells: [Polyline] = []
    for row in 0..<(grid.rows - 1) {
      for column in 0..<(grid.columns - 1) where !grid.isCellFinite(column, row) {
        let low = page(Point(x: grid.xs[column], y: grid.ys[row]))
        let high = page(Point(x: grid.xs[column + 1], y: grid.ys[row + 1]))
        cells.append(
          Polyline(points: Rectangle(enclosing: [low, high]).corners, isClosed: true))
      }
    }
    return cells.isEmpty ? [] : Hatch.commands(over: Path(cells))
  }
}
