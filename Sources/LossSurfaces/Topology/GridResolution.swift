/// Which features of a surface do not depend on the spacing of its grid.
///
/// Two surfaces that are nowhere further apart than e have the same basins and summits but for those of
/// persistence at most 2 e (stability of persistence: Cohen-Steiner, Edelsbrunner and Harer 2007). With
/// e the distance to the surface on every second point, what is more persistent than 2 e is on both grids.
/// Where a loss is smooth, a grid of half the spacing is about a quarter as far away.
public struct GridResolution: Codable, Sendable {
  /// Largest distance of the surface to that on every second point.
  public let coarseningError: Double
  /// Features of at most this persistence may be the grid's own: `2 coarseningError`.
  public var threshold: Double { 2 * coarseningError }

  /// Compares a surface with that on every second point of it, linear on triangles in between.
  ///
  /// A side with an even number of points keeps its last one too: the strip between the last two is as
  /// fine as it was across, and says nothing of that direction.
  ///
  /// Nil where a side has fewer than 5 points, or a value is not finite.
  ///
  /// - Complexity: Linear.
  public init?(of surface: LossSurface) {
    let (columns, rows, values) = (surface.xs.count, surface.ys.count, surface.loss)
    guard columns >= 5, rows >= 5, values.allSatisfy(\.isFinite) else { return nil }
    // A point that is left out, and not the last of a side that has no point behind it.
    func isBetween(_ place: Int, _ count: Int) -> Bool { place % 2 == 1 && place + 1 < count }
    func middle(_ row: Int, _ column: Int, _ otherRow: Int, _ otherColumn: Int) -> Double {
      (values[row * columns + column] + values[otherRow * columns + otherColumn]) / 2
    }
    var error = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        // In the middle of an edge of a coarse triangle: along the row, the column or the diagonal.
        let (down, right) = (isBetween(row, rows) ? 1 : 0, isBetween(column, columns) ? 1 : 0)
        guard down + right > 0 else { continue }
        let coarse = middle(row - down, column - right, row + down, column + right)
        error = max(error, abs(values[row * columns + column] - coarse))
        // Across a strip the diagonal of a coarse cell meets a fine edge in its middle.
        if down == 1, columns % 2 == 0, column == columns - 2 {
          let fine = middle(row, column, row, column + 1)
          error = max(error, abs(fine - middle(row - 1, column, row + 1, column + 1)))
        }
        if right == 1, rows % 2 == 0, row == rows - 2 {
          let fine = middle(row, column, row + 1, column)
          error = max(error, abs(fine - middle(row, column - 1, row + 1, column + 1)))
        }
      }
    }
    coarseningError = error
  }
}
