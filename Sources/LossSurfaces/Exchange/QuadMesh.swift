internal import Foundation

/// How the loss becomes the height of a mesh, with the meaning that loss-landscape's `h52vtp.py` gives it.
package struct MeshHeight: Equatable, Sendable {
  /// Larger losses are drawn at this height; nil for all as they are.
  package var maximum: Double?
  /// Whether heights are `ln(loss + 0.1)`, of the loss that was cut off.
  package var isLogarithmic = false

  /// The loss itself.
  package init() {}

  /// The height of a loss; not finite where there is none.
  func height(of loss: Double) -> Double {
    let cut = maximum.map { loss > $0 ? $0 : loss } ?? loss
    return isLogarithmic ? log(cut + 0.1) : cut
  }
}

/// A surface as points in space and quadrilaterals between them.
///
/// A point whose height is not finite is left out together with the quadrilaterals around it, which
/// leaves a hole.
package struct QuadMesh: Sendable {
  /// x, y and height of the points.
  package let points: [(x: Float, y: Float, z: Float)]
  /// Corners of each quadrilateral, counted from 0, anticlockwise seen from above.
  package let quads: [(Int, Int, Int, Int)]
  /// For each point its index in the surface.
  let indices: [Int]
  /// Points of the surface that have no height.
  package let leftOut: Int

  /// The mesh of a surface.
  package init(_ surface: LossSurface, height: MeshHeight = MeshHeight()) {
    let (columns, rows) = (surface.xs.count, surface.ys.count)
    let heights = surface.loss.map { Float(height.height(of: $0)) }
    let indices = heights.indices.filter { heights[$0].isFinite }
    self.indices = indices
    points = indices.map {
      (Float(surface.xs[$0 % columns]), Float(surface.ys[$0 / columns]), heights[$0])
    }
    leftOut = heights.count - indices.count
    var places = [Int?](repeating: nil, count: heights.count)
    for (place, index) in indices.enumerated() { places[index] = place }
    var quads: [(Int, Int, Int, Int)] = []
    for row in 0..<max(rows - 1, 0) {
      for column in 0..<max(columns - 1, 0) {
        let corner = row * columns + column
        if let a = places[corner], let b = places[corner + 1],
          let c = places[corner + columns + 1], let d = places[corner + columns]
        {
          quads.append((a, b, c, d))
        }
      }
    }
    self.quads = quads
  }
}
