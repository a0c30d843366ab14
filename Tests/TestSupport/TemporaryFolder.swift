package import Foundation

/// Calls a closure with a new empty folder and removes the folder afterwards.
package func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "basin-\(UUID().uuidString)", directoryHint: .isDirectory)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// A path in a folder of its own, for one test to write to; removed when the tests end.
package func temporaryPath(_ name: String) throws -> String {
  let folder = TemporaryRoot.url.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.appending(path: name).path
}

private enum TemporaryRoot {
  static let url: URL = {
    atexit { try? FileManager.default.removeItem(at: TemporaryRoot.url) }
    return FileManager.default.temporaryDirectory.appending(
      path: "basin-\(UUID().uuidString)", directoryHint: .isDirectory)
  }()
}
