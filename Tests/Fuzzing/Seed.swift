internal import FileFormats
internal import Foundation

/// An input that the fuzzer starts from.
package enum Seed: Sendable {
  /// A fixture: its path below `Tests`.
  case fixture(String)
  /// Fixtures as the files of a folder, by their names there.
  case folder([String: String])
  /// Bytes that are made here.
  case bytes(@Sendable () throws -> [UInt8])

  /// The fixtures of a folder with one of some endings.
  static func fixtures(_ folder: String, _ names: [String]) -> [Seed] {
    names.map { .fixture("\(folder)/\($0)") }
  }

  /// A text.
  static func text(_ text: String) -> Seed { .bytes { Array(text.utf8) } }

  /// Files in memory as those of a folder.
  static func files(_ files: @escaping @Sendable () throws -> [String: [UInt8]]) -> Seed {
    .bytes { try archive(files()) }
  }

  /// The input.
  ///
  /// - Parameter tests: The folder `Tests` of the repository.
  /// - Returns: Its bytes.
  /// - Throws: `FileFormatError` for a fixture that is missing.
  package func bytes(tests: String) throws -> [UInt8] {
    switch self {
    case .fixture(let path): return try FileBytes.read("\(tests)/\(path)")
    case .folder(let paths):
      var files: [String: [UInt8]] = [:]
      for (name, path) in paths { files[name] = try FileBytes.read("\(tests)/\(path)") }
      return try Self.archive(files)
    case .bytes(let make): return try make()
    }
  }

  private static func archive(_ files: [String: [UInt8]]) throws -> [UInt8] {
    var writer = ZipWriter()
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) { try writer.add(name, bytes) }
    return try writer.finished()
  }
}
