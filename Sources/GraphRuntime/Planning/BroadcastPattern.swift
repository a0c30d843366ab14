internal import ComputationGraph

/// A broadcast that can be read plane by plane: some leading axes, then the rest.
///
/// The output is walked as `prefix` axes (planes) times the remaining axes. In each part the
/// operand has all elements, or one; or it has some of the leading axes that lie side by side.
struct BroadcastPattern {
  enum Plane: Hashable {
    case all
    case one
    /// `[n, 1]`: index `p / c`.
    case first
    /// `[1, c]`: index `p % c`.
    case second
    /// Axes with others around them: index `p / divisor % modulus`.
    case some(divisor: Int, modulus: Int)
  }

  let plane: Plane
  let innerIsOne: Bool

  /// The pattern, or nil when the operand must be written out.
  ///
  /// - Parameters:
  ///   - source: Shape of the operand.
  ///   - target: Shape that it repeats to.
  ///   - prefix: Number of axes that count as planes.
  ///   - block: Channels that lie side by side in the layout of the output.
  init?(from source: Shape, to target: Shape, prefix: Int, block: Int) {
    guard source.rank == target.rank else { return nil }
    func isFull(_ axes: Range<Int>) -> Bool { axes.allSatisfy { source[$0] == target[$0] } }
    func isOne(_ axes: Range<Int>) -> Bool { axes.allSatisfy { source[$0] == 1 } }
    let inner = prefix..<target.rank
    if isFull(inner) && !isOne(inner) || inner.isEmpty {
      innerIsOne = false
    } else if isOne(inner) {
      innerIsOne = true
    } else {
      return nil
    }
    let outer = 0..<prefix
    if isFull(outer) {
      plane = .all
    } else if isOne(outer) {
      plane = .one
    } else if prefix == 2 && source[0] == 1 {
      plane = .second
    } else if prefix == 2 && source[1] == 1 {
      plane = .first
    } else if block == 1, let some = Self.run(source, target, prefix: prefix) {
      plane = some
    } else {
      return nil
    }
    // In blocks every pixel has all channels of its block, which one channel cannot give.
    if block > 1 && !innerIsOne && (plane == .one || plane == .first) { return nil }
  }

  /// Leading axes of which the operand has some neighbours, and one element along the others.
  private static func run(_ source: Shape, _ target: Shape, prefix: Int) -> Plane? {
    let full = (0..<prefix).filter { target[$0] != 1 && source[$0] == target[$0] }
    guard let first = full.first, let last = full.last,
      (0..<prefix).allSatisfy({ source[$0] == ((first...last) ~= $0 ? target[$0] : 1) })
    else { return nil }
    let extents = target.dimensions
    return .some(
      divisor: extents[(last + 1)..<prefix].reduce(1, *),
      modulus: extents[first...last].reduce(1, *))
  }
}
