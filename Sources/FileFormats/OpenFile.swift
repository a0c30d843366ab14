internal import Foundation

/// A file that is open for reading until nobody refers to it any more.
final class OpenFile: Sendable {
  private let descriptor: Int32

  /// Takes over a descriptor.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Fills a buffer with the bytes from an offset on; safe from several threads.
  ///
  /// - Throws: `FileFormatError`, which names `path`, when the file has become shorter or cannot be
  ///   read.
  func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from offset: Int, path: String
  ) throws(FileFormatError) {
    var filled = 0
    while filled < buffer.count {
      let read = pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled,
        off_t(offset + filled))
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw FileBytes.unreadable(path, errno) }
      guard read > 0 else {
        throw FileFormatError(
          .truncated, format: "file", "has become shorter while it was read", file: path)
      }
      filled += read
    }
  }
}
