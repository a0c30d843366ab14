/// How a single point is marked.
package enum MarkerShape: Sendable, Equatable {
  /// A white disc with a dark rim, seen on any colour.
  case disc
  /// A faint disc: a point that lies behind something.
  case ghost
  /// A red cross: a value that cannot be drawn.
  case cross
  /// A white plus with a dark rim.
  case plus
  /// A white square with a dark rim, seen on any colour.
  case square

  func commands(at center: Point) -> [DrawCommand] {
    switch self {
    case .disc:
      let circle = Path(circleAt: center, radius: 2.6)
      return [.fill(circle, .white), .stroke(circle, Stroke(color: .black, width: 1))]
    case .ghost:
      let circle = Path(circleAt: center, radius: 2.6)
      return [
        .fill(circle, Color(gray: 1, alpha: 0.35)),
        .stroke(circle, Stroke(color: Color(gray: 0, alpha: 0.5), width: 1)),
      ]
    case .cross:
      return arms(center, reach: 2.4, diagonal: true, Stroke(color: .white, width: 2.4))
        + arms(center, reach: 2.4, diagonal: true, Stroke(color: Color(rgb: 0xc00000), width: 1.2))
    case .plus:
      return arms(center, reach: 4, diagonal: false, Stroke(color: .black, width: 3))
        + arms(center, reach: 3.3, diagonal: false, Stroke(color: .white, width: 1.4))
    case .square:
      let square = Path(Rectangle(x: center.x - 2.4, y: center.y - 2.4, width: 4.8, height: 4.8))
      return [.fill(square, .white), .stroke(square, Stroke(color: .black, width: 1))]
    }
  }

  private func arms(
    _ center: Point, reach: Double, diagonal: Bool, _ stroke: Stroke
  ) -> [DrawCommand] {
    let offsets: [(Double, Double)] = diagonal ? [(1, 1), (1, -1)] : [(1, 0), (0, 1)]
    let lines = offsets.map { dx, dy in
      Polyline(points: [
        center.offset(x: -dx * reach, y: -dy * reach), center.offset(x: dx * reach, y: dy * reach),
      ])
    }
    return [.stroke(Path(lines), stroke)]
  }
}

/// A named point of a map, such as the trained weights at the centre of a loss surface.
package struct MapMarker: Sendable, Equatable {
  package var x: Double
  package var y: Double
  package var label: String
  package var shape: MarkerShape

  package init(x: Double, y: Double, label: String, shape: MarkerShape = .disc) {
    self.x = x
    self.y = y
    self.label = label
    self.shape = shape
  }
}

/// A path over a map in its coordinates, such as the way training took.
package struct MapPath: Sendable, Equatable {
  /// A text beside a point.
  package struct Note: Sendable, Equatable {
    /// Which of the points.
    package var index: Int
    package var text: String

    package init(index: Int, text: String) {
      self.index = index
      self.text = text
    }
  }

  package var points: [Point]
  package var label: String
  package var color: Color
  /// Texts beside points, the more important first: of those that find no room the later are left out.
  package var notes: [Note]

  package init(
    points: [Point], label: String, color: Color = Color(rgb: 0xd55e00), notes: [Note] = []
  ) {
    self.points = points
    self.label = label
    self.color = color
    self.notes = notes
  }

  /// Points every two points of length along the path on the page.
  func samples(_ page: (Point) -> Point) -> [Point] {
    let points = points.filter { $0.x.isFinite && $0.y.isFinite }.map(page)
    return zip(points, points.dropFirst()).flatMap { from, to in
      let count = max(1, Int(min(from.distance(to: to), 2000) / 2))
      return (0...count).map { from.interpolated(to: to, at: Double($0) / Double(count)) }
    }
  }
}

/// Red diagonal lines on grey: here the value is not finite.
enum Hatch {
  static func commands(over path: Path) -> [DrawCommand] {
    let bounds = Rectangle(enclosing: path.polylines.flatMap(\.points))
    let spacing = 3.2
    // Lines x + y = k spacing, on one raster for the whole page.
    let first = Int(((bounds.x + bounds.y) / spacing).rounded(.down))
    let last = Int(((bounds.right + bounds.bottom) / spacing).rounded(.up))
    let lines = (first...max(first, last)).map { index in
      let sum = Double(index) * spacing
      return Polyline(points: [
        Point(x: sum - bounds.bottom, y: bounds.bottom), Point(x: sum - bounds.y, y: bounds.y),
      ])
    }
    return [
      .fill(path, ColorScale.nonFinite),
      .clipped(to: path, commands: [.stroke(Path(lines), ColorScale.nonFiniteHatch)]),
    ]
  }
}
