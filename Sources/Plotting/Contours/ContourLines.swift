/// The lines along which a grid of values equals given levels, in grid coordinates.
package struct ContourLines: Sendable, Equatable {
  package struct Line: Sendable, Equatable {
    package let level: Double
    package let polyline: Polyline
  }

  /// All lines, level by level.
  package let lines: [Line]

  /// Traces each level.
  ///
  /// Between grid points the *transformed* value is linear (its logarithm for a logarithmic scale),
  /// which is also what the colours show. A cell with a corner that is not finite has no lines.
  ///
  /// - Complexity: points × levels.
  package init(of grid: ScalarGrid, at levels: [Double], kind: ScaleKind = .linear) {
    let tracer = ContourTracer(
      xs: grid.xs, ys: grid.ys, field: grid.values.map(kind.transform),
      isTraced: grid.finiteCells)
    lines = levels.flatMap { level in
      tracer.lines(at: kind.transform(level)).map { Line(level: level, polyline: $0) }
    }
  }
}

extension ScalarGrid {
  /// For each cell, row-major, whether its four corners are finite.
  var finiteCells: [Bool] {
    (0..<max(rows - 1, 0)).flatMap { row in
      (0..<max(columns - 1, 0)).map { column in isCellFinite(column, row) }
    }
  }
}
