/// Bounds for what a program may ask for, so that none of its numbers is a trap.
enum Extents {
  /// Elements of a tensor of one sample: more than any memory holds.
  static let maximum = 1 << 36
  /// Elements of numbers that are known, which are computed while a program is read.
  static let maximumKnown = 1 << 27

  /// Number of elements of a shape.
  ///
  /// - Throws: `Refusal` for negative extents and sizes beyond the bound.
  @discardableResult
  static func count(_ shape: [Int], known: Bool = false) throws -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, extent <= maximum, !overflow, product <= maximum else {
        throw Refusal("a tensor of the shape \(shape)")
      }
      count = product
    }
    guard !known || count <= maximumKnown else {
      throw Refusal("known numbers of the shape \(shape)")
    }
    return count
  }
}
