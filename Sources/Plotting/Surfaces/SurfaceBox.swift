internal import Foundation

/// The back walls, floor, axes and labels around a surface.
struct SurfaceBox {
  var projection: SurfaceProjection
  let x: AxisLayout
  let y: AxisLayout
  let z: AxisLayout
  /// Where the z axis begins, as a part of the box's height.
  let zOffset: Double

  private static let wall = Color(gray: 0.965)
  private static let wallGrid = Stroke(color: Color(gray: 0.84), width: 0.4)
  private static let wallEdge = Stroke(color: Color(gray: 0.7), width: 0.5)

  /// Makes the box and all its labels just fit into `plot`, centred.
  mutating func fit(into plot: Rectangle, measure: some TextMeasure) {
    projection.scale = plot.width / 2
    projection.origin = plot.center
    // Labels keep their size while the box scales: a few steps of a fixed-point iteration.
    for _ in 0..<8 {
      let box = Rectangle(enclosing: corners)
      let whole = extent(measure: measure)
      let labelWidth = whole.width - box.width
      let labelHeight = whole.height - box.height
      let factor = min(
        max(plot.width - labelWidth, plot.width * 0.2) / box.width,
        max(plot.height - labelHeight, plot.height * 0.2) / box.height)
      projection.scale *= factor
    }
    let whole = extent(measure: measure)
    projection.origin.x += plot.center.x - whole.center.x
    projection.origin.y += plot.center.y - whole.center.y
  }

  private var corners: [Point] {
    (0..<8).map { index in
      projection.page(
        .init(x: Double(index & 1), y: Double(index >> 1 & 1), z: Double(index >> 2)))
    }
  }

  private func extent(measure: some TextMeasure) -> Rectangle {
    let labels = edges.flatMap { $0.labels(projection, measure: measure) }
    return Rectangle(enclosing: corners + labels.flatMap { $0.bounds.corners })
  }

  func walls() -> [DrawCommand] {
    let (farX, farY) = (1 - projection.nearX, 1 - projection.nearY)
    func face(_ points: [(Double, Double, Double)]) -> Path {
      Path(polygon: points.map { projection.page(.init(x: $0, y: $1, z: $2)) })
    }
    let faces = [
      face([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]),
      face([(farX, 0, 0), (farX, 1, 0), (farX, 1, 1), (farX, 0, 1)]),
      face([(0, farY, 0), (1, farY, 0), (1, farY, 1), (0, farY, 1)]),
    ]
    func line(_ points: [(Double, Double, Double)]) -> Polyline {
      Polyline(points: points.map { projection.page(.init(x: $0, y: $1, z: $2)) })
    }
    var lines: [Polyline] = []
    for tick in x.ticks.major {
      let at = x.normalization.fraction(of: tick.value)
      lines.append(line([(at, projection.nearY, 0), (at, farY, 0), (at, farY, 1)]))
    }
    for tick in y.ticks.major {
      let at = y.normalization.fraction(of: tick.value)
      lines.append(line([(projection.nearX, at, 0), (farX, at, 0), (farX, at, 1)]))
    }
    for tick in z.ticks.major {
      let at = height(tick.value)
      lines.append(
        line([(farX, projection.nearY, at), (farX, farY, at), (projection.nearX, farY, at)]))
    }
    return faces.map { .fill($0, Self.wall) } + [.stroke(Path(lines), Self.wallGrid)]
      + faces.map { .stroke($0, Self.wallEdge) }
  }

  func axes(measure: some TextMeasure) -> [DrawCommand] {
    edges.flatMap { edge in
      [.stroke(edge.marks(projection), .axis)]
        + edge.labels(projection, measure: measure).map { .text($0) }
    }
  }

  private func height(_ value: Double) -> Double {
    zOffset + (1 - zOffset) * z.normalization.fraction(of: value)
  }

  /// The three edges of the box that carry axes.
  private var edges: [BoxEdge] {
    let (nearX, nearY) = (projection.nearX, projection.nearY)
    let (farX, farY) = (1 - nearX, 1 - nearY)
    // Of the two upright edges on the outline, the one on the left of the page.
    let sides = [(nearX, farY), (farX, nearY)].map { x, y in
      (x, y, projection.page(.init(x: x, y: y, z: 0)).x)
    }
    let side = sides[0].2 < sides[1].2 ? sides[0] : sides[1]
    let outX = nearX == 1 ? 1.0 : -1.0
    let outY = nearY == 1 ? 1.0 : -1.0
    return [
      BoxEdge(axis: x, tickOf: { x.normalization.fraction(of: $0) }) {
        .init(x: $0, y: nearY + outY * $1, z: 0)
      },
      BoxEdge(axis: y, tickOf: { y.normalization.fraction(of: $0) }) {
        .init(x: nearX + outX * $1, y: $0, z: 0)
      },
      BoxEdge(axis: z, tickOf: height, isUpright: true) { along, _ in
        .init(x: side.0, y: side.1, z: along)
      },
    ]
  }
}

/// One axis along an edge of the box.
private struct BoxEdge {
  let axis: AxisLayout
  let tickOf: (Double) -> Double
  var isUpright = false
  /// The position at a fraction along the edge and a distance outwards from it.
  let place: (Double, Double) -> SurfaceProjection.Position

  private static let tick = 3.0
  private static let gap = 2.5

  private func outward(_ projection: SurfaceProjection) -> Point {
    if isUpright { return Point(x: -1, y: 0) }
    let (from, to) = (projection.page(place(0.5, 0)), projection.page(place(0.5, 0.1)))
    let length = max(from.distance(to: to), 1e-9)
    return Point(x: (to.x - from.x) / length, y: (to.y - from.y) / length)
  }

  func marks(_ projection: SurfaceProjection) -> Path {
    let out = outward(projection)
    func ticks(_ values: [Double], _ length: Double) -> [Polyline] {
      values.filter(axis.normalization.contains).map { value in
        let foot = projection.page(place(tickOf(value), 0))
        return Polyline(points: [foot, foot.offset(x: out.x * length, y: out.y * length)])
      }
    }
    let line = Polyline(points: [
      projection.page(place(0, 0)), projection.page(place(1, 0)),
    ])
    return Path(
      [line] + ticks(axis.ticks.major.map(\.value), Self.tick)
        + ticks(axis.ticks.minor, Self.tick * 0.6))
  }

  func labels(_ projection: SurfaceProjection, measure: some TextMeasure) -> [TextRun] {
    let out = outward(projection)
    let font = Font.tickLabel
    var reach = 0.0
    var runs: [TextRun] = []
    for tick in axis.ticks.major {
      let foot = projection.page(place(tickOf(tick.value), 0))
      let width = measure.width(of: tick.label, font: font)
      let half = abs(out.x) * width / 2 + abs(out.y) * font.capHeight / 2
      let distance = Self.tick + Self.gap + half
      reach = max(reach, distance + half)
      runs.append(
        measure.run(
          tick.label, font: font,
          at: foot.offset(x: out.x * distance, y: out.y * distance), .center, .middle))
    }
    guard !axis.label.isEmpty else { return runs }
    let (start, end) = (projection.page(place(0, 0)), projection.page(place(1, 0)))
    var rotation = atan2(end.y - start.y, end.x - start.x)
    if rotation > .pi / 2 { rotation -= .pi }
    if rotation < -.pi / 2 { rotation += .pi }
    if isUpright { rotation = -.pi / 2 }
    let distance = reach + 3 + Font.axisLabel.capHeight
    let middle = start.interpolated(to: end, at: 0.5)
    runs.append(
      measure.run(
        axis.label, font: .axisLabel,
        center: middle.offset(x: out.x * distance, y: out.y * distance), rotation: rotation))
    return runs
  }
}
