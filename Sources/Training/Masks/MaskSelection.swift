package import LinearAlgebra

/// Choice of the entries with the largest or smallest values.
package enum MaskSelection {
  /// Positions of the `count` largest values in ascending order; of equal values the first ones.
  ///
  /// The value of rank `count` is found by radix selection on the bit patterns, whose order is that
  /// of the numbers where these are not negative. NaN counts as larger than any number.
  ///
  /// - Complexity: O(n), five passes.
  /// - Precondition: No value is negative; `0 <= count <= values.count`.
  package static func largest(_ count: Int, of values: [Double]) -> [Int] {
    precondition(count >= 0 && count <= values.count, "\(count) of \(values.count) values")
    guard count > 0 else { return [] }
    guard count < values.count else { return Array(values.indices) }
    // Of the bits above `shift` the pattern of the wanted value is `prefix`.
    var prefix: UInt64 = 0
    var wanted = count
    for shift in stride(from: 48, through: 0, by: -16) {
      var histogram = [Int](repeating: 0, count: 1 << 16)
      for value in values {
        let bits = value.bitPattern
        if shift == 48 || bits >> UInt64(shift + 16) == prefix {
          histogram[Int((bits >> UInt64(shift)) & 0xffff)] += 1
        }
      }
      var digit = histogram.count - 1
      while histogram[digit] < wanted {
        wanted -= histogram[digit]
        digit -= 1
      }
      prefix = prefix << 16 | UInt64(digit)
    }
    // `wanted` is now how many of the values equal to the threshold belong to the largest.
    var result: [Int] = []
    result.reserveCapacity(count)
    for (index, value) in values.enumerated() {
      if value.bitPattern > prefix {
        result.append(index)
      } else if value.bitPattern == prefix, wanted > 0 {
        wanted -= 1
        result.append(index)
      }
    }
    return result
  }

  /// Positions of the `count` smallest values in ascending order; of equal values the last ones.
  ///
  /// - Complexity: O(n).
  /// - Precondition: No value is negative; `0 <= count <= values.count`.
  package static func smallest(_ count: Int, of values: [Double]) -> [Int] {
    let kept = largest(values.count - count, of: values)
    var result: [Int] = []
    result.reserveCapacity(count)
    var next = 0
    for index in values.indices {
      if next < kept.count, kept[next] == index {
        next += 1
      } else {
        result.append(index)
      }
    }
    return result
  }

  /// `count` of the items, each set equally likely, in the order in which they are drawn.
  ///
  /// - Complexity: O(items).
  package static func random(
    _ count: Int, of items: [Int], using stream: inout RandomStream
  ) -> [Int] {
    precondition(count >= 0 && count <= items.count, "\(count) of \(items.count) items")
    var items = items
    for i in 0..<count { items.swapAt(i, i + stream.integer(below: items.count - i)) }
    return Array(items.prefix(count))
  }
}
