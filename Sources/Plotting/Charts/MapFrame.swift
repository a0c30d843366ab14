/// The axes and marks that contour charts and heat maps have in common.
struct MapFrame {
  let xLabel: String
  let yLabel: String
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>
  let markers: [MapMarker]
  let paths: [MapPath]

  /// Equal units on both axes, within limits that keep a long strip readable.
  var aspectRatio: Double {
    let ratio = (y.upperBound - y.lowerBound) / (x.upperBound - x.lowerBound)
    return min(max(ratio, 0.4), 1.6)
  }

  var identity: FrameIdentity { FrameIdentity(xLabel: xLabel, yLabel: yLabel, x: x, y: y) }

  func cartesian(
    plot: Size, labels: AxisVisibility, measure: some TextMeasure
  ) throws(PlottingError) -> CartesianFrame {
    let across = try Normalization(.linear, from: x.lowerBound, to: x.upperBound)
    let upwards = try Normalization(.linear, from: y.lowerBound, to: y.upperBound)
    func layouts(_ maximumCount: Int) -> (x: AxisLayout, y: AxisLayout) {
      (
        AxisLayout(
          label: xLabel, normalization: across, length: plot.width, isHorizontal: true,
          maximumCount: maximumCount, measure: measure),
        AxisLayout(
          label: yLabel, normalization: upwards, length: plot.height, isHorizontal: false,
          maximumCount: maximumCount, measure: measure)
      )
    }
    var (horizontal, vertical) = layouts(AxisLayout.mostTicks)
    if x == y {
      // The same range deserves the same ticks: those of the axis with less room for them.
      let fewest = min(horizontal.ticks.major.count, vertical.ticks.major.count)
      (horizontal, vertical) = layouts(fewest)
    }
    return CartesianFrame(x: horizontal, left: vertical, right: nil, labels: labels)
  }

  var legend: [LegendEntry] {
    paths.map {
      LegendEntry(name: $0.label, symbol: .line(Stroke(color: $0.color, width: 1.4)))
    }
      + visibleMarkers.filter { !$0.label.isEmpty }.map {
        LegendEntry(name: $0.label, symbol: .marker($0.shape))
      }
  }

  var visibleMarkers: [MapMarker] {
    markers.filter { x.contains($0.x) && y.contains($0.y) }
  }

  /// Texts beside points of paths.
  func notes(
    _ frame: CartesianFrame, in plot: Rectangle, measure: some TextMeasure
  ) -> [PathNote] {
    PathNote.placed(
      paths, markers: visibleMarkers.map { frame.point($0.x, $0.y, in: plot) }, in: plot,
      measure: measure
    ) { frame.point($0.x, $0.y, in: plot) }
  }

  /// Paths with their notes and markers in page coordinates.
  func overlays(
    _ frame: CartesianFrame, _ notes: [PathNote], in plot: Rectangle
  ) -> [DrawCommand] {
    var commands: [DrawCommand] = []
    for path in paths {
      let finite = path.points.filter { $0.x.isFinite && $0.y.isFinite }
      let points = finite.map { frame.point($0.x, $0.y, in: plot) }
      let line = Path([Polyline(points: points)])
      let dots = points.map { DrawCommand.fill(Path(circleAt: $0, radius: 1.7), path.color) }
      commands.append(
        .clipped(
          to: Path(plot),
          commands: [
            .stroke(line, Stroke(color: .white, width: 2.4)),
            .stroke(line, Stroke(color: path.color, width: 1.4)),
          ] + dots))
    }
    for marker in visibleMarkers {
      commands += marker.shape.commands(at: frame.point(marker.x, marker.y, in: plot))
    }
    return commands + notes.flatMap(\.commands)
  }
}
