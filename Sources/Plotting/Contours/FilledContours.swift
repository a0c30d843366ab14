/// The regions where a grid of values is at least given levels, as closed rings.
///
/// Painting the region of each level over that of the level below leaves no gap between bands,
/// which painting each band on its own does under antialiasing.
package struct FilledContours: Sendable, Equatable {
  package struct Region: Sendable, Equatable {
    package let level: Double
    /// Closed rings in grid coordinates, to be filled by the even-odd rule.
    package let path: Path

    /// The area in grid units: outer rings count positively, holes negatively.
    package var area: Double { path.polylines.reduce(0) { $0 + $1.signedArea } }
  }

  /// One region for each level, ascending; a region may be empty.
  package let regions: [Region]

  /// Finds the region of each level.
  ///
  /// The grid gets a frame of points at the same coordinates as its border but below every level, so
  /// that each line closes along the border. A point that is not finite counts as below; the cells
  /// around it are hatched over by the chart.
  package init(of grid: ScalarGrid, at levels: [Double], kind: ScaleKind = .linear) {
    func framed(_ list: [Double]) -> [Double] {
      guard let first = list.first, let last = list.last else { return [] }
      return [first] + list + [last]
    }
    let (xs, ys) = (framed(grid.xs), framed(grid.ys))
    var field = [Double](repeating: -.infinity, count: xs.count * ys.count)
    for row in 0..<grid.rows {
      for column in 0..<grid.columns where grid[column, row].isFinite {
        field[(row + 1) * xs.count + column + 1] = kind.transform(grid[column, row])
      }
    }
    let tracer = ContourTracer(
      xs: xs, ys: ys, field: field,
      isTraced: [Bool](repeating: true, count: (xs.count - 1) * (ys.count - 1)))
    regions = levels.map { level in
      Region(level: level, path: Path(tracer.lines(at: kind.transform(level))))
    }
  }
}
