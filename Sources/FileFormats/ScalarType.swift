/// The type of the elements of an array in a file.
package enum ScalarType: String, Sendable, CaseIterable {
  case float16, bfloat16, float32, float64
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64
  case bool

  /// The size of one element in bytes.
  package var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .float16, .bfloat16, .uint16, .int16: 2
    case .float32, .uint32, .int32: 4
    case .float64, .uint64, .int64: 8
    }
  }

  /// Whether the elements are floating-point numbers.
  package var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

/// The number of elements of an array of this shape.
///
/// Strides are products of the extents other than zero, so these must fit also where an extent of
/// zero makes the array empty.
///
/// - Returns: `nil` if an extent is negative or the product does not fit `Int`.
package func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for extent in shape {
    guard extent >= 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
    guard !overflow else { return nil }
    count = product
  }
  return shape.contains(0) ? 0 : count
}
