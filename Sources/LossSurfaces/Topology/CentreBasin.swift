/// The basin that the centre of a plane lies in: how deep it is and how wide.
///
/// Walking up from the lowest point of the basin, the pass is the first level at which it can be
/// left: at a saddle to a lower basin, or over the edge of the plane.
public struct CentreBasin: Hashable, Codable, Sendable {
  /// How a basin is left first.
  public enum Exit: String, Codable, Sendable {
    /// Over a saddle to a basin with a lower minimum.
    case saddle
    /// Over the edge of the plane: it may be deeper and wider than the plane shows.
    case edge
  }

  /// Point with the smallest loss of the basin.
  public let minimum: Int
  /// The loss there.
  public let floor: Double
  /// Level of the pass.
  public let pass: Double
  /// What lies behind it.
  public let exit: Exit
  /// Points below the pass.
  public let pointCount: Int
  /// Diameter of a disc of their area, in units of the axes.
  public let width: Double

  /// `pass - floor`.
  public var depth: Double { pass - floor }

  /// Finds the basin around the point nearest to the origin; nil where the loss there is not finite.
  ///
  /// - Complexity: O(n log n) for n points.
  public init?(of surface: LossSurface) {
    let (xs, ys, values) = (surface.xs, surface.ys, surface.loss)
    func nearest(_ coordinates: [Double]) -> Int {
      coordinates.indices.min { abs(coordinates[$0]) < abs(coordinates[$1]) } ?? 0
    }
    let centre = nearest(ys) * xs.count + nearest(xs)
    guard values[centre].isFinite else { return nil }
    let grid = TriangulatedGrid(columns: xs.count, rows: ys.count)
    let order = values.indices.filter { values[$0].isFinite }
      .sorted { (values[$0], $0) < (values[$1], $1) }
    var components = Components(pointCount: values.count)
    var found: (minimum: Int, pass: Double, exit: Exit, count: Int)?
    search: for point in order {
      var roots = components.roots(around: point, in: grid)
      // Points come with rising loss, so the smaller (loss, number) began earlier.
      func beganEarlier(_ a: Int, _ b: Int) -> Bool {
        let (a, b) = (components.beginning(of: a), components.beginning(of: b))
        return (values[a], a) < (values[b], b)
      }
      roots.sort(by: beganEarlier)
      let known = components.contains(centre) ? components.root(of: centre) : nil
      // The one around the centre meets a lower one.
      if let known, roots.contains(known), known != roots[0] {
        found = (
          components.beginning(of: known), values[point], .saddle, components.sizes[known]
        )
        break search
      }
      components.add(point, isOnEdge: grid.isOnEdge(point))
      for root in roots.dropFirst() { components.join(roots[0], root) }
      if let first = roots.first { components.join(first, point) }
      let own = components.contains(centre) ? components.root(of: centre) : nil
      if let own, components.touchesEdge(own) {
        found = (
          components.beginning(of: own), values[point], .edge, components.sizes[own]
        )
        break search
      }
    }
    guard let found else { return nil }
    minimum = found.minimum
    floor = values[found.minimum]
    pass = found.pass
    exit = found.exit
    pointCount = found.count
    let cell = Self.spacing(xs) * (ys.count > 1 ? Self.spacing(ys) : 1)
    width = 2 * (Double(found.count) * cell / .pi).squareRoot()
  }

  private static func spacing(_ coordinates: [Double]) -> Double {
    guard coordinates.count > 1, let first = coordinates.first, let last = coordinates.last else {
      return 0
    }
    return (last - first) / Double(coordinates.count - 1)
  }
}
