import FileFormats
import Foundation

@testable import Checkpoints

/// The files beside the tests, made by `Fixtures/generate.py`.
enum Fixture {
  private static let testFile = URL(fileURLWithPath: #filePath)

  static func path(_ name: String) -> String {
    testFile.deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
  }

  static func read(_ name: String) throws -> CheckpointContents {
    try CheckpointFile.read(path(name))
  }

  /// The path of a file that lies beside the project, or `nil`, with a printed line, without it.
  static func shared(_ name: String) -> String? {
    let environment = ProcessInfo.processInfo.environment["BASIN_SHARED"]
    var root = testFile.deletingLastPathComponent()
    while root.path != "/",
      !FileManager.default.fileExists(atPath: root.appendingPathComponent("Package.swift").path)
    {
      root.deleteLastPathComponent()
    }
    let folder = environment ?? root.deletingLastPathComponent().path + "/shared"
    let path = "\(folder)/\(name)"
    guard FileManager.default.fileExists(atPath: path) else {
      print("skipped: \(path) is missing")
      return nil
    }
    return path
  }

  /// start, start + 0.25, start + 0.5, ..., as the script fills its tensors.
  static func fill(_ count: Int, from start: Float = 0) -> [Float] {
    (0..<count).map { start + 0.25 * Float($0) }
  }
}
