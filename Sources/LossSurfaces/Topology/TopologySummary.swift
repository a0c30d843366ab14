/// What is said of the topology of a surface: its basins and summits as places, the basin of the
/// centre, and which of these do not depend on the grid.
public struct TopologySummary: Codable, Sendable {
  /// A point of the plane with its loss.
  public struct Place: Hashable, Codable, Sendable {
    /// Coordinate along the first direction.
    public let x: Double
    /// Coordinate along the second direction.
    public let y: Double
    /// The loss there.
    public let loss: Double

    init(_ point: Int, of surface: LossSurface) {
      x = surface.xs[point % surface.xs.count]
      y = surface.ys[point / surface.xs.count]
      loss = surface.loss[point]
    }
  }

  /// A basin or a summit.
  public struct Feature: Codable, Sendable {
    /// Its lowest point, or its highest one.
    public let extremum: Place
    /// Where it ends; absent for the lowest basin.
    public let saddle: Place?
    /// Difference of both losses; absent for the lowest basin.
    public let persistence: Double?
    /// Points that belong to it at the level of its end.
    public let points: Int

    init(_ pair: PersistencePair, of surface: LossSurface) {
      extremum = Place(pair.extremum, of: surface)
      saddle = pair.saddle.map { Place($0, of: surface) }
      persistence = pair.death.map { abs($0 - pair.birth) }
      points = pair.pointCount
    }

    /// Whether it is more persistent than some number.
    public func isAbove(_ threshold: Double) -> Bool { persistence.map { $0 > threshold } ?? true }
  }

  /// The basin around the centre.
  public struct Centre: Codable, Sendable {
    /// The lowest point of the basin.
    public let minimum: Place
    /// Level at which it can be left.
    public let pass: Double
    /// How the basin ends.
    public let exit: CentreBasin.Exit
    /// `pass` minus the loss of the minimum.
    public let depth: Double
    /// Diameter of a disc of its area, in units of the axes.
    public let width: Double
    /// Points of the grid in the basin.
    public let points: Int

    init(_ basin: CentreBasin, of surface: LossSurface) {
      minimum = Place(basin.minimum, of: surface)
      (pass, exit, depth) = (basin.pass, basin.exit, basin.depth)
      (width, points) = (basin.width, basin.pointCount)
    }
  }

  /// From the most persistent one.
  public let basins: [Feature]
  /// From the most persistent one.
  public let summits: [Feature]
  /// Absent where the loss at the centre is not finite.
  public let centre: Centre?
  /// Absent for grids of fewer than 5 points on a side, and where a value is not finite.
  public let resolution: GridResolution?
  /// Points that are not finite; they belong to nothing.
  public let nonFinitePoints: Int

  /// Looks at a surface.
  ///
  /// - Complexity: O(n log n) for n points.
  public init(of surface: LossSurface) {
    let topology = SurfaceTopology(values: surface.loss, columns: surface.xs.count)
    basins = topology.basins.map { Feature($0, of: surface) }
    summits = topology.summits.map { Feature($0, of: surface) }
    centre = CentreBasin(of: surface).map { Centre($0, of: surface) }
    resolution = GridResolution(of: surface)
    nonFinitePoints = surface.nonFiniteCount
  }

  /// Features that both this grid and that of every second point show; nil where that is not known.
  public func resolved(_ features: [Feature]) -> Int? {
    resolution.map { resolution in features.count { $0.isAbove(resolution.threshold) } }
  }
}
