import Foundation

/// A place for bytes that are written one behind the other, and of which some are corrected later.
///
/// What is written ends in a file or in memory; who writes need not know which.
package protocol ByteSink {
  /// Bytes written so far.
  var count: Int { get }

  /// Adds bytes at the end.
  mutating func append(_ bytes: [UInt8]) throws(FileFormatError)

  /// Replaces bytes that are there.
  ///
  /// - Precondition: They end at `count` or before.
  mutating func replace(at position: Int, with bytes: [UInt8]) throws(FileFormatError)
}

/// Bytes in memory.
package struct MemorySink: ByteSink {
  /// What was written.
  package private(set) var bytes: [UInt8] = []

  /// Starts without bytes.
  package init() {}

  package var count: Int { bytes.count }

  package mutating func append(_ bytes: [UInt8]) { self.bytes += bytes }

  package mutating func replace(at position: Int, with bytes: [UInt8]) {
    self.bytes.replaceSubrange(position..<position + bytes.count, with: bytes)
  }
}

/// An open file of which only one block is held in memory.
package struct FileSink: ByteSink {
  private static let blockSize = 1 << 20
  private let descriptor: Int32
  private let path: String
  private var block: [UInt8] = []
  /// Bytes that the file has already.
  private var written = 0

  /// Continues at the start of an empty file; `path` is named in errors.
  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  package var count: Int { written + block.count }

  package mutating func append(_ bytes: [UInt8]) throws(FileFormatError) {
    if block.count + bytes.count > Self.blockSize { try flush() }
    if bytes.count > Self.blockSize {
      try write(bytes)
    } else {
      block += bytes
    }
  }

  package mutating func replace(at position: Int, with bytes: [UInt8]) throws(FileFormatError) {
    precondition(position + bytes.count <= count, "bytes past the end")
    try flush()
    guard lseek(descriptor, off_t(position), SEEK_SET) >= 0 else { throw failure(errno) }
    let code = writeAll(bytes, to: descriptor)
    guard code == 0 else { throw failure(code) }
    guard lseek(descriptor, off_t(written), SEEK_SET) >= 0 else { throw failure(errno) }
  }

  /// Gives the last block to the file.
  mutating func flush() throws(FileFormatError) {
    guard !block.isEmpty else { return }
    try write(block)
    block.removeAll(keepingCapacity: true)
  }

  private mutating func write(_ bytes: [UInt8]) throws(FileFormatError) {
    let code = writeAll(bytes, to: descriptor)
    guard code == 0 else { throw failure(code) }
    written += bytes.count
  }

  private func failure(_ code: Int32) -> FileFormatError {
    FileFormatError(.unwritable, format: "cannot write", systemErrorText(code), file: path)
  }
}
