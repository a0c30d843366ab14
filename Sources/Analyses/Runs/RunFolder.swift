internal import Foundation
internal import Settings

/// The folder that a run writes.
public struct RunFolder: Sendable {
  /// Path of the folder.
  public let path: String

  /// Creates the folder if it is missing.
  ///
  /// - Throws: `AnalysisError` when a file is in the way or the folder cannot be made.
  public init(_ path: String) throws(AnalysisError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: nil)
    } catch {
      throw AnalysisError("cannot be made a folder; give another \(.output)", subject: path)
    }
  }

  /// Path of a file in the folder.
  public func file(_ name: String) -> String {
    path == "." ? name : (path as NSString).appendingPathComponent(name)
  }
}
