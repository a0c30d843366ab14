/// Components of a set of points that grows, each with the point that it began with.
struct Components {
  /// Joined with a component, or itself.
  private var parent: [Int]
  /// Points of each component, by its root.
  private(set) var sizes: [Int]
  /// Where each component began, by its root.
  private var beginnings: [Int]
  /// Whether it has reached the edge of the plane, by its root.
  private var edges: [Bool]

  /// No component yet.
  init(pointCount: Int) {
    parent = [Int](repeating: -1, count: pointCount)
    sizes = [Int](repeating: 0, count: pointCount)
    beginnings = sizes
    edges = [Bool](repeating: false, count: pointCount)
  }

  /// Whether a point is in the set.
  func contains(_ point: Int) -> Bool { parent[point] >= 0 }

  /// Adds a point as a component of its own.
  mutating func add(_ point: Int, isOnEdge: Bool) {
    parent[point] = point
    sizes[point] = 1
    beginnings[point] = point
    edges[point] = isOnEdge
  }

  /// The root of the component of a point.
  mutating func root(of point: Int) -> Int {
    var root = point
    while parent[root] != root { root = parent[root] }
    // The path is made short for the next one.
    var next = point
    while parent[next] != root { (next, parent[next]) = (parent[next], root) }
    return root
  }

  /// Roots of the components next to a point, each once.
  mutating func roots(around point: Int, in grid: TriangulatedGrid) -> [Int] {
    var roots: [Int] = []
    grid.forEachNeighbour(of: point) { neighbour in
      guard contains(neighbour) else { return }
      let root = root(of: neighbour)
      if !roots.contains(root) { roots.append(root) }
    }
    return roots
  }

  func beginning(of root: Int) -> Int { beginnings[root] }

  func touchesEdge(_ root: Int) -> Bool { edges[root] }

  /// Joins two components; the first one's beginning stays.
  mutating func join(_ first: Int, _ second: Int) {
    parent[second] = first
    sizes[first] += sizes[second]
    edges[first] = edges[first] || edges[second]
  }
}
