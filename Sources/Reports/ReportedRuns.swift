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
    var all: [(name: String, provenance: Provenance)] = []
    for run in surfaces { all.append(("Surface of \(run.summary.title)", run.summary.provenance)) }
    for run in lines { all.append(("Line of \(run.summary.title)", run.summary.provenance)) }
    for source in spectra.map(\.summary.source) {
      all.append(("Spectrum of \(source.title)", source.provenance))
    }
    for run in traces { all.append(("Trace of \(run.source.title)", run.source.provenance)) }
    for run in layers { all.append(("Layers of \(run.source.title)", run.source.provenance)) }
    for run in ratios { all.append(("Gradient ratios of \(run.title)", run.provenance)) }
    for run in trajectories {
      all.append(("Paths of \(Self.name(of: run.summary))", run.summary.provenance))
    }
    for run in connections { all.append(("Curve from \(Self.name(of: run))", run.provenance)) }
    for run in trainings {
      guard let summary = run.summary else { continue }
      all.append(("Training \(run.curve.label)", summary.provenance))
    }
    return all
  }

  /// The networks that a curve joins.
  static func name(of connection: ConnectionSummary) -> String {
    connection.provenance.models.map(\.title).joined(separator: " to ")
  }

  /// The trainings whose paths are drawn.
  static func name(of trajectory: TrajectorySummary) -> String {
    trajectory.paths.map(\.name).joined(separator: " and ") + " (\(trajectory.architecture))"
  }
}
