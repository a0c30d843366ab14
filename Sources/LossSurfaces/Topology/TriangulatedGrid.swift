/// A grid of points as the vertices of triangles, on which a surface is linear.
///
/// Every cell is cut along the diagonal from its first corner to its last one (Freudenthal's
/// triangulation): a point has up to six neighbours, and the extrema, saddles and components of the
/// linear surface can be read off the points. The grid of every second point has the same diagonals.
struct TriangulatedGrid {
  let columns: Int
  let rows: Int

  var pointCount: Int { columns * rows }

  /// Whether a point lies on the edge of the plane, or at an end of a line.
  func isOnEdge(_ point: Int) -> Bool {
    let (row, column) = (point / columns, point % columns)
    return columns > 1 && (column == 0 || column == columns - 1)
      || rows > 1 && (row == 0 || row == rows - 1)
  }

  /// Calls a function with the neighbours of a point.
  func forEachNeighbour(of point: Int, _ body: (Int) -> Void) {
    let (row, column) = (point / columns, point % columns)
    for (down, right) in [(-1, -1), (-1, 0), (0, -1), (0, 1), (1, 0), (1, 1)] {
      let (r, c) = (row + down, column + right)
      if r >= 0 && r < rows && c >= 0 && c < columns { body(r * columns + c) }
    }
  }
}
