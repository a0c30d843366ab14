internal import FileFormats

/// Elements of a file, converted to numbers when they are read.
struct ElementArray: Sendable {
  let type: ScalarType
  private let source: ByteSource

  init(_ type: ScalarType, _ source: ByteSource) {
    self.type = type
    self.source = source
  }

  /// Writes elements as numbers; 64-bit integers above 2^24 are rounded.
  ///
  /// - Throws: `DatasetError` when the file ends early.
  func read(_ elements: Range<Int>, to target: UnsafeMutablePointer<Float>) throws(DatasetError) {
    let bytes = elements.lowerBound * type.size..<elements.upperBound * type.size
    try reading(source.path) { () throws(FileFormatError) in
      try unsafe source.withBytes(bytes) { raw in
        unsafe type.convert(raw, count: elements.count, to: target)
      }
    }
  }
}
