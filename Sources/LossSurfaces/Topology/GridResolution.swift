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
  /// Nil where there is no coarser grid with the same edge, since a side has an even number of points or
  /// fewer than 5; and where a value is not finite.
  ///
  /// - Complexity: Linear.
  public init?(of surface: LossSurface) {
    let (columns, rows, values) = (surface.xs.count, surface.ys.count, surface.loss)
    guard columns >= 5, rows >= 5, columns % 2 == 1, rows % 2 == 1,
      values.allSatisfy(\.isFinite)
    else { return nil }
    var error = 0.0
    for row in 0..<rows {
      for column in 0..<columns where row % 2 == 1 || column % 2 == 1 {
        // The middle of an edge of a coarse triangle: along the row, the column or the diagonal.
        let (down, right) = (row % 2, column % 2)
        let before = values[(row - down) * columns + column - right]
        let after = values[(row + down) * columns + column + right]
        error = max(error, abs(values[row * columns + column] - (before + after) / 2))
      }
    }
    coarseningError = error
  }
}
