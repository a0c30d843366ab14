internal import Foundation

/// An orthographic view of the unit cube, whose height is drawn shorter than its sides.
struct SurfaceProjection {
  /// A position in the unit cube.
  struct Position {
    var x: Double
    var y: Double
    var z: Double
  }

  /// Height of the box over its side.
  static let heightRatio = 0.7

  private let right: (Double, Double)
  private let up: (Double, Double, Double)
  /// From the box towards the viewer.
  let viewer: (x: Double, y: Double, z: Double)
  var scale = 1.0
  var origin = Point(x: 0, y: 0)

  /// - Parameters:
  ///   - elevation: degrees of the viewer above the floor.
  ///   - azimuth: degrees of the viewer from the x axis towards the y axis.
  init(elevation: Double, azimuth: Double) {
    let (e, a) = (elevation * .pi / 180, azimuth * .pi / 180)
    right = (-sin(a), cos(a))
    up = (-sin(e) * cos(a), -sin(e) * sin(a), cos(e))
    viewer = (cos(e) * cos(a), cos(e) * sin(a), sin(e))
  }

  func page(_ position: Position) -> Point {
    let (x, y) = (position.x - 0.5, position.y - 0.5)
    let z = (position.z - 0.5) * Self.heightRatio
    return Point(
      x: origin.x + scale * (x * right.0 + y * right.1),
      y: origin.y - scale * (x * up.0 + y * up.1 + z * up.2))
  }

  /// The side of the box (0 or 1) nearest to the viewer, along x and along y.
  var nearX: Double { viewer.x > 0 ? 1 : 0 }
  var nearY: Double { viewer.y > 0 ? 1 : 0 }
}
