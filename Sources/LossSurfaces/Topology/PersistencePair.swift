/// A basin of a surface, or a summit, with the level at which it ends.
///
/// A basin is born at a local minimum and dies at the saddle where it joins one whose minimum is
/// lower. A summit, seen from above, is born at a local maximum and dies where it joins a higher
/// one or the edge of the plane. `|death - birth|` is its persistence: how much the loss must
/// change for it to disappear (Edelsbrunner, Letscher and Zomorodian 2002).
public struct PersistencePair: Hashable, Codable, Sendable {
  /// Point of the extremum, `row * columns + column`.
  public let extremum: Int
  /// Its loss.
  public let birth: Double
  /// Point of the saddle; nil for the lowest basin, which never ends.
  public let saddle: Int?
  /// The loss there.
  public let death: Double?
  /// Points that belong to it at the level of its end, the saddle not among them.
  public let pointCount: Int

  /// `|death - birth|`; infinite for the lowest basin.
  public var persistence: Double { death.map { abs($0 - birth) } ?? .infinity }
}
