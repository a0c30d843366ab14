internal import Foundation

/// Bytes of a file: in memory, or read in parts when they are asked for.
///
/// Parts are read rather than mapped: a mapped file that another process truncates would end this one
/// with a bus error.
package final class ByteSource: Sendable {
  /// The file, for messages.
  package let path: String
  /// Number of bytes.
  package let count: Int
  private let contents: Contents

  private enum Contents: Sendable {
    case memory(ArraySlice<UInt8>)
    case file(OpenFile, offset: Int)
  }

  /// Bytes in memory.
  package init(_ bytes: ArraySlice<UInt8>, path: String) {
    self.path = path
    count = bytes.count
    contents = .memory(bytes)
  }

  /// A whole file, which stays open.
  ///
  /// - Throws: `FileFormatError` when the file cannot be opened.
  package init(file path: String) throws(FileFormatError) {
    let (descriptor, size) = try FileBytes.open(path)
    self.path = path
    count = size
    contents = .file(OpenFile(descriptor), offset: 0)
  }

  private init(_ file: OpenFile, path: String, offset: Int, count: Int) {
    self.path = path
    self.count = count
    contents = .file(file, offset: offset)
  }

  /// Some of the bytes; those in memory are not copied.
  ///
  /// - Throws: `FileFormatError` when the range reaches past the end, or the file cannot be read.
  package func read(_ range: Range<Int>, format: String) throws(FileFormatError) -> ArraySlice<
    UInt8
  > {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw FileFormatError(
        .truncated, format: format,
        "needs \(range.count) bytes at offset \(range.lowerBound), but it has \(count) bytes")
    }
    let file: OpenFile
    let offset: Int
    switch contents {
    case .memory(let bytes):
      return bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound]
    case .file(let open, let start): (file, offset) = (open, start)
    }
    var failure: FileFormatError?
    let result = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      do throws(FileFormatError) {
        try file.fill(
          UnsafeMutableRawBufferPointer(buffer), from: offset + range.lowerBound, path: path)
        filled = range.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result[...]
  }

  /// Some of the bytes as a source of their own, of the same open file; nothing is read.
  ///
  /// - Throws: `FileFormatError` when the range reaches past the end.
  package func part(_ range: Range<Int>, format: String) throws(FileFormatError) -> ByteSource {
    guard case .file(let file, let offset) = contents else {
      return ByteSource(try read(range, format: format), path: path)
    }
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw FileFormatError(
        .truncated, format: format, "ends before byte \(range.upperBound)", file: path)
    }
    return ByteSource(
      file, path: path, offset: offset + range.lowerBound, count: range.count)
  }

  /// CRC-32 of some of the bytes, read in blocks of 1 MiB.
  ///
  /// - Throws: `FileFormatError` when the file has become shorter or cannot be read.
  package func checksum(_ range: Range<Int>) throws(FileFormatError) -> UInt32 {
    var checksum: UInt32 = 0
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + 1 << 20, range.upperBound)
      checksum = Deflate.checksum(try read(start..<end, format: "file"), continuing: checksum)
      start = end
    }
    return checksum
  }

  /// Calls a closure with some of the bytes; safe from several threads.
  ///
  /// - Throws: `FileFormatError` when the file has become shorter or cannot be read.
  /// - Precondition: The range lies within the bytes.
  package func withBytes(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(FileFormatError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes \(range) of \(count)")
    switch contents {
    case .memory(let bytes):
      bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .file(let file, let offset):
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 64)
      defer { buffer.deallocate() }
      try file.fill(buffer, from: offset + range.lowerBound, path: path)
      body(UnsafeRawBufferPointer(buffer))
    }
  }
}

extension ScalarType {
  /// Writes elements in little-endian bytes as single-precision numbers.
  ///
  /// - Precondition: `bytes` holds `count` elements.
  package func convert(
    _ bytes: UnsafeRawBufferPointer, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    precondition(bytes.count >= count * size, "\(bytes.count) bytes for \(count) elements")
    switch self {
    case .float16: Self.map(bytes, count, target) { (raw: Float16) in Float(raw) }
    case .bfloat16:
      Self.map(bytes, count, target) { (raw: UInt16) in Float(bitPattern: UInt32(raw) << 16) }
    case .float32:
      UnsafeMutableRawPointer(target).copyMemory(
        from: bytes.baseAddress ?? UnsafeRawPointer(target), byteCount: count * size)
    case .float64: Self.map(bytes, count, target) { (raw: Double) in Float(raw) }
    case .uint8, .bool: Self.map(bytes, count, target) { (raw: UInt8) in Float(raw) }
    case .int8: Self.map(bytes, count, target) { (raw: Int8) in Float(raw) }
    case .uint16: Self.map(bytes, count, target) { (raw: UInt16) in Float(raw) }
    case .int16: Self.map(bytes, count, target) { (raw: Int16) in Float(raw) }
    case .uint32: Self.map(bytes, count, target) { (raw: UInt32) in Float(raw) }
    case .int32: Self.map(bytes, count, target) { (raw: Int32) in Float(raw) }
    case .uint64: Self.map(bytes, count, target) { (raw: UInt64) in Float(raw) }
    case .int64: Self.map(bytes, count, target) { (raw: Int64) in Float(raw) }
    }
  }

  @inline(__always)
  private static func map<Raw: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>,
    _ transform: (Raw) -> Float
  ) {
    for index in 0..<count {
      let offset = index &* MemoryLayout<Raw>.stride
      target[index] = transform(bytes.loadUnaligned(fromByteOffset: offset, as: Raw.self))
    }
  }
}
