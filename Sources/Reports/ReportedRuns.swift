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
  package var profiles: [FinishedProfiles] = []
  package var sharpness: [SharpnessSummary] = []
  package var curvatureMaps: [FinishedCurvatureMap] = []
  package var spectra: [FinishedSpectrum] = []
  package var traces: [TraceSummary] = []
  package var layers: [LayersSummary] = []
  package var ratios: [RatioSummary] = []
  package var courses: [RatioCourse] = []
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

  private mutating func add(_ folder: String) throws {
    switch try FinishedRun(folder: folder) {
    case .surface(let run): surfaces.append(run)
    case .line(let run): lines.append(run)
    case .profiles(let run): profiles.append(run)
    case .trajectory(let run): trajectories.append(run)
    case .curvatureMap(let run): curvatureMaps.append(run)
    case .sharpness(let run): sharpness.append(run)
    case .connection(let run): connections.append(run)
    case .spectrum(let run): spectra.append(run)
    case .trace(let run): traces.append(run)
    case .layers(let run): layers.append(run)
    case .ratios(let runs): ratios += runs
    case .ratioCourse(let run): courses.append(run)
    case .training(let curve, let summary):
      trainings.append(Training(curve: curve, summary: summary))
    case .other(let kind): leftOut.append((folder, kind))
    }
  }

  /// How all results came about, with a name for each.
  var provenances: [(name: String, provenance: Provenance)] {
    var all: [(name: String, provenance: Provenance)] = []
    for run in surfaces { all.append(("Surface of \(run.summary.title)", run.summary.provenance)) }
    for run in lines { all.append(("Line of \(run.summary.title)", run.summary.provenance)) }
    for run in profiles { all.append(("Profiles of \(run.summary.title)", run.summary.provenance)) }
    for run in sharpness { all.append(("Sharpness of \(run.title)", run.provenance)) }
    for source in curvatureMaps.map(\.summary.source) {
      all.append(("Curvature map of \(source.title)", source.provenance))
    }
    for source in spectra.map(\.summary.source) {
      all.append(("Spectrum of \(source.title)", source.provenance))
    }
    for run in traces { all.append(("Trace of \(run.source.title)", run.source.provenance)) }
    for run in layers { all.append(("Layers of \(run.source.title)", run.source.provenance)) }
    for run in ratios { all.append(("Gradient ratios of \(run.title)", run.provenance)) }
    for run in courses { all.append(("Course of ratios, \(run.title)", run.provenance)) }
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
