/// What is said of the topology of a surface: its basins and summits as places, the basin of the
/// centre, and which of these do not depend on the grid.
package struct TopologySummary: Codable, Sendable {
  /// A point of the plane with its loss.
  package struct Place: Hashable, Codable, Sendable {
    package let x: Double
    package let y: Double
    package let loss: Double

    init(_ point: Int, of surface: LossSurface) {
      x = surface.xs[point % surface.xs.count]
      y = surface.ys[point / surface.xs.count]
      loss = surface.loss[point]
    }
  }

  /// A basin or a summit.
  package struct Feature: Codable, Sendable {
    /// Its lowest point, or its highest one.
    package let extremum: Place
    /// Where it ends; absent for the lowest basin.
    package let saddle: Place?
    /// Difference of both losses; absent for the lowest basin.
    package let persistence: Double?
    /// Points that belong to it at the level of its end.
    package let points: Int

    init(_ pair: PersistencePair, of surface: LossSurface) {
      extremum = Place(pair.extremum, of: surface)
      saddle = pair.saddle.map { Place($0, of: surface) }
      persistence = pair.death.map { abs($0 - pair.birth) }
      points = pair.pointCount
    }

    /// Whether it is more persistent than some number.
    package func isAbove(_ threshold: Double) -> Bool { persistence.map { $0 > threshold } ?? true }
  }

  /// The basin around the centre.
  package struct Centre: Codable, Sendable {
    package let minimum: Place
    /// Level at which it can be left.
    package let pass: Double
    package let exit: CentreBasin.Exit
    /// `pass` minus the loss of the minimum.
    package let depth: Double
    /// Diameter of a disc of its area, in units of the axes.
    package let width: Double
    package let points: Int

    init(_ basin: CentreBasin, of surface: LossSurface) {
      minimum = Place(basin.minimum, of: surface)
      (pass, exit, depth) = (basin.pass, basin.exit, basin.depth)
      (width, points) = (basin.width, basin.pointCount)
    }
  }

  /// From the most persistent one.
  package let basins: [Feature]
  /// From the most persistent one.
  package let summits: [Feature]
  /// Absent where the loss at the centre is not finite.
  package let centre: Centre?
  /// Absent for grids that cannot be halved.
  package let resolution: GridResolution?
  /// Points that are not finite; they belong to nothing.
  package let nonFinitePoints: Int

  /// Looks at a surface.
  ///
  /// - Complexity: O(n log n) for n points.
  package init(of surface: LossSurface) {
    let topology = SurfaceTopology(values: surface.loss, columns: surface.xs.count)
    basins = topology.basins.map { Feature($0, of: surface) }
    summits = topology.summits.map { Feature($0, of: surface) }
    centre = CentreBasin(of: surface).map { Centre($0, of: surface) }
    resolution = GridResolution(of: surface)
    nonFinitePoints = surface.nonFiniteCount
  }

  /// Features that both this grid and that of every second point show; nil where that is not known.
  package func resolved(_ features: [Feature]) -> Int? {
    resolution.map { resolution in features.count { $0.isAbove(resolution.threshold) } }
  }
}
