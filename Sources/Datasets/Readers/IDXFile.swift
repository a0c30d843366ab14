internal import FileFormats

/// One array of unsigned bytes in the IDX format of MNIST, plain or gzipped.
///
/// Big-endian: two zero bytes, the element type (0x08 for bytes), the number of axes, the extents
/// as 32-bit integers, the elements in C order.
struct IDXFile {
  let shape: [Int]
  /// The elements.
  let bytes: [UInt8]

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
      let bytes = try FileBytes.read(file)
      return Deflate.isGzip(bytes) ? try Deflate.gunzip(bytes, limit: Self.sizeLimit) : bytes
    }
    guard Self.isIDX(contents) else {
      let start = contents.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
      throw DatasetError(
        contents.isEmpty ? .empty : .malformed, file,
        "starts with bytes [\(start)], not with the signature of an IDX file (0 0 8 n); "
          + "fetch the file again")
    }
    guard contents[2] == 0x08 else {
      throw DatasetError(
        .malformed, file,
        "has elements of IDX type 0x\(String(contents[2], radix: 16)), not bytes (0x8); "
          + "convert it to an .npz file")
    }
    let extents = try reading(file) { () throws(FileFormatError) in
      var reader = ByteReader(contents, format: Self.format)
      try reader.skip(4)
      var extents: [Int] = []
      for _ in 0..<contents[3] { extents.append(Int(try reader.integer(UInt32.self, .big))) }
      return extents
    }
    let start = 4 + 4 * extents.count
    let present = contents.count - start
    guard let count = elementCount(extents), count == present else {
      let isShort = (elementCount(extents) ?? .max) > present
      throw DatasetError(
        isShort ? .truncated : .malformed, file,
        "announces an array \(extents), but \(present) bytes follow; fetch the file again")
    }
    shape = extents
    bytes = Array(contents[start...])
  }
}
