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
      var strides = [1]
      for extent in shape.dropLast() { strides.append(strides[strides.count - 1] * extent) }
      // The view covers all elements exactly once, so it cannot lie outside.
      bytes = gatherElements(bytes[...], shape: shape, strides: strides, size: type.size) ?? bytes
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
}

/// Copies the elements of a strided view into C order.
///
/// - Parameters:
///   - source: the storage, from the view's first element on.
///   - shape: the extents of the view.
///   - strides: the distance between neighbours along each axis, in elements.
///   - size: the size of an element in bytes.
/// - Returns: `nil` unless every element of the view lies inside `source`.
/// - Complexity: linear in the number of elements of the view, which may exceed those of `source`
///   where a stride is 0: bound it before.
package func gatherElements(
  _ source: ArraySlice<UInt8>, shape: [Int], strides: [Int], size: Int
) -> [UInt8]? {
  guard let count = elementCount(shape), strides.count == shape.count else { return nil }
  guard count > 0 else { return [] }
  var last = 0
  var isContiguous = true
  var contiguousStride = 1
  for (extent, stride) in zip(shape, strides).reversed() where extent > 1 {
    let reach = stride.multipliedReportingOverflow(by: extent - 1)
    let sum = last.addingReportingOverflow(reach.partialValue)
    guard stride >= 0, !reach.overflow, !sum.overflow else { return nil }
    last = sum.partialValue
    isContiguous = isContiguous && stride == contiguousStride
    contiguousStride *= extent
  }
  guard last < source.count / size else { return nil }
  if isContiguous { return Array(source.prefix(count * size)) }

  // The stride of an axis of one element leads nowhere, and may be any number.
  let axes = zip(shape, strides).filter { $0.0 > 1 }
  var index = [Int](repeating: 0, count: axes.count)
  var position = source.startIndex
  var output: [UInt8] = []
  output.reserveCapacity(count * size)
  while output.count < count * size {
    output.append(contentsOf: source[position..<position + size])
    var axis = axes.count - 1
    while axis >= 0 {
      let (extent, stride) = axes[axis]
      index[axis] += 1
      position += stride * size
      if index[axis] < extent { break }
      position -= stride * extent * size
      index[axis] = 0
      axis -= 1
    }
  }
  return output
}
