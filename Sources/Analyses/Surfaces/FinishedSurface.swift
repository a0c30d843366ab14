internal import Artifacts
internal import Foundation
public import LossSurfaces

/// A surface or line with what is said about it.
public struct FinishedSurface: Sendable {
  /// Numbers and provenance.
  public let summary: SurfaceSummary
  /// The values.
  public let surface: LossSurface

  /// Puts a surface and its summary together.
  package init(summary: SurfaceSummary, surface: LossSurface) {
    self.summary = summary
    self.surface = surface
  }

  /// Reads what a run wrote; needs neither model nor data.
  ///
  /// - Parameter folder: Path of the run's folder.
  /// - Throws: `AnalysisError` for a run that is not finished; `ArtifactError` and `SurfaceError` for
  ///   files that are missing or damaged.
  public init(folder: String) throws {
    try Self.requireFinished(folder)
    summary = try JSON.read(SurfaceSummary.self, from: folder + "/summary.json")
    surface = try LossSurface(path: folder + "/" + summary.arraysFile)
  }

  /// A grid that was interrupted has points but no summary yet.
  private static func requireFinished(_ folder: String) throws(AnalysisError) {
    let manager = FileManager.default
    guard !manager.fileExists(atPath: folder + "/summary.json"),
      let points = try? String(contentsOfFile: folder + "/points.journal", encoding: .utf8)
    else { return }
    // One line for the configuration.
    let count = max(points.split(separator: "\n").count - 1, 0)
    throw AnalysisError(
      "is unfinished, with \(count) points; give the command that made it again, which continues it",
      subject: folder)
  }
}
