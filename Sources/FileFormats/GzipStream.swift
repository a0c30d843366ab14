internal import CZlib

/// A gzip file (RFC 1952) that is expanded in blocks, so that no more than two of them are in memory.
final class GzipStream {
  private static let format = "gzip"
  private static let blockSize = 1 << 18

  private let source: ByteSource
  private let stream: UnsafeMutablePointer<z_stream>
  private var position = 0
  private var input: ArraySlice<UInt8> = []
  private var isBetweenMembers = true

  /// Begins at the start of a file.
  ///
  /// - Throws: `FileFormatError` when zlib has no memory.
  init(_ source: ByteSource) throws(FileFormatError) {
    self.source = source
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
      throw FileFormatError(.unsupported, format: Self.format, "zlib cannot be initialised")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The next bytes; none at the end of the file.
  ///
  /// - Throws: `FileFormatError` when the file is damaged or cut off.
  func next() throws(FileFormatError) -> [UInt8] {
    var output: [UInt8] = []
    while output.isEmpty {
      if input.isEmpty, position < source.count {
        let end = min(source.count, position + Self.blockSize)
        input = try source.read(position..<end, format: Self.format)
        position = end
      }
      // Some tools pad the file with zeros.
      if isBetweenMembers { input = input.drop { $0 == 0 } }
      if input.isEmpty, position < source.count { continue }
      guard !input.isEmpty else {
        guard isBetweenMembers else {
          throw FileFormatError(
            .truncated, format: Self.format, "the compressed data ends too early: it is cut off")
        }
        return []
      }
      output = try expand()
    }
    return output
  }

  private func expand() throws(FileFormatError) -> [UInt8] {
    isBetweenMembers = false
    var status = Z_OK
    var used = 0
    let output = [UInt8](unsafeUninitializedCapacity: Self.blockSize) { block, filled in
      input.withUnsafeBufferPointer { bytes in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = block.baseAddress
        stream.pointee.avail_out = UInt32(block.count)
        status = CZlib.inflate(stream, Z_NO_FLUSH)
        used = bytes.count - Int(stream.pointee.avail_in)
        filled = block.count - Int(stream.pointee.avail_out)
      }
    }
    input = input.dropFirst(used)
    switch status {
    case Z_STREAM_END:
      isBetweenMembers = true
      inflateReset(stream)
    case Z_OK where used > 0 || !output.isEmpty: break
    default:
      let text = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      throw FileFormatError(.malformed, format: Self.format, "damaged compressed data (\(text))")
    }
    return output
  }
}
