import Foundation

/// A path in a folder of its own, for one test to write to.
func temporaryPath(_ name: String) throws -> String {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("basin-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.appendingPathComponent(name).path
}
