/// Marching squares: follows the boundary of the set where a sampled field is at least a level.
///
/// Crossings along a grid edge are placed linearly in the field. Lines run with the higher side on
/// their left (x to the right, y up), so that each crossing starts at most one segment and ends at
/// most one; joining them needs no search. A cell whose corners alternate is decided by the mean of
/// its corners.
///
/// Source: W. Lorensen and H. Cline, doi:10.1145/37402.37422, in two dimensions.
struct ContourTracer {
  let xs: [Double]
  let ys: [Double]
  /// Row-major; −∞ stands for "below every level", NaN must not occur in traced cells.
  let field: [Double]
  /// Row-major over the (columns − 1) × (rows − 1) cells.
  let isTraced: [Bool]

  private var columns: Int { xs.count }

  /// The lines of one level: open ones end at the border of the traced cells.
  ///
  /// - Complexity: linear in the number of points.
  func lines(at level: Double) -> [Polyline] {
    let nodes = field.count
    // Crossings are numbered by edge: the edge right of node n is n, the one above is nodes + n.
    var next = [Int32](repeating: -1, count: 2 * nodes)
    var isEnd = [Bool](repeating: false, count: 2 * nodes)
    var starts: [Int] = []
    func link(_ from: Int, _ to: Int) {
      next[from] = Int32(truncatingIfNeeded: to)
      isEnd[to] = true
      starts.append(from)
    }
    for row in 0..<max(ys.count - 1, 0) {
      for column in 0..<max(columns - 1, 0) where isTraced[row * (columns - 1) + column] {
        trace(cell: row * columns + column, level: level, nodes: nodes, link: link)
      }
    }
    return join(starts: starts, next: &next, isEnd: isEnd, level: level)
  }

  private func trace(cell node: Int, level: Double, nodes: Int, link: (Int, Int) -> Void) {
    let corners = [node, node + 1, node + 1 + columns, node + columns]
    // Edges in the same order: bottom, right, top, left, each from its corner to the next.
    let edges = [node, nodes + node + 1, node + columns, nodes + node]
    let inside = corners.map { field[$0] >= level }
    var leaving: [Int] = []
    var entering: [Int] = []
    for side in 0..<4 where inside[side] != inside[(side + 1) % 4] {
      if inside[side] { leaving.append(side) } else { entering.append(side) }
    }
    guard leaving.count == 2 else {
      if let from = leaving.first, let to = entering.first { link(edges[from], edges[to]) }
      return
    }
    let mean = corners.reduce(0) { $0 + field[$1] / 4 }
    // Inside in the middle: each line cuts off the outside corner that follows the side it leaves
    // through; else each cuts off the inside corner before it.
    let turn = mean >= level ? 1 : 3
    for side in leaving { link(edges[side], edges[(side + turn) % 4]) }
  }

  private func join(
    starts: [Int], next: inout [Int32], isEnd: [Bool], level: Double
  ) -> [Polyline] {
    var lines: [Polyline] = []
    // Open lines first, from their true beginning; what is left are closed ones.
    for start in starts.filter({ !isEnd[$0] }) + starts where next[start] >= 0 {
      var points = [crossing(start, level)]
      var edge = start
      while next[edge] >= 0 {
        let following = Int(next[edge])
        next[edge] = -1
        edge = following
        points.append(crossing(edge, level))
      }
      let isClosed = edge == start
      if isClosed { points.removeLast() }
      lines.append(Polyline(points: points, isClosed: isClosed))
    }
    return lines
  }

  private func crossing(_ edge: Int, _ level: Double) -> Point {
    let isVertical = edge >= field.count
    let node = isVertical ? edge - field.count : edge
    let other = isVertical ? node + columns : node + 1
    let ratio = (level - field[node]) / (field[other] - field[node])
    let fraction = ratio.isFinite ? min(max(ratio, 0), 1) : 0.5
    let (x, y) = (xs[node % columns], ys[node / columns])
    return Point(
      x: x + (xs[other % columns] - x) * fraction, y: y + (ys[other / columns] - y) * fraction)
  }
}
