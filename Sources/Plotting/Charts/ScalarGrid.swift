/// Values over a rectangular grid of points, such as a loss surface.
package struct ScalarGrid: Sendable, Equatable {
  /// Ascending coordinates of the columns.
  package let xs: [Double]
  /// Ascending coordinates of the rows.
  package let ys: [Double]
  /// Row-major: the value at `(xs[column], ys[row])` is `values[row * xs.count + column]`.
  ///
  /// Non-finite values are kept and marked in the picture.
  package let values: [Double]

  /// Checks and stores a grid; descending coordinates are turned round together with the values.
  ///
  /// - Throws: `PlottingError.invalidGrid` unless both coordinate lists are non-empty, finite and
  ///   strictly monotonic and there is one value for each point.
  package init(xs: [Double], ys: [Double], values: [Double]) throws(PlottingError) {
    try Self.check(xs, axis: "x")
    try Self.check(ys, axis: "y")
    let (count, overflow) = xs.count.multipliedReportingOverflow(by: ys.count)
    guard !overflow, values.count == count else {
      throw .invalidGrid(
        "a grid of \(xs.count) x \(ys.count) points needs \(overflow ? "more" : "\(count)") values,"
          + " got \(values.count)")
    }
    let flipsX = xs.count > 1 && xs[0] > xs[1]
    let flipsY = ys.count > 1 && ys[0] > ys[1]
    self.xs = flipsX ? xs.reversed() : xs
    self.ys = flipsY ? ys.reversed() : ys
    if flipsX || flipsY {
      let (columns, rows) = (xs.count, ys.count)
      self.values = (0..<count).map { index in
        let (row, column) = (index / columns, index % columns)
        return values[
          (flipsY ? rows - 1 - row : row) * columns + (flipsX ? columns - 1 - column : column)]
      }
    } else {
      self.values = values
    }
  }

  package var columns: Int { xs.count }
  package var rows: Int { ys.count }

  package subscript(column: Int, row: Int) -> Double { values[row * xs.count + column] }

  /// Whether each of the four corners of the cell right of `column` and above `row` is finite.
  func isCellFinite(_ column: Int, _ row: Int) -> Bool {
    self[column, row].isFinite && self[column + 1, row].isFinite
      && self[column, row + 1].isFinite && self[column + 1, row + 1].isFinite
  }

  /// The points whose value is not finite, as (column, row).
  var nonFinitePoints: [(column: Int, row: Int)] {
    values.indices.filter { !values[$0].isFinite }.map { ($0 % columns, $0 / columns) }
  }

  /// The bilinear interpolation at a point inside the grid.
  ///
  /// `nil` outside the grid or where one of the four values around the point is not finite.
  func value(atX x: Double, y: Double) -> Double? {
    guard let (column, u) = Self.locate(x, in: xs), let (row, v) = Self.locate(y, in: ys) else {
      return nil
    }
    func at(_ dx: Int, _ dy: Int) -> Double {
      self[min(column + dx, columns - 1), min(row + dy, rows - 1)]
    }
    // A corner of weight zero must not spoil the value: 0 times infinity is NaN.
    func mix(_ a: Double, _ b: Double, _ t: Double) -> Double {
      t == 0 ? a : t == 1 ? b : a * (1 - t) + b * t
    }
    let value = mix(mix(at(0, 0), at(1, 0), u), mix(at(0, 1), at(1, 1), u), v)
    return value.isFinite ? value : nil
  }

  private static func locate(_ value: Double, in list: [Double]) -> (Int, Double)? {
    guard let first = list.first, let last = list.last, value >= first, value <= last else {
      return nil
    }
    let upper = list.firstIndex { $0 >= value } ?? list.count - 1
    guard upper > 0 else { return (0, 0) }
    return (upper - 1, (value - list[upper - 1]) / (list[upper] - list[upper - 1]))
  }

  private static func check(_ list: [Double], axis: String) throws(PlottingError) {
    guard let first = list.first else {
      throw .invalidGrid("the grid has no \(axis) coordinates")
    }
    guard list.allSatisfy(\.isFinite) else {
      throw .invalidGrid("the \(axis) coordinates of the grid must be finite")
    }
    guard list.count > 1 else { return }
    let ascending = list[1] > first
    for (a, b) in zip(list, list.dropFirst()) where ascending ? b <= a : b >= a {
      throw .invalidGrid(
        "the \(axis) coordinates of the grid must rise or fall strictly, but \(b) follows \(a)")
    }
  }
}
