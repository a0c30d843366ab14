import Foundation

/// Reading whole regular files.
package enum FileBytes {
  /// Reads the whole file at `path`.
  ///
  /// The file is copied into memory rather than mapped: a mapped file that another process
  /// truncates would end this one with a bus error.
  ///
  /// - Throws: `FileFormatError` if the file is missing, unreadable, or not a regular file.
  package static func read(_ path: String) throws(FileFormatError) -> [UInt8] {
    let (descriptor, size) = try open(path)
    defer { close(descriptor) }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      filled = 0
      while filled < size {
        let count = Foundation.read(
          descriptor, buffer.baseAddress?.advanced(by: filled), size - filled)
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        if count == 0 { return }
        filled += count
      }
    }
    guard failure == 0 else { throw unreadable(path, failure) }
    return bytes
  }

  /// Opens a regular file for reading and returns its descriptor and size.
  static func open(_ path: String) throws(FileFormatError) -> (descriptor: Int32, size: Int) {
    // Without O_NONBLOCK, opening a named pipe waits for a writer for ever.
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      defer { close(descriptor) }
      throw unreadable(path, errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a regular file"
      throw FileFormatError(.unreadable, format: "cannot read", "this is \(kind)", file: path)
    }
    return (descriptor, Int(status.st_size))
  }

  static func unreadable(_ path: String, _ code: Int32) -> FileFormatError {
    FileFormatError(.unreadable, format: "cannot read", systemErrorText(code), file: path)
  }
}

/// The operating system's text for an error number.
func systemErrorText(_ code: Int32) -> String {
  String(cString: strerror(code))
}
