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

  /// start, start + 0.25, start + 0.5, ..., as the script fills its tensors.
  static func fill(_ count: Int, from start: Float = 0) -> [Float] {
    (0..<count).map { start + 0.25 * Float($0) }
  }
}
