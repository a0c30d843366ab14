internal import Foundation

/// The patches of a surface from the farthest to the nearest.
struct SurfaceMesh {
  private let grid: ScalarGrid
  private let scale: ColorScale
  /// The part of the box's height that is left free below the surface.
  let floorOffset: Double
  /// Heights in 0...1 above the offset; NaN where the value is not finite.
  private let heights: [Double]
  /// Small patches per cell side: enough that colours run smoothly.
  private let subdivision: Int
  /// Every so many grid lines are drawn on the surface.
  private let lineStride: Int

  /// Patches along the longer side that look smooth at print size.
  private static let smoothPatches = 64

  init(grid: ScalarGrid, scale: ColorScale, floorOffset: Double) {
    self.grid = grid
    self.scale = scale
    self.floorOffset = floorOffset
    heights = grid.values.map { value in
      value.isFinite ? min(max(scale.normalization.fraction(of: value), 0), 1) : .nan
    }
    let cells = max(grid.columns, grid.rows) - 1
    subdivision = max(1, Self.smoothPatches / max(cells, 1))
    lineStride = max(1, cells / 25)
  }

  /// A point of the plane at height `z` (0...1 of the whole box) in the unit cube.
  func position(x: Double, y: Double, z: Double) -> SurfaceProjection.Position {
    let (x0, x1) = (grid.xs.first ?? 0, grid.xs.last ?? 1)
    let (y0, y1) = (grid.ys.first ?? 0, grid.ys.last ?? 1)
    return .init(x: (x - x0) / (x1 - x0), y: (y - y0) / (y1 - y0), z: z)
  }

  /// The corners of the cells that cannot be drawn, in grid coordinates.
  var openCells: [[Point]] {
    var cells: [[Point]] = []
    for row in 0..<(grid.rows - 1) {
      for column in 0..<(grid.columns - 1) where !grid.isCellFinite(column, row) {
        cells.append(
          [(0, 0), (1, 0), (1, 1), (0, 1)].map { dx, dy in
            Point(x: grid.xs[column + dx], y: grid.ys[row + dy])
          })
      }
    }
    return cells
  }

  /// Patches, grid lines and markers, each hidden by what is in front of it.
  ///
  /// Cells of a height field seen along a fixed direction never overlap cyclically: going from the
  /// far side to the near side along both axes paints them in a right order.
  func commands(_ projection: SurfaceProjection, markers: [MapMarker]) -> [DrawCommand] {
    let columns = ordered(grid.columns - 1, nearIsHigh: projection.nearX == 1)
    let rows = ordered(grid.rows - 1, nearIsHigh: projection.nearY == 1)
    var pending = markers
    var commands: [DrawCommand] = []
    for row in rows {
      for column in columns {
        if grid.isCellFinite(column, row) {
          commands += cell(column, row, projection)
        }
      }
      // A marker comes after the last row of cells that touches it.
      let (low, high) = (grid.ys[row], grid.ys[row + 1])
      let isLast = { (marker: MapMarker) in
        projection.nearY == 1 ? marker.y < high : marker.y > low
      }
      for marker in pending where isLast(marker) { commands += draw(marker, projection) }
      pending.removeAll(where: isLast)
    }
    for marker in pending { commands += draw(marker, projection) }
    // Where the surface hides a marker, a faint copy still tells where it is.
    return commands + markers.flatMap { draw($0, projection, shape: .ghost) }
  }

  private func ordered(_ count: Int, nearIsHigh: Bool) -> [Int] {
    nearIsHigh ? Array(0..<count) : (0..<count).reversed()
  }

  private func height(_ column: Int, _ row: Int) -> Double {
    heights[row * grid.columns + column]
  }

  /// Bilinear within a cell, in the space of the scale.
  private func corner(_ column: Int, _ row: Int, _ u: Double, _ v: Double)
    -> SurfaceProjection.Position
  {
    let bottom = height(column, row) * (1 - u) + height(column + 1, row) * u
    let top = height(column, row + 1) * (1 - u) + height(column + 1, row + 1) * u
    return position(
      x: grid.xs[column] + (grid.xs[column + 1] - grid.xs[column]) * u,
      y: grid.ys[row] + (grid.ys[row + 1] - grid.ys[row]) * v,
      z: floorOffset + (1 - floorOffset) * (bottom * (1 - v) + top * v))
  }

  private func cell(_ column: Int, _ row: Int, _ projection: SurfaceProjection) -> [DrawCommand] {
    var commands: [DrawCommand] = []
    let step = 1 / Double(subdivision)
    for v in ordered(subdivision, nearIsHigh: projection.nearY == 1) {
      for u in ordered(subdivision, nearIsHigh: projection.nearX == 1) {
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map { du, dv in
          corner(column, row, Double(u + du) * step, Double(v + dv) * step)
        }
        let path = Path(polygon: corners.map(projection.page))
        let color = color(corners, projection)
        commands.append(.fill(path, color))
        // A hairline of the same colour closes the antialiased seam between patches.
        commands.append(.stroke(path, Stroke(color: color, width: 0.25)))
      }
    }
    return commands + gridLines(column, row, projection)
  }

  private func color(
    _ corners: [SurfaceProjection.Position], _ projection: SurfaceProjection
  ) -> Color {
    let mean = corners.reduce(0) { $0 + $1.z } / 4
    let level = (mean - floorOffset) / (1 - floorOffset)
    // Slope along the diagonals gives the normal of the (nearly flat) patch.
    let (a, b, c, d) = (corners[0], corners[1], corners[2], corners[3])
    let ratio = SurfaceProjection.heightRatio
    let slopeX = ((b.z + c.z) - (a.z + d.z)) / ((b.x + c.x) - (a.x + d.x)) * ratio
    let slopeY = ((c.z + d.z) - (a.z + b.z)) / ((c.y + d.y) - (a.y + b.y)) * ratio
    let length = (1 + slopeX * slopeX + slopeY * slopeY).squareRoot()
    // Light from above, a quarter turn to the viewer's left; weak, so that colours keep their
    // meaning.
    let (vx, vy) = (projection.viewer.x, projection.viewer.y)
    let flat = max(hypot(vx, vy), 1e-9)
    let light = ((vy + vx) / flat, (-vx + vy) / flat, 2.0)
    let norm = (light.0 * light.0 + light.1 * light.1 + 4).squareRoot()
    let cosine = (-slopeX * light.0 - slopeY * light.1 + light.2) / (length * norm)
    return scale.map.color(at: min(max(level, 0), 1)).scaled(by: 0.8 + 0.24 * max(cosine, 0))
  }

  private func gridLines(_ column: Int, _ row: Int, _ projection: SurfaceProjection)
    -> [DrawCommand]
  {
    let steps = (0...subdivision).map { Double($0) / Double(subdivision) }
    var lines: [Polyline] = []
    func add(_ isDrawn: Bool, _ place: (Double) -> (Double, Double)) {
      guard isDrawn else { return }
      lines.append(
        Polyline(
          points: steps.map { step in
            let (u, v) = place(step)
            return projection.page(corner(column, row, u, v))
          }))
    }
    let (lastColumn, lastRow) = (grid.columns - 1, grid.rows - 1)
    add(row.isMultiple(of: lineStride)) { ($0, 0) }
    add(column.isMultiple(of: lineStride)) { (0, $0) }
    add((row + 1).isMultiple(of: lineStride) || row + 1 == lastRow) { ($0, 1) }
    add((column + 1).isMultiple(of: lineStride) || column + 1 == lastColumn) { (1, $0) }
    return lines.isEmpty
      ? [] : [.stroke(Path(lines), Stroke(color: Color(gray: 0, alpha: 0.3), width: 0.3))]
  }

  private func draw(
    _ marker: MapMarker, _ projection: SurfaceProjection, shape: MarkerShape? = nil
  ) -> [DrawCommand] {
    guard let value = grid.value(atX: marker.x, y: marker.y) else { return [] }
    let height = min(max(scale.normalization.fraction(of: value), 0), 1)
    return (shape ?? marker.shape).commands(
      at: projection.page(
        position(x: marker.x, y: marker.y, z: floorOffset + (1 - floorOffset) * height)))
  }
}
