internal import CZlib

/// Deflate compression (RFC 1951) and its gzip wrapping (RFC 1952), through zlib.
package enum Deflate {
  /// The most that deflate can expand: 258 bytes from two bits, rounded up (zlib's own figure).
  package static let maximumRatio = 1032

  /// The largest size that `count` compressed bytes can expand to.
  package static func largestExpansion(of count: Int) -> Int {
    let (product, overflow) = count.multipliedReportingOverflow(by: maximumRatio)
    return overflow ? Int.max : product
  }

  /// Expands a raw deflate stream whose expanded size is known.
  ///
  /// - Throws: `FileFormatError` if the stream is damaged or its size is not `size`.
  package static func inflate(
    _ bytes: ArraySlice<UInt8>, size: Int, format: String
  ) throws(FileFormatError) -> [UInt8] {
    guard size >= 0, size <= largestExpansion(of: bytes.count) else {
      throw FileFormatError(
        .malformed, format: format, "\(bytes.count) compressed bytes cannot expand to \(size)")
    }
    let (output, _) = try expand(bytes, windowBits: -15, limit: size, format: format)
    guard output.count == size else {
      throw FileFormatError(
        .malformed, format: format, "expands to \(output.count) bytes, not to \(size)")
    }
    return output
  }

  /// The first bytes that a raw deflate stream expands to, as many as its beginning gives.
  ///
  /// - Parameters:
  ///   - bytes: The beginning of the stream.
  ///   - count: Most bytes that are expanded.
  ///   - format: Named in errors.
  /// - Returns: Fewer than `count` where the beginning gives no more.
  /// - Throws: `FileFormatError` if the stream is damaged.
  static func start(
    of bytes: ArraySlice<UInt8>, count: Int, format: String
  ) throws(FileFormatError) -> [UInt8] {
    try expand(bytes, windowBits: -15, limit: count, stopsThere: true, format: format).output
  }

  /// Expands a gzip file, which may consist of several members.
  ///
  /// - Throws: `FileFormatError` if it is damaged or expands to more than `limit` bytes.
  package static func gunzip(
    _ bytes: ArraySlice<UInt8>, limit: Int = 1 << 34
  ) throws(FileFormatError) -> [UInt8] {
    let format = "gzip"
    var rest = bytes
    var output: [UInt8] = []
    repeat {
      let (member, consumed) = try expand(
        rest, windowBits: 15 + 16, limit: limit - output.count, format: format)
      if output.isEmpty { output = member } else { output += member }
      rest = rest.dropFirst(consumed)
      // Tape drives and some tools pad the file with zeros; anything else is another member.
    } while rest.contains { $0 != 0 }
    return output
  }

  /// Expands a gzip file, which may consist of several members.
  ///
  /// - Throws: `FileFormatError` if it is damaged or expands to more than `limit` bytes.
  package static func gunzip(
    _ bytes: [UInt8], limit: Int = 1 << 34
  ) throws(FileFormatError) -> [UInt8] {
    try gunzip(bytes[...], limit: limit)
  }

  /// Whether `bytes` begin like a gzip file.
  package static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x1F, 0x8B, 0x08])
  }

  /// Compresses `bytes` to a raw deflate stream.
  package static func compress(_ bytes: [UInt8]) -> [UInt8] {
    deflated(bytes, windowBits: -15)
  }

  /// Compresses `bytes` to a gzip file of one member.
  package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    deflated(bytes, windowBits: 15 + 16)
  }

  /// The CRC-32 of zip and gzip.
  ///
  /// `checksum` is that of what stands before them; 0 for nothing.
  package static func checksum(
    _ bytes: ArraySlice<UInt8>, continuing checksum: UInt32 = 0
  ) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
      // zlib takes a null pointer as the wish to start anew.
      buffer.isEmpty ? checksum : UInt32(crc32_z(UInt(checksum), buffer.baseAddress, buffer.count))
    }
  }

  // MARK: - zlib

  /// Expands one stream and says how much of the input it used.
  ///
  /// The output grows by doubling up to `limit`, so that memory follows what the data really
  /// contains, not what a header announces. Where it stops at the limit, the stream may go on.
  private static func expand(
    _ bytes: ArraySlice<UInt8>, windowBits: Int32, limit: Int, stopsThere: Bool = false,
    format: String
  ) throws(FileFormatError) -> (output: [UInt8], consumed: Int) {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
      throw FileFormatError(.unsupported, format: format, "zlib cannot be initialised")
    }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var consumed = 0
    var status = Z_OK
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while status != Z_STREAM_END {
      let chunk = min(bytes.count - consumed, 1 << 20)
      let produced = bytes.dropFirst(consumed).withUnsafeBufferPointer { input in
        block.withUnsafeMutableBufferPointer { buffer in
          stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
          stream.avail_in = UInt32(chunk)
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return buffer.count - Int(stream.avail_out)
        }
      }
      let used = chunk - Int(stream.avail_in)
      consumed += used
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        let text = stream.msg.map { String(cString: $0) } ?? "status \(status)"
        throw FileFormatError(.malformed, format: format, "damaged compressed data (\(text))")
      }
      if stopsThere, produced >= limit - output.count || (produced == 0 && used == 0) {
        output.append(contentsOf: block[..<min(produced, limit - output.count)])
        break
      }
      guard produced <= limit - output.count else {
        throw FileFormatError(.tooLarge, format: format, "expands to more than \(limit) bytes")
      }
      guard produced > 0 || used > 0 || status == Z_STREAM_END else {
        throw FileFormatError(.truncated, format: format, "the compressed data ends too early")
      }
      output.append(contentsOf: block[..<produced])
    }
    return (output, consumed)
  }

  private static func deflated(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    let opened = deflateInit2_(
      &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    precondition(opened == Z_OK, "deflateInit2 failed with \(opened)")
    defer { deflateEnd(&stream) }
    var output: [UInt8] = []
    var consumed = 0
    var status = Z_OK
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while status != Z_STREAM_END {
      let chunk = min(bytes.count - consumed, 1 << 20)
      let isLast = consumed + chunk == bytes.count
      let produced = bytes.dropFirst(consumed).withUnsafeBufferPointer { input in
        block.withUnsafeMutableBufferPointer { buffer in
          stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
          stream.avail_in = UInt32(chunk)
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          return buffer.count - Int(stream.avail_out)
        }
      }
      precondition(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
      consumed += chunk - Int(stream.avail_in)
      output.append(contentsOf: block[..<produced])
    }
    return output
  }
}
