internal import Artifacts
internal import Foundation

/// The folder that a run writes.
package struct RunFolder {
  /// Path of the folder.
  package let path: String

  /// Creates the folder if it is missing.
  ///
  /// - Throws: `UsageError` when a file is in the way or the folder cannot be made.
  package init(_ path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: nil)
    } catch {
      throw UsageError(
        description: "\(path): cannot be made a folder; give another --output")
    }
  }

  /// Path of a file in the folder.
  package func file(_ name: String) -> String {
    path == "." ? name : (path as NSString).appendingPathComponent(name)
  }
}

/// Prints results: paths and a short text, or the summary object alone with `--json`.
package func printResult(
  _ summary: some Encodable, text: [String], paths: [String], asJSON: Bool
) throws {
  if asJSON {
    print(try JSON.encode(summary))
    return
  }
  for line in text { print(line) }
  for path in paths { print(path) }
}
