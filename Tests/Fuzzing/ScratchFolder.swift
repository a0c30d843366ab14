internal import FileFormats
internal import Foundation

/// A folder in memory for the files of one input.
enum ScratchFolder {
  /// Most files of a folder, and most bytes of all of them.
  private static let limits = (files: 24, bytes: 1 << 22)

  /// The folder, of this process alone.
  static let path: String = {
    let memory = "/dev/shm"
    let root = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    let path = "\(root)/basin-fuzzing-\(getpid())"
    atexit { try? FileManager.default.removeItem(atPath: ScratchFolder.path) }
    return path
  }()

  /// Removes what is there.
  private static func clear() {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes the only file.
  ///
  /// - Returns: Its path.
  static func write(_ bytes: [UInt8], to name: String) -> String {
    let file = "\(path)/\(name)"
    if !put(bytes, file) {
      clear()
      makeFolder(of: file)
      precondition(put(bytes, file), "\(file) cannot be written")
    }
    return file
  }

  /// Makes the files of an archive the only ones.
  ///
  /// - Returns: Whether it is an archive with usable names.
  static func unpack(_ bytes: [UInt8]) -> Bool {
    guard let archive = try? ZipArchive(bytes), archive.entries.count <= limits.files,
      archive.entries.reduce(0, { $0 + min($1.size, limits.bytes) }) <= limits.bytes
    else { return false }
    clear()
    makeFolder(of: "\(path)/file")
    for entry in archive.entries {
      let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count <= 6, entry.name.utf8.count < 200,
        parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("\0") }),
        let contents = try? archive.contents(of: entry)
      else { continue }
      let file = "\(path)/\(entry.name)"
      makeFolder(of: file)
      _ = put(Array(contents), file)
    }
    return true
  }

  private static func makeFolder(of file: String) {
    let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private static func put(_ bytes: [UInt8], _ file: String) -> Bool {
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return writeAll(bytes, to: descriptor) == 0
  }
}
