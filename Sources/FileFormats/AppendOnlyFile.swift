import Foundation

/// A file that only grows at its end, held by one process at a time.
///
/// What `append` has written survives the death of the process at any later instant;
/// `synchronize` makes it survive a power failure too.
package final class AppendOnlyFile {
  private let descriptor: Int32
  private let path: String

  /// Opens the file, creating it if it is missing, and locks it.
  ///
  /// - Throws: `FileFormatError` if it cannot be opened, or another process holds it.
  package init(_ path: String) throws(FileFormatError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
    let code = FileLock.take(descriptor)
    guard code == 0 else {
      close(descriptor)
      guard code == EWOULDBLOCK else { throw Self.unwritable(path, code) }
      throw FileFormatError(
        .unwritable, format: "cannot write",
        "another process is working on it; wait for that one or choose another folder",
        file: path)
    }
  }

  deinit { close(descriptor) }

  /// The whole file.
  ///
  /// - Throws: `FileFormatError` if it cannot be read.
  package func contents() throws(FileFormatError) -> [UInt8] {
    try FileBytes.read(path)
  }

  /// Number of bytes.
  ///
  /// - Throws: `FileFormatError` if the file system does not say.
  package var size: Int {
    get throws(FileFormatError) {
      let end = lseek(descriptor, 0, SEEK_END)
      guard end >= 0 else { throw FileBytes.unreadable(path, errno) }
      return Int(end)
    }
  }

  /// Reads the bytes from an offset on into memory.
  ///
  /// - Returns: How many there were, fewer than the memory holds at the end of the file.
  /// - Throws: `FileFormatError` if they cannot be read.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, from offset: Int
  ) throws(FileFormatError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled,
        off_t(offset + filled))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileBytes.unreadable(path, errno) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Adds `bytes` at the end.
  ///
  /// - Throws: `FileFormatError` if they cannot all be written; then none of them stays.
  package func append(_ bytes: [UInt8]) throws(FileFormatError) {
    let code = bytes.withUnsafeBytes { write([$0]) }
    if code != 0 { throw Self.unwritable(path, code) }
  }

  /// Adds the bytes of several places in memory at the end, one behind the other.
  ///
  /// - Throws: `FileFormatError` if they cannot all be written; then none of them stays.
  package func append(parts: [UnsafeRawBufferPointer]) throws(FileFormatError) {
    let code = write(parts)
    if code != 0 { throw Self.unwritable(path, code) }
  }

  /// The system's error code; 0 without an error.
  private func write(_ parts: [UnsafeRawBufferPointer]) -> Int32 {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { return errno }
    for part in parts {
      let code = writeAll(part, to: descriptor)
      guard code == 0 else {
        // A full disk may have taken a part, which would spoil what is appended later.
        ftruncate(descriptor, end)
        return code
      }
    }
    return 0
  }

  /// Cuts the file off behind its first `size` bytes.
  ///
  /// - Throws: `FileFormatError` if the file system refuses.
  package func truncate(to size: Int) throws(FileFormatError) {
    guard ftruncate(descriptor, size) == 0 else { throw Self.unwritable(path, errno) }
  }

  /// Waits until the disk holds what was appended.
  ///
  /// - Throws: `FileFormatError` if the disk reports an error.
  package func synchronize() throws(FileFormatError) {
    guard fsync(descriptor) == 0 else { throw Self.unwritable(path, errno) }
  }

  private static func unwritable(_ path: String, _ code: Int32) -> FileFormatError {
    FileFormatError(.unwritable, format: "cannot write", systemErrorText(code), file: path)
  }
}
