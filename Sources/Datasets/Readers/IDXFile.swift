internal import FileFormats

/// One array in the IDX format of MNIST, plain or gzipped: bytes, or the 32-bit integers of QMNIST's labels.
///
/// Big-endian: two zero bytes, the element type (0x08 for bytes, 0x0C for integers), the number of axes,
/// the extents as 32-bit integers, the elements in C order.
struct IDXFile {
  /// The elements; those of a plain file stay in it.
  let array: StoredArray

  private static let format = "IDX file"
  /// No known IDX data set is larger than 0.7 GB.
  private static let sizeLimit = 1 << 31

  /// Whether bytes begin like an IDX file of any element type.
  static func isIDX(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && (0x08...0x0E).contains(bytes[2])
      && (1...4).contains(bytes[3])
  }

  /// Reads a file.
  ///
  /// - Throws: `DatasetError` if it is missing, damaged, not IDX, of another element type, or longer
  ///   or shorter than its header says.
  init(_ file: String) throws(DatasetError) {
    let contents = try reading(file) { () throws(FileFormatError) in
      let source = try ByteSource(file: file)
      let start = try source.read(0..<min(source.count, 4), format: Self.format)
      guard Deflate.isGzip(Array(start)) else { return source }
      let bytes = try source.read(0..<source.count, format: Self.format)
      return ByteSource(
        try Deflate.gunzip(Array(bytes), limit: Self.sizeLimit)[...], path: file)
    }
    // Signature, at most four extents.
    let header = try reading(file) { () throws(FileFormatError) in
      Array(try contents.read(0..<min(contents.count, 20), format: Self.format))
    }
    guard Self.isIDX(header) else {
      let start = header.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
      throw DatasetError(
        header.isEmpty ? .empty : .malformed, file,
        "starts with bytes [\(start)], not with the signature of an IDX file (0 0 8 n); "
          + "fetch the file again")
    }
    guard header[2] == 0x08 || header[2] == 0x0C else {
      throw DatasetError(
        .malformed, file,
        "has elements of IDX type 0x\(String(header[2], radix: 16)), not bytes (0x8); "
          + "convert it to an .npz file")
    }
    let size = header[2] == 0x08 ? 1 : 4
    let extents = try reading(file) { () throws(FileFormatError) in
      var reader = ByteReader(header, format: Self.format)
      try reader.skip(4)
      var extents: [Int] = []
      for _ in 0..<header[3] { extents.append(Int(try reader.integer(UInt32.self, .big))) }
      return extents
    }
    let start = 4 + 4 * extents.count
    let present = contents.count - start
    let needed = elementCount(extents).map { $0.multipliedReportingOverflow(by: size) }
    guard let needed, !needed.overflow, needed.partialValue == present else {
      let isShort = needed.map { $0.overflow || $0.partialValue > present } ?? true
      throw DatasetError(
        isShort ? .truncated : .malformed, file,
        "announces an array \(extents), but \(present) bytes follow; fetch the file again")
    }
    array = try reading(file) { () throws(FileFormatError) in
      let elements = try contents.part(start..<contents.count, format: Self.format)
      guard size == 4 else { return StoredArray(type: .uint8, shape: extents, source: elements) }
      var reader = ByteReader(
        try elements.read(0..<elements.count, format: Self.format), format: Self.format)
      var values: [Int] = []
      while reader.remaining >= size {
        values.append(Int(try reader.integer(Int32.self, .big)))
      }
      return StoredArray(NumericArray(values, shape: extents), path: file)
    }
  }
}
