internal import Foundation

/// A run of straight segments, in page or data coordinates.
package struct Polyline: Sendable, Equatable {
  package var points: [Point]
  /// Whether the last point is joined to the first.
  package var isClosed: Bool

  package init(points: [Point], isClosed: Bool = false) {
    self.points = points
    self.isClosed = isClosed
  }

  /// The points in drawing order, the first repeated at the end of a closed line.
  var closedPoints: [Point] {
    guard isClosed, let first = points.first else { return points }
    return points + [first]
  }

  /// The enclosed area, positive for one sense of rotation and negative for the other.
  ///
  /// The shoelace formula `½ Σ (xᵢ yᵢ₊₁ − xᵢ₊₁ yᵢ)`; an open line is closed first.
  package var signedArea: Double {
    guard var previous = points.last else { return 0 }
    var sum = 0.0
    for point in points {
      sum += previous.x * point.y - point.x * previous.y
      previous = point
    }
    return sum / 2
  }

  func mapped(_ transform: (Point) -> Point) -> Polyline {
    Polyline(points: points.map(transform), isClosed: isClosed)
  }
}

/// Several polylines that are filled (even-odd rule) or stroked together.
package struct Path: Sendable, Equatable {
  package var polylines: [Polyline]

  package init(_ polylines: [Polyline]) {
    self.polylines = polylines
  }

  init(line start: Point, _ end: Point) {
    self.init([Polyline(points: [start, end])])
  }

  init(_ rectangle: Rectangle) {
    self.init([Polyline(points: rectangle.corners, isClosed: true)])
  }

  init(polygon points: [Point]) {
    self.init([Polyline(points: points, isClosed: true)])
  }

  /// A regular polygon fine enough to look like a circle at any printed size used here.
  init(circleAt center: Point, radius: Double) {
    let count = 32
    self.init(
      polygon: (0..<count).map { index in
        let angle = 2 * Double.pi * Double(index) / Double(count)
        return Point(
          x: center.x + radius * cos(angle),
          y: center.y + radius * sin(angle))
      })
  }
}
