import LinearAlgebra
import Testing

@testable import LossSurfaces

@Suite struct TopologyTests {
  private func surface(_ values: [Double], columns: Int) -> LossSurface {
    let rows = values.count / columns
    func axis(_ count: Int) -> [Double] { (0..<count).map { Double($0) - Double(count / 2) } }
    return LossSurface(
      xs: axis(columns), ys: axis(rows), loss: values, metric: nil,
      score: values.map { _ in .nan })
  }

  private func random(_ columns: Int, _ rows: Int, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, label: "topology")
    return stream.normalVector(count: columns * rows, as: Double.self).array
  }

  /// Components and holes of a sublevel set: by flooding, and by Euler's formula from its vertices,
  /// edges and triangles.
  private func counts(_ values: [Double], columns: Int, below level: Double) -> (
    components: Int, holes: Int
  ) {
    let grid = TriangulatedGrid(columns: columns, rows: values.count / columns)
    let inside = values.map { $0 <= level }
    var seen = [Bool](repeating: false, count: values.count)
    var (components, edges, triangles) = (0, 0, 0)
    for start in values.indices where inside[start] {
      grid.forEachNeighbour(of: start) { if inside[$0] && $0 > start { edges += 1 } }
      let (row, column) = (start / columns, start % columns)
      if row + 1 < grid.rows && column + 1 < columns && inside[start + columns + 1] {
        triangles += (inside[start + 1] ? 1 : 0) + (inside[start + columns] ? 1 : 0)
      }
      guard !seen[start] else { continue }
      components += 1
      var stack = [start]
      seen[start] = true
      while let point = stack.popLast() {
        grid.forEachNeighbour(of: point) { next in
          guard inside[next], !seen[next] else { return }
          seen[next] = true
          stack.append(next)
        }
      }
    }
    let vertices = inside.count { $0 }
    return (components, components - (vertices - edges + triangles))
  }

  @Test(arguments: [(9, 7), (1, 12), (12, 1), (2, 2), (15, 15)])
  func
    `at every level as many basins are alive as there are components, and as many summits as holes`(
      columns: Int, rows: Int
    )
  {
    for seed: UInt64 in 0..<10 {
      let values = random(columns, rows, seed: seed)
      let topology = SurfaceTopology(values: values, columns: columns)
      for level in values {
        let expected = counts(values, columns: columns, below: level)
        let basins = topology.basins.count { $0.birth <= level && ($0.death ?? .infinity) > level }
        // A hole opens at the saddle and is filled at the summit.
        let summits = topology.summits.count {
          ($0.death ?? .infinity) <= level && $0.birth > level
        }
        #expect(
          basins == expected.components && summits == expected.holes, "\(level), seed \(seed)")
      }
    }
  }

  @Test func `two valleys and a ridge by hand`() {
    let topology = SurfaceTopology(values: [5, 1, 4, 2, 6], columns: 5)
    #expect(
      topology.basins == [
        PersistencePair(extremum: 1, birth: 1, saddle: nil, death: nil, pointCount: 5),
        PersistencePair(extremum: 3, birth: 2, saddle: 2, death: 4, pointCount: 1),
      ])
    #expect(topology.summits.isEmpty, "a line has no holes")
    #expect(SurfaceTopology.count(topology.basins, persistence: 2) == 2)
    #expect(SurfaceTopology.count(topology.basins, persistence: 2.1) == 1)
  }

  @Test func `a summit in the middle of a plane ends at its lowest way out`() {
    let values: [Double] = [
      0, 0, 0, 0, 0,
      0, 3, 3, 3, 0,
      0, 3, 9, 2, 0,
      0, 3, 3, 3, 0,
      0, 0, 0, 0, 0,
    ]
    let summits = SurfaceTopology(values: values, columns: 5).summits
    #expect(summits.map(\.extremum) == [12] && summits.map(\.birth) == [9])
    // The ring of 3 belongs to the summit; over the edge it is left at level 0.
    #expect(summits.map(\.death) == [0])
  }

  @Test func `points that are not finite separate parts`() {
    let topology = SurfaceTopology(values: [1, .nan, 0, 2, .infinity, 3], columns: 6)
    #expect(topology.basins.map(\.birth) == [0, 1, 3])
    #expect(topology.basins.allSatisfy { $0.death == nil })
  }

  @Test func `equal values make one basin`() {
    let topology = SurfaceTopology(values: [Double](repeating: 2, count: 30), columns: 6)
    #expect(topology.basins.count == 1 && topology.basins[0].extremum == 0)
  }

  @Test func `the centre's basin ends at a saddle to a lower one`() throws {
    //             centre: 1 at index 3; a lower basin at index 0, over 4
    let basin = try #require(
      CentreBasin(of: surface([0, 4, 2, 1, 3, 5, 9], columns: 7)))
    #expect(basin.exit == .saddle && basin.minimum == 3 && basin.pass == 4 && basin.depth == 3)
    #expect(basin.pointCount == 3)
  }

  @Test func `the centre's basin ends at the edge of the plane where that is lower`() throws {
    let basin = try #require(CentreBasin(of: surface([3, 2, 1, 0, 1, 2, 4], columns: 7)))
    #expect(basin.exit == .edge && basin.pass == 3 && basin.floor == 0 && basin.pointCount == 6)
  }

  @Test func `a centre on a slope belongs to the basin below it`() throws {
    let basin = try #require(CentreBasin(of: surface([9, 8, 0, 2, 5, 6, 7], columns: 7)))
    #expect(basin.minimum == 2 && basin.pass == 7 && basin.exit == .edge)
  }

  @Test func `the width of a round bowl is its diameter at the edge`() throws {
    let axis = (0..<41).map { Double($0) / 20 - 1 }
    let values = axis.flatMap { y in axis.map { x in x * x + y * y } }
    let bowl = LossSurface(
      xs: axis, ys: axis, loss: values, metric: nil, score: values.map { _ in .nan })
    let basin = try #require(CentreBasin(of: bowl))
    #expect(basin.exit == .edge && basin.floor == 0)
    // Left where it first meets the edge, at radius 1; the points of a disc are its area up to its circumference.
    #expect(abs(basin.width - 2) < 0.05 * 2 && abs(basin.pass - 1) < 1e-12)
  }

  @Test func `coarsening a quadratic misses the curvature of a cell`() throws {
    let axis = (0..<9).map { Double($0) / 4 - 1 }
    let values = axis.flatMap { y in axis.map { x in 3 * x * x + y * y } }
    let resolution = try #require(
      GridResolution(
        of: LossSurface(
          xs: axis, ys: axis, loss: values, metric: nil, score: values.map { _ in .nan })))
    // In the middle of the diagonal of step h along both axes: 3 h^2 + h^2.
    #expect(abs(resolution.coarseningError - 4 * 0.0625) < 1e-12)
    #expect(resolution.threshold == 2 * resolution.coarseningError)
  }

  @Test(arguments: [(9, 9), (8, 8), (8, 7), (7, 8), (5, 6)], 0..<UInt64(20))
  func `the change of coarsening is the largest anywhere, with sides of any number of points`(
    sides: (columns: Int, rows: Int), seed: UInt64
  ) throws {
    let (columns, rows) = sides
    var stream = RandomStream(seed: seed, label: "coarsening")
    // With rough ends the change is largest in the strips that have no point to leave out across.
    let values = (0..<columns * rows).map { place in
      let isEnd = place % columns >= columns - 2 || place / columns >= rows - 2
      return stream.uniform() * (isEnd ? 100 : 1)
    }
    let resolution = try #require(
      GridResolution(
        of: LossSurface(
          xs: (0..<columns).map(Double.init), ys: (0..<rows).map(Double.init), loss: values,
          metric: nil, score: values.map { _ in .nan })))
    func coarse(_ count: Int) -> [Int] {
      Array(stride(from: 0, to: count, by: 2)) + (count % 2 == 0 ? [count - 1] : [])
    }
    /// The surface that is linear on the triangles between some columns and rows.
    func surface(_ xs: [Int], _ ys: [Int], at x: Double, _ y: Double) -> Double {
      let column = xs.dropLast().lastIndex { Double($0) <= x } ?? 0
      let row = ys.dropLast().lastIndex { Double($0) <= y } ?? 0
      let u = (x - Double(xs[column])) / Double(xs[column + 1] - xs[column])
      let v = (y - Double(ys[row])) / Double(ys[row + 1] - ys[row])
      func value(_ down: Int, _ right: Int) -> Double {
        values[ys[row + down] * columns + xs[column + right]]
      }
      let side = u > v ? value(0, 1) : value(1, 0)
      return value(0, 0) * (1 - max(u, v)) + side * abs(u - v) + value(1, 1) * min(u, v)
    }
    // Both are linear between the points of a grid of half the spacing, where their triangles meet.
    var largest = 0.0
    for y in stride(from: 0, through: Double(rows - 1), by: 0.5) {
      for x in stride(from: 0, through: Double(columns - 1), by: 0.5) {
        let fine = surface(Array(0..<columns), Array(0..<rows), at: x, y)
        largest = max(largest, abs(fine - surface(coarse(columns), coarse(rows), at: x, y)))
      }
    }
    #expect(abs(resolution.coarseningError - largest) < 1e-12)
  }

  @Test func `features above the threshold are there on every second point too`() throws {
    for seed: UInt64 in 0..<20 {
      // Smooth bumps of several sizes.
      var stream = RandomStream(seed: seed, label: "bumps")
      let bumps = (0..<6).map { _ in (0..<4).map { _ in 2 * stream.uniform() - 1 } }
      let axis = (0..<33).map { Double($0) / 16 - 1 }
      let values = axis.flatMap { y in
        axis.map { x in
          bumps.reduce(x * x + y * y) { sum, bump in
            let (dx, dy) = (x - bump[0], y - bump[1])
            return sum + bump[2] * (1 / (1 + 20 * (dx * dx + dy * dy)))
          }
        }
      }
      let fine = LossSurface(
        xs: axis, ys: axis, loss: values, metric: nil, score: values.map { _ in .nan })
      let resolution = try #require(GridResolution(of: fine))
      let even = stride(from: 0, to: 33, by: 2)
      let coarse = SurfaceTopology(
        values: even.flatMap { r in even.map { values[r * 33 + $0] } }, columns: 17)
      let whole = SurfaceTopology(values: values, columns: 33)
      #expect(
        SurfaceTopology.count(whole.basins, persistence: resolution.threshold)
          <= coarse.basins.count)
      #expect(
        SurfaceTopology.count(whole.summits, persistence: resolution.threshold)
          <= coarse.summits.count)
    }
  }
}
