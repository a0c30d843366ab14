/// A cursor over a part of an HDF5 file.
struct HDF5Reader {
  private var reader: ByteReader

  /// Reads from `address` on, at most to `limit` bytes behind it or to the end of the file.
  init(_ source: ByteSource, at address: Int, limit: Int) {
    let start = min(max(address, 0), source.count)
    let end = start + min(max(limit, 0), source.count - start)
    let part = (try? source.read(start..<end, format: HDF5File.format)) ?? []
    reader = ByteReader(part, format: HDF5File.format)
  }

  /// Reads bytes that are there already.
  init(_ bytes: ArraySlice<UInt8>) { reader = ByteReader(bytes, format: HDF5File.format) }

  var remaining: Int { reader.remaining }

  mutating func skip(_ count: Int) throws(FileFormatError) { try reader.skip(count) }

  mutating func bytes(_ count: Int) throws(FileFormatError) -> ArraySlice<UInt8> {
    try reader.bytes(count)
  }

  mutating func byte() throws(FileFormatError) -> UInt8 { try reader.byte() }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type
  ) throws(FileFormatError) -> Int where Value: UnsignedInteger {
    let value = try reader.integer(Value.self)
    guard let number = Int(exactly: value) else {
      throw FileFormatError(.malformed, format: HDF5File.format, "number \(value) is impossible")
    }
    return number
  }

  /// An address; nil for the one that means none.
  mutating func address() throws(FileFormatError) -> Int? {
    let value = try reader.integer(UInt64.self)
    return value == .max ? nil : Int(exactly: value)
  }

  /// Whether the next four bytes are the name of a structure; they are read.
  mutating func reads(_ signature: StaticString) throws(FileFormatError) -> Bool {
    String(decoding: try reader.bytes(4), as: UTF8.self) == "\(signature)"
  }

  /// Checks the name that a structure begins with.
  mutating func expect(_ signature: StaticString) throws(FileFormatError) {
    guard try reads(signature) else {
      throw FileFormatError(
        .malformed, format: HDF5File.format, "has no \(signature) where one should be")
    }
  }
}
