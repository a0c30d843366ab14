extension NumericArray {
  /// Creates an array from elements in any byte order and in C or Fortran order.
  ///
  /// - Throws: `FileFormatError` unless `raw` is exactly as long as shape and type say.
  init(
    raw: ArraySlice<UInt8>, type: ScalarType, shape: [Int], isBigEndian: Bool,
    isFortranOrder: Bool, format: String
  ) throws(FileFormatError) {
    try self.init(type: type, shape: shape, bytes: Array(raw), format: format)
    guard count > 0 else { return }
    var bytes = bytes
    if isBigEndian { bytes = Self.reversingElements(bytes, size: type.size) }
    if isFortranOrder, shape.count > 1 {
      bytes = Self.reorderingFromFortran(bytes, shape: shape, size: type.size)
    }
    try self.init(type: type, shape: shape, bytes: bytes, format: format)
  }

  private static func reversingElements(_ bytes: [UInt8], size: Int) -> [UInt8] {
    guard size > 1 else { return bytes }
    var output = bytes
    for start in stride(from: 0, to: bytes.count, by: size) {
      output[start..<start + size].reverse()
    }
    return output
  }

  /// Moves elements stored with the first axis fastest to the order with the last axis fastest.
  private static func reorderingFromFortran(_ bytes: [UInt8], shape: [Int], size: Int) -> [UInt8] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    var source = 0
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    while output.count < bytes.count {
      output.append(contentsOf: bytes[source * size..<(source + 1) * size])
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < shape[axis] { break }
        source -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return output
  }
}
