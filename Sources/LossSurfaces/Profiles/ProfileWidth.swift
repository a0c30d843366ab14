/// How far from the weights a profile stays below a level.
///
/// The distance on a side is the coordinate at which the loss, walking outwards and linear between points, first
/// reaches `centre + rise`. It is unknown, and at least that of the last point before, where the profile ends
/// or stops being finite below the level.
public struct ProfileWidth: Codable, Hashable, Sendable {
  /// A distance, or what is known of it.
  public struct Distance: Codable, Hashable, Sendable {
    /// The distance where it is reached, otherwise a lower bound.
    public let value: Double
    /// Whether the level is reached within the profile.
    public let isReached: Bool

    /// Joins the parts.
    package init(value: Double, isReached: Bool) {
      self.value = value
      self.isReached = isReached
    }
  }

  /// Distance on the side of negative coordinates; absent where the profile has none.
  public let left: Distance?
  /// Distance on the side of positive coordinates; absent where the profile has none.
  public let right: Distance?

  /// Mean of both sides, or the one that there is; otherwise a lower bound.
  public var mean: Distance {
    let sides = [left, right].compactMap(\.self)
    return Distance(
      value: sides.reduce(0) { $0 + $1.value } / Double(max(sides.count, 1)),
      isReached: sides.allSatisfy(\.isReached))
  }

  /// Measures a profile; nil unless it has a point beside the weights.
  ///
  /// - Parameters:
  ///   - xs: Ascending coordinates; 0 are the weights, whether there is a point or not.
  ///   - loss: The loss at each.
  ///   - center: The loss at the weights.
  ///   - rise: The level above it.
  /// - Precondition: A finite centre and a positive rise.
  /// - Complexity: O(n).
  public init?(xs: [Double], loss: [Double], center: Double, rise: Double) {
    precondition(center.isFinite && rise > 0 && xs.count == loss.count, "no level")
    let points = zip(xs, loss).map { (distance: abs($0), loss: $1, isLeft: $0 < 0) }
    let level = center + rise
    func distance(_ side: [(distance: Double, loss: Double, isLeft: Bool)]) -> Distance? {
      guard !side.isEmpty else { return nil }
      var last = (distance: 0.0, loss: center)
      for point in side {
        guard point.loss.isFinite else { break }
        if point.loss >= level {
          let part = (level - last.loss) / (point.loss - last.loss)
          return Distance(
            value: last.distance + part * (point.distance - last.distance), isReached: true)
        }
        last = (point.distance, point.loss)
      }
      return Distance(value: last.distance, isReached: false)
    }
    left = distance(points.filter(\.isLeft).reversed())
    right = distance(points.filter { !$0.isLeft && $0.distance > 0 })
    guard left != nil || right != nil else { return nil }
  }
}
