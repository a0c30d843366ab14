/// Basins and summits of a surface, by persistence.
///
/// The surface is linear on the triangles of its grid; its sublevel sets `{loss <= c}` are followed
/// from the lowest level upwards: a local minimum begins a basin, a saddle joins two, and the one
/// with the higher minimum ends there. Superlevel sets give the summits in the same way from above,
/// joined with the edge of the plane, beyond which nothing is known. Equal values are taken in the order
/// of their points. Points that are not finite are in no set.
///
/// Basins are the components of sublevel sets, summits the holes in them, so together they are the
/// whole topology of a surface over a plane.
///
/// - Complexity: O(n log n) for n points.
package struct SurfaceTopology: Codable, Sendable {
  /// The basins, from the most persistent one; the lowest one of each connected part never ends.
  package let basins: [PersistencePair]
  /// The summits, from the most persistent one.
  package let summits: [PersistencePair]

  /// Finds basins and summits.
  ///
  /// - Parameters:
  ///   - values: The surface, `values[row * columns + column]`.
  ///   - columns: Points of a row.
  /// - Precondition: Rows are whole.
  package init(values: [Double], columns: Int) {
    precondition(columns > 0 && values.count % columns == 0, "rows of \(columns) points")
    let grid = TriangulatedGrid(columns: columns, rows: values.count / columns)
    let finite = values.indices.filter { values[$0].isFinite }
    let upwards = finite.sorted { (values[$0], $0) < (values[$1], $1) }
    basins = Self.pairs(values, grid, order: upwards, endsAtEdge: false)
    // A line has no holes.
    summits =
      min(grid.rows, grid.columns) > 1
      ? Self.pairs(values, grid, order: upwards.reversed(), endsAtEdge: true) : []
  }

  /// Basins or summits of at least some persistence.
  package static func count(_ pairs: [PersistencePair], persistence: Double) -> Int {
    pairs.count { $0.persistence >= persistence }
  }

  /// Follows the components while points come in some order; with `endsAtEdge`, what touches the edge
  /// is one component that never began.
  private static func pairs(
    _ values: [Double], _ grid: TriangulatedGrid, order: [Int], endsAtEdge: Bool
  ) -> [PersistencePair] {
    var rank = [Int](repeating: .max, count: grid.pointCount)
    for (place, point) in order.enumerated() { rank[point] = place }
    var components = Components(pointCount: grid.pointCount)
    var pairs: [PersistencePair] = []
    func end(_ root: Int, at saddle: Int?) {
      let extremum = components.beginning(of: root)
      // A plateau is no basin for each of its points.
      if let saddle, values[saddle] == values[extremum] { return }
      pairs.append(
        PersistencePair(
          extremum: extremum, birth: values[extremum], saddle: saddle,
          death: saddle.map { values[$0] }, pointCount: components.sizes[root]))
    }
    for point in order {
      var roots = components.roots(around: point, in: grid)
      // The one that began first goes on; what touches the edge began before all others.
      func isElder(_ a: Int, _ b: Int) -> Bool {
        if endsAtEdge, components.touchesEdge(a) != components.touchesEdge(b) {
          return components.touchesEdge(a)
        }
        return rank[components.beginning(of: a)] < rank[components.beginning(of: b)]
      }
      roots.sort(by: isElder)
      let isOnEdge = grid.isOnEdge(point)
      components.add(point, isOnEdge: isOnEdge)
      guard let eldest = roots.first else { continue }
      let isOutside = endsAtEdge && (isOnEdge || components.touchesEdge(eldest))
      for (place, root) in roots.enumerated() {
        let survives = isOutside ? components.touchesEdge(root) : place == 0
        // Parts of the outside never began, so none of them ends.
        if !survives { end(root, at: point) }
        if place > 0 { components.join(eldest, root) }
      }
      components.join(eldest, point)
    }
    if !endsAtEdge {
      let roots = Set(order.map { components.root(of: $0) })
      for root in roots.sorted() { end(root, at: nil) }
    }
    return pairs.sorted {
      ($1.persistence, rank[$0.extremum]) < ($0.persistence, rank[$1.extremum])
    }
  }
}
