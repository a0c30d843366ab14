internal import Artifacts
internal import Foundation

/// The result of a run of any kind, as its folder holds it; reading it needs neither model nor data.
package enum FinishedRun {
  case surface(FinishedSurface)
  case line(FinishedSurface)
  case profiles(FinishedProfiles)
  case trajectory(FinishedTrajectory)
  case curvatureMap(FinishedCurvatureMap)
  case sharpness(SharpnessSummary)
  case connection(ConnectionSummary)
  case spectrum(FinishedSpectrum)
  case trace(TraceSummary)
  case layers(LayersSummary)
  case ratios([RatioSummary])
  case ratioCourse(RatioCourse)
  /// A training, with its summary after its end.
  case training(TrainingCurve, TrainingSummary?)
  /// A result that says it is of another kind.
  case other(kind: String)

  /// What tells kinds of results from each other.
  private struct Kind: Decodable {
    let kind: String
  }

  /// Reads what a run wrote.
  ///
  /// - Throws: `AnalysisError` for a run that is not finished; `ArtifactError`, `FileFormatError` and
  ///   `SurfaceError` for files that are missing or damaged.
  package init(folder: String) throws {
    let summary = folder + "/summary.json"
    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSON.read(type, from: summary)
    }
    let manager = FileManager.default
    if manager.fileExists(atPath: folder + "/history.json") {
      self = .training(
        try TrainingCurve(
          folder: folder, label: URL(filePath: folder).standardizedFileURL.lastPathComponent),
        try TrainingSummary.found(at: summary))
      return
    }
    // The plane of a trajectory is a surface too.
    if let trajectory = try FinishedTrajectory(folder: folder) {
      self = .trajectory(trajectory)
      return
    }
    guard let kind = try? JSON.read(Kind.self, from: summary).kind else {
      // Ratios are a list, one for each network.
      if let ratios = try? read([RatioSummary].self) {
        self = .ratios(ratios)
      } else {
        self = .surface(try FinishedSurface(folder: folder))
      }
      return
    }
    switch kind {
    case "surface": self = .surface(try FinishedSurface(folder: folder))
    case "line": self = .line(try FinishedSurface(folder: folder))
    case "profiles": self = .profiles(try FinishedProfiles(folder: folder))
    case "curvature": self = .curvatureMap(try FinishedCurvatureMap(folder: folder))
    case "sharpness": self = .sharpness(try read(SharpnessSummary.self))
    case "connection": self = .connection(try read(ConnectionSummary.self))
    case "spectrum": self = .spectrum(try FinishedSpectrum(folder: folder))
    case "trace": self = .trace(try read(TraceSummary.self))
    case "layers": self = .layers(try read(LayersSummary.self))
    case "course": self = .ratioCourse(try read(RatioCourse.self))
    default: self = .other(kind: kind)
    }
  }
}
