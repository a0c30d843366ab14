/// An order of the points of a plane in which each but the first follows one of its neighbours.
///
/// From the point nearest to the weights the rows are taken upwards, then downwards; in each row the points
/// to the right of the middle column, then those to the left. What a point starts from thus depends on its
/// place alone, and few points are waited for at a time.
package struct NeighbourOrder: Sendable {
  /// A point and the neighbour that it follows.
  package struct Step: Equatable, Sendable {
    /// Index of the point, `row * columns + column`.
    package let point: Int
    /// Index of the neighbour; nil for the first point.
    package let parent: Int?
  }

  /// The steps, each after that of its parent.
  package let steps: [Step]

  /// Orders the points.
  ///
  /// - Parameters:
  ///   - xs: Coordinates of the columns.
  ///   - ys: Coordinates of the rows.
  /// - Precondition: There is a point.
  package init(xs: [Double], ys: [Double]) {
    precondition(!xs.isEmpty && !ys.isEmpty, "no points have no order")
    func nearest(_ coordinates: [Double]) -> Int {
      coordinates.indices.min { abs(coordinates[$0]) < abs(coordinates[$1]) } ?? 0
    }
    let (column, row) = (nearest(xs), nearest(ys))
    var steps: [Step] = []
    func add(_ x: Int, _ y: Int, after parent: (x: Int, y: Int)?) {
      steps.append(
        Step(point: y * xs.count + x, parent: parent.map { $0.y * xs.count + $0.x }))
    }
    func addRow(_ y: Int, after parent: Int?) {
      add(column, y, after: parent.map { (column, $0) })
      for x in column + 1..<max(xs.count, column + 1) { add(x, y, after: (x - 1, y)) }
      for x in (0..<column).reversed() { add(x, y, after: (x + 1, y)) }
    }
    addRow(row, after: nil)
    for y in row + 1..<max(ys.count, row + 1) { addRow(y, after: y - 1) }
    for y in (0..<row).reversed() { addRow(y, after: y + 1) }
    self.steps = steps
  }

  /// How many points follow each point.
  package var childCounts: [Int: Int] {
    Dictionary(grouping: steps.compactMap(\.parent)) { $0 }.mapValues(\.count)
  }
}
