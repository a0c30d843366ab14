/// A cursor over bytes whose every read is checked against the end.
///
/// Nothing is read, skipped or allocated before the remaining length has been compared with
/// what was asked for, so a truncated or hostile input ends in an error.
package struct ByteReader {
  /// The byte order of an integer.
  package enum Endianness: Sendable {
    case little, big
  }

  private let bytes: ArraySlice<UInt8>
  private let format: String
  private var index: Int

  /// Creates a cursor at the start of `bytes`; `format` is named in errors.
  package init(_ bytes: ArraySlice<UInt8>, format: String) {
    self.bytes = bytes
    self.format = format
    index = bytes.startIndex
  }

  /// Creates a cursor at the start of `bytes`; `format` is named in errors.
  package init(_ bytes: [UInt8], format: String) {
    self.init(bytes[...], format: format)
  }

  /// The number of bytes read so far.
  package var position: Int { index - bytes.startIndex }

  /// The number of bytes not yet read.
  package var remaining: Int { bytes.endIndex - index }

  /// Moves the cursor to `position`, counted from the start.
  package mutating func seek(to position: Int) throws(FileFormatError) {
    guard position >= 0, position <= bytes.count else {
      throw FileFormatError(
        .truncated, format: format, "offset \(position) lies outside its \(bytes.count) bytes")
    }
    index = bytes.startIndex + position
  }

  /// Reads `count` bytes without copying them.
  package mutating func bytes(_ count: Int) throws(FileFormatError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw FileFormatError(
        .truncated, format: format,
        "needs \(count) bytes at offset \(position), but only \(remaining) are left")
    }
    defer { index += count }
    return bytes[index..<index + count]
  }

  /// Skips `count` bytes.
  package mutating func skip(_ count: Int) throws(FileFormatError) {
    _ = try bytes(count)
  }

  /// Reads one byte.
  package mutating func byte() throws(FileFormatError) -> UInt8 {
    guard index < bytes.endIndex else {
      throw FileFormatError(.truncated, format: format, "ends at offset \(position)")
    }
    defer { index += 1 }
    return bytes[index]
  }

  /// Reads an integer of fixed width, little-endian unless told otherwise.
  package mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, _ endianness: Endianness = .little
  ) throws(FileFormatError) -> Value {
    let raw = try bytes(MemoryLayout<Value>.size).withUnsafeBytes {
      $0.loadUnaligned(as: Value.self)
    }
    return endianness == .little ? Value(littleEndian: raw) : Value(bigEndian: raw)
  }

  /// Reads an unsigned 64-bit length and checks that an `Int` holds it.
  package mutating func length64() throws(FileFormatError) -> Int {
    let value = try integer(UInt64.self)
    guard let length = Int(exactly: value) else {
      throw FileFormatError(
        .malformed, format: format, "length \(value) before offset \(position) is impossible")
    }
    return length
  }

  /// Reads up to the next line feed, which is consumed but not returned.
  package mutating func line() throws(FileFormatError) -> ArraySlice<UInt8> {
    guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw FileFormatError(
        .truncated, format: format, "the line at offset \(position) has no end")
    }
    defer { index = end + 1 }
    return bytes[index..<end]
  }
}

extension Array where Element == UInt8 {
  /// Appends the little-endian bytes of `value`.
  package mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
