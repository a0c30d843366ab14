/// An n-dimensional array as files hold it: element type, shape, little-endian bytes, C order.
///
/// This is what NPY, safetensors and pickled NumPy arrays are read into, and written from.
package struct NumericArray: Equatable, Sendable {
  package let type: ScalarType
  /// The extents, outermost first; empty for a scalar.
  package let shape: [Int]
  /// The elements, little-endian, the last axis fastest.
  package let bytes: [UInt8]

  /// The number of elements.
  package var count: Int { bytes.count / type.size }

  /// Creates an array from its bytes.
  ///
  /// - Throws: `FileFormatError` unless `bytes` is exactly as long as shape and type say.
  package init(
    type: ScalarType, shape: [Int], bytes: [UInt8], format: String
  ) throws(FileFormatError) {
    let size = elementCount(shape)?.multipliedReportingOverflow(by: type.size)
    guard let size, !size.overflow, size.partialValue == bytes.count else {
      throw FileFormatError(
        .malformed, format: format,
        "shape \(shape) of \(type.rawValue) does not fit \(bytes.count) bytes")
    }
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// Creates an array of trivial elements whose type the caller knows.
  private init<Element>(_ type: ScalarType, _ elements: [Element], _ shape: [Int]?) {
    let shape = shape ?? [elements.count]
    precondition(
      elementCount(shape) == elements.count, "shape \(shape) holds not \(elements.count) elements")
    self.type = type
    self.shape = shape
    bytes = elements.withUnsafeBytes { Array($0) }
  }

  /// Creates a float32 array; without a shape it has one axis.
  package init(_ elements: [Float], shape: [Int]? = nil) {
    self.init(.float32, elements, shape)
  }

  /// Creates a float64 array; without a shape it has one axis.
  package init(_ elements: [Double], shape: [Int]? = nil) {
    self.init(.float64, elements, shape)
  }

  /// Creates an int64 array; without a shape it has one axis.
  package init(_ elements: [Int], shape: [Int]? = nil) {
    self.init(.int64, elements, shape)
  }

  /// Creates a uint8 array; without a shape it has one axis.
  package init(_ elements: [UInt8], shape: [Int]? = nil) {
    self.init(.uint8, elements, shape)
  }

  /// The elements rounded to single precision.
  package func floats() -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { output, filled in
      writeFloats(to: output)
      filled = count
    }
  }

  /// Writes the elements, rounded to single precision, to the memory that has room for them.
  ///
  /// - Precondition: There is room for `count` elements.
  package func writeFloats(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count >= count, "room for \(target.count) of \(count) elements")
    guard let base = target.baseAddress else { return }
    bytes.withUnsafeBytes { type.convert($0, count: count, to: base) }
  }

  /// The elements in double precision (64-bit integers are rounded).
  package func doubles() -> [Double] {
    switch type {
    case .float64: map(Double.self) { $0 }
    case .uint64: map(UInt64.self) { Double($0) }
    case .int64: map(Int64.self) { Double($0) }
    case .uint32: map(UInt32.self) { Double($0) }
    case .int32: map(Int32.self) { Double($0) }
    case .float16, .bfloat16, .float32, .uint8, .bool, .int8, .uint16, .int16:
      floats().map { Double($0) }
    }
  }

  /// The elements as integers.
  ///
  /// - Returns: `nil` if an element has a fraction, is not finite, or does not fit `Int`.
  package func integers() -> [Int]? {
    switch type {
    case .int64: return map(Int64.self) { Int($0) }
    case .uint64: return exact(map(UInt64.self) { Int(exactly: $0) })
    case .int32: return map(Int32.self) { Int($0) }
    case .uint8, .bool: return map(UInt8.self) { Int($0) }
    default: return exact(doubles().map { Int(exactly: $0) })
    }
  }

  private func exact(_ values: [Int?]) -> [Int]? {
    let integers = values.compactMap { $0 }
    return integers.count == values.count ? integers : nil
  }

  private func map<Raw: BitwiseCopyable, Element>(
    _ raw: Raw.Type, _ transform: (Raw) -> Element
  ) -> [Element] {
    bytes.withUnsafeBytes { buffer in
      [Element](unsafeUninitializedCapacity: count) { output, filled in
        for index in 0..<count {
          let offset = index &* MemoryLayout<Raw>.stride
          output.initializeElement(
            at: index, to: transform(buffer.loadUnaligned(fromByteOffset: offset, as: raw)))
        }
        filled = count
      }
    }
  }
}
