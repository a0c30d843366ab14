/// Bounds for what a program may ask for, so that none of its numbers is a trap.
enum Extents {
  /// Elements of a tensor of one sample: more than any memory holds.
  static let maximum = 1 << 36
  /// Elements of numbers that are known, which are computed while a program is read.
  static let maximumKnown = 1 << 27

  /// Parts that a tensor may be cut into, or steps of a recurrence: each makes nodes.
  static let maximumParts = 1 << 14

  /// Number of elements of a shape.
  ///
  /// Also the product of any of the extents is within the bound: extents of 0 count as 1 for it.
  ///
  /// - Throws: `Refusal` for negative extents and sizes beyond the bound.
  @discardableResult
  static func count(_ shape: [Int], known: Bool = false) throws -> Int {
    var bound = 1
    for extent in shape {
      let (product, overflow) = bound.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, extent <= maximum, !overflow, product <= maximum else {
        throw Refusal("a tensor of the shape \(shape)")
      }
      bound = product
    }
    let count = shape.contains(0) ? 0 : bound
    guard !known || count <= maximumKnown else {
      throw Refusal("known numbers of the shape \(shape)")
    }
    return count
  }

  /// Checks a number of indices, parts of a table, or other numbers that are known.
  static func known(_ extents: Int...) throws { try count(extents, known: true) }

  /// Checks a number of parts.
  static func parts(_ count: Int) throws {
    guard count <= maximumParts else { throw Refusal("\(count) parts or steps") }
  }
}
