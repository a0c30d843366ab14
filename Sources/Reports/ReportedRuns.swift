package import Analyses
internal import Artifacts
internal import Foundation

/// Finished runs that a report shows, in the order in which they were found.
package struct ReportedRuns: Sendable {
  /// A training with its summary, which it has after its end.
  package struct Training: Sendable {
    package let curve: TrainingCurve
    package let summary: TrainingSummary?
  }

  package var surfaces: [FinishedSurface] = []
  package var lines: [FinishedSurface] = []
  package var spectra: [FinishedSpectrum] = []
  package var traces: [TraceSummary] = []
  package var layers: [LayersSummary] = []
  package var ratios: [RatioSummary] = []
  package var trainings: [Training] = []
  package var connections: [ConnectionSummary] = []
  package var trajectories: [FinishedTrajectory] = []
  /// Folders with a result of a kind that reports do not show, each with the kind.
  package var leftOut: [(folder: String, kind: String)] = []

  /// No runs.
  package init() {}

  /// Finds the runs in folders and in the folders right inside of them.
  ///
  /// - Throws: `AnalysisError` for a folder without any, and what reading the results throws.
  package init(folders: [String]) throws {
    var seen: Set<String> = []
    for folder in folders {
      let found = try Self.candidates(folder)
      guard !found.isEmpty else {
        throw AnalysisError(
          "holds no finished run, and none of its folders does; give folders that landscape, hessian, "
            + "gradratio or trainer wrote", subject: folder)
      }
      for candidate in found
      where seen.insert(URL(filePath: candidate).standardizedFileURL.path).inserted {
        try add(candidate)
      }
    }
  }

  /// The folder itself and those inside of it, as far as they hold a result.
  private static func candidates(_ folder: String) throws -> [String] {
    let manager = FileManager.default
    guard let names = try? manager.contentsOfDirectory(atPath: folder) else {
      throw AnalysisError("cannot be read, or is no folder", subject: folder)
    }
    let inside = names.sorted().filter { !$0.hasPrefix(".") }.map {
      folder == "." ? $0 : (folder as NSString).appendingPathComponent($0)
    }
    return ([folder] + inside).filter {
      manager.fileExists(atPath: $0 + "/summary.json")
        || manager.fileExists(atPath: $0 + "/history.json")
    }
  }

  /// What tells kinds of results from each other.
  private struct Kind: Decodable {
    let kind: String?
  }

  private mutating func add(_ folder: String) throws {
    let path = folder + "/summary.json"
    if FileManager.default.fileExists(atPath: folder + "/history.json") {
      trainings.append(
        Training(
          curve: try TrainingCurve(folder: folder, label: Self.label(of: folder)),
          summary: try TrainingSummary.found(at: path)))
      return
    }
    // The plane of a trajectory is a surface too.
    if let trajectory = try FinishedTrajectory(folder: folder) {
      trajectories.append(trajectory)
      return
    }
    // Ratios are a list, one for each network.
    guard let kind = try? JSON.read(Kind.self, from: path) else {
      ratios += try JSON.read([RatioSummary].self, from: path)
      return
    }
    switch kind.kind {
    case "surface": surfaces.append(try FinishedSurface(folder: folder))
    case "line": lines.append(try FinishedSurface(folder: folder))
    case "spectrum": spectra.append(try FinishedSpectrum(folder: folder))
    case "trace": traces.append(try JSON.read(TraceSummary.self, from: path))
    case "layers": layers.append(try JSON.read(LayersSummary.self, from: path))
    case nil where (try? JSON.read(ConnectionSummary.self, from: path)) != nil:
      connections.append(try JSON.read(ConnectionSummary.self, from: path))
    case let other: leftOut.append((folder, other ?? "of a kind that it does not say"))
    }
  }

  private static func label(of folder: String) -> String {
    URL(filePath: folder).standardizedFileURL.lastPathComponent
  }

  /// How all results came about, with a name for each.
  var provenances: [(name: String, provenance: Provenance)] {
    surfaces.map { ("Surface of \($0.summary.title)", $0.summary.provenance) }
      + lines.map { ("Line of \($0.summary.title)", $0.summary.provenance) }
      + spectra.map { ("Spectrum of \($0.summary.source.title)", $0.summary.source.provenance) }
      + traces.map { ("Trace of \($0.source.title)", $0.source.provenance) }
      + layers.map { ("Layers of \($0.source.title)", $0.source.provenance) }
      + ratios.map { ("Gradient ratios of \($0.title)", $0.provenance) }
      + trajectories.map { ("Paths of \($0.summary.title)", $0.summary.provenance) }
      + connections.map {
        ("Curve from \($0.provenance.models.map(\.title).joined(separator: " to "))", $0.provenance)
      }
      + trainings.compactMap { training in
        training.summary.map { ("Training \(training.curve.label)", $0.provenance) }
      }
  }
}
