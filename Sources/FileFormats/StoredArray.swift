/// An array of a file whose elements are read in parts, or lie in memory where they cannot be.
package struct StoredArray: Sendable {
  /// Type of the elements.
  package let type: ScalarType
  /// The extents, outermost first.
  package let shape: [Int]
  /// The elements, little-endian, the last axis fastest.
  package let source: ByteSource

  /// An array in memory.
  package init(_ array: NumericArray, path: String) {
    type = array.type
    shape = array.shape
    source = ByteSource(array.bytes[...], path: path)
  }

  /// The whole array in memory.
  ///
  /// - Throws: `FileFormatError` when the file has become shorter or cannot be read.
  package func loaded() throws(FileFormatError) -> NumericArray {
    try NumericArray(
      type: type, shape: shape,
      bytes: Array(try source.read(0..<source.count, format: NPY.format)), format: NPY.format)
  }

  /// An array whose elements are all that `source` has.
  ///
  /// - Precondition: They are as many as the shape says.
  package init(type: ScalarType, shape: [Int], source: ByteSource) {
    precondition(
      elementCount(shape).map { $0 * type.size } == source.count,
      "\(source.count) bytes for \(shape)")
    self.type = type
    self.shape = shape
    self.source = source
  }

  /// The arrays of an `.npz` file by their names.
  ///
  /// Elements that lie uncompressed, in C order and little-endian are left on disk; their checksum is
  /// compared once. Others are expanded into memory.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isWanted: Which names are read; others are not even looked at.
  /// - Returns: Names and arrays, in the order of the file.
  /// - Throws: `FileFormatError` if the file is unreadable or damaged.
  /// - Complexity: One pass over the arrays.
  package static func arrays(
    npz path: String, where isWanted: (String) -> Bool = { _ in true }
  ) throws(FileFormatError) -> [(name: String, array: StoredArray)] {
    do throws(FileFormatError) {
      let file = try ByteSource(file: path)
      var arrays: [(name: String, array: StoredArray)] = []
      for entry in try ZipDirectory(file).entries() where entry.name.hasSuffix(".npy") {
        let name = String(entry.name.dropLast(4))
        guard isWanted(name) else { continue }
        arrays.append((name, try array(of: entry, in: file, name: name)))
      }
      return arrays
    } catch {
      throw error.inFile(path)
    }
  }

  private static func array(
    of entry: ZipArchive.Entry, in file: ByteSource, name: String
  ) throws(FileFormatError) -> StoredArray {
    let format = "\(NPZFile.format), array \(quoted(name))"
    let range = entry.dataOffset..<entry.dataOffset + entry.compressedSize
    guard !entry.isDeflated else {
      let bytes = try Deflate.inflate(
        try file.read(range, format: format), size: entry.size, format: format)
      try check(Deflate.checksum(bytes[...]), entry, format)
      return StoredArray(try NPY.decode(bytes[...], format: format), path: file.path)
    }
    try check(try file.checksum(range), entry, format)
    return try array(in: file, range, format: format)
  }

  /// The array of an `.npy` file; elements in C order and little-endian are left in it.
  ///
  /// - Throws: `FileFormatError` if it is unreadable, damaged, or of a type not read here.
  package init(npy path: String) throws(FileFormatError) {
    do throws(FileFormatError) {
      let file = try ByteSource(file: path)
      self = try Self.array(in: file, 0..<file.count, format: NPY.format)
    } catch {
      throw error.inFile(path)
    }
  }

  /// The array that a part of a file is, with NumPy's header.
  private static func array(
    in file: ByteSource, _ range: Range<Int>, format: String
  ) throws(FileFormatError) -> StoredArray {
    // A header has some hundred bytes; those of version 2 may be longer, but not in practice.
    let start = try file.read(
      range.lowerBound..<min(range.upperBound, range.lowerBound + 1 << 16), format: format)
    let (header, length) = try NPY.header(start, format: format)
    let elements = elementCount(header.shape)?.multipliedReportingOverflow(
      by: header.type.type.size)
    guard let elements, !elements.overflow, elements.partialValue == range.count - length else {
      let isShort = elements.map { $0.overflow || $0.partialValue > range.count - length } ?? true
      throw FileFormatError(
        isShort ? .truncated : .malformed, format: format,
        "shape \(header.shape) of \(header.type.type.rawValue) does not fit "
          + "\(range.count - length) bytes")
    }
    guard !header.type.isBigEndian, !header.isFortranOrder || header.shape.count < 2 else {
      return StoredArray(
        try NPY.decode(try file.read(range, format: format), format: format), path: file.path)
    }
    return StoredArray(
      type: header.type.type, shape: header.shape,
      source: try file.part(range.lowerBound + length..<range.upperBound, format: format))
  }

  private static func check(
    _ checksum: UInt32, _ entry: ZipArchive.Entry, _ format: String
  ) throws(FileFormatError) {
    guard checksum == entry.checksum else {
      throw FileFormatError(
        .malformed, format: format, "the checksum is wrong: the file is damaged, copy it again")
    }
  }
}
