/// Evenly spaced coordinates along one axis, ends included: `-1:1:50`.
public struct GridAxis: Hashable, Sendable, Codable, CustomStringConvertible {
  /// First coordinate.
  public let first: Double
  /// Last coordinate.
  public let last: Double
  /// Number of coordinates.
  public let count: Int

  /// Most points along an axis; a larger number is a typing error.
  public static let maximumCount = 10_000

  /// Creates an axis, or nil when the numbers make none.
  public init?(first: Double, last: Double, count: Int) {
    guard first.isFinite, last.isFinite, count >= 1, count <= Self.maximumCount,
      count == 1 || first < last
    else { return nil }
    self.first = first
    self.last = last
    self.count = count
  }

  /// Parses `FIRST:LAST:COUNT`, like `-1:1:50`.
  public init?(parsing text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let first = Double(parts[0]), let last = Double(parts[1]),
      let count = Int(parts[2])
    else { return nil }
    self.init(first: first, last: last, count: count)
  }

  /// The coordinates; symmetric axes are symmetric to the last bit.
  public var coordinates: [Double] {
    guard count > 1 else { return [first] }
    let steps = Double(count - 1)
    return (0..<count).map { (first * (steps - Double($0)) + last * Double($0)) / steps }
  }

  /// The text that `init(parsing:)` reads.
  public var description: String { "\(short(first)):\(short(last)):\(count)" }

  private func short(_ x: Double) -> String {
    x == x.rounded() && abs(x) < 1e15 ? "\(Int(x))" : "\(x)"
  }
}
