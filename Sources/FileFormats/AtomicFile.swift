import Foundation

/// Writing files so that a final name never stands for a half-written file.
package enum AtomicFile {
  /// Writes `bytes` to `path`: a temporary file in the same folder, fsync, then rename.
  ///
  /// A reader sees the old contents or the new ones, also after a crash at any instant. On
  /// failure the temporary file is removed and an existing file at `path` stays as it was.
  ///
  /// - Throws: `FileFormatError` naming `path` if the folder cannot be written or is full.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileFormatError) {
    try write(to: path) { (sink: inout FileSink) throws(FileFormatError) in try sink.append(bytes) }
  }

  /// Writes to `path` what `body` gives, part by part, as atomically as bytes that are all there.
  ///
  /// - Throws: `FileFormatError` naming `path` if the folder cannot be written or is full, and what
  ///   `body` throws.
  package static func write(
    to path: String, _ body: (inout FileSink) throws(FileFormatError) -> Void
  ) throws(FileFormatError) {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    let temporary =
      "\(folder)/.\(url.lastPathComponent).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    do throws(FileFormatError) {
      var sink = FileSink(descriptor: descriptor, path: path)
      try body(&sink)
      try sink.flush()
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    var failure: Int32 = 0
    if fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(temporary, path) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(temporary)
      throw unwritable(path, failure)
    }
    synchronizeFolder(folder)
  }

  /// Writes UTF-8 text to `path` atomically.
  ///
  /// - Throws: `FileFormatError` as for bytes.
  package static func write(_ text: String, to path: String) throws(FileFormatError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes a file that must not be there yet, as atomically.
  ///
  /// Names of temporary files do not contain that of the file, for programs that look for names in a folder.
  ///
  /// - Returns: Whether it was written; false where a file of that name is there, which stays as it was.
  /// - Throws: `FileFormatError` naming `path` if the folder cannot be written or is full.
  package static func create(_ bytes: [UInt8], at path: String) throws(FileFormatError) -> Bool {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let temporary = "\(folder)/.\(getpid()).\(UInt32.random(in: 0...UInt32.max)).new"
    do throws(FileFormatError) {
      try write(bytes, to: temporary)
    } catch {
      var error = error
      error.file = path
      throw error
    }
    defer { unlink(temporary) }
    guard link(temporary, path) != 0 else {
      synchronizeFolder(folder)
      return true
    }
    switch errno {
    case EEXIST: return false
    case EPERM, EOPNOTSUPP, ENOSYS:
      // The file system has no links: only a process that looks at the same instant can come between.
      guard access(path, F_OK) != 0 else { return false }
      guard rename(temporary, path) == 0 else { throw unwritable(path, errno) }
      synchronizeFolder(folder)
      return true
    case let code: throw unwritable(path, code)
    }
  }

  /// Makes the rename itself durable; not every file system offers it, so failure is no error.
  private static func synchronizeFolder(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func unwritable(_ path: String, _ code: Int32) -> FileFormatError {
    FileFormatError(.unwritable, format: "cannot write", systemErrorText(code), file: path)
  }
}

/// Writes every byte to `descriptor`, continuing after partial writes and interruptions.
///
/// - Returns: 0, or the error number of the write that failed.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
}

/// The same for bytes in memory.
package func writeAll(_ buffer: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var written = 0
  while written < buffer.count {
    let count = write(
      descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
    if count < 0 {
      if errno == EINTR { continue }
      return errno
    }
    written += count
  }
  return 0
}
