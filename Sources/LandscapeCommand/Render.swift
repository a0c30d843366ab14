import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Foundation
import LossSurfaces

/// `landscape render`.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw finished runs again, or files of loss-landscape; needs neither model nor data.",
    discussion: """
      Several surfaces are drawn side by side on one colour scale. An .h5 file that loss-landscape \
      (Li et al. 2018) wrote is drawn as it stands, train and test where it has both; points that it \
      has not evaluated (-1) are marked like those that are not finite.
      """)

  @Argument(
    help:
      "Folders that plot, line, trajectory, curvature, sharpness or connect wrote, or .h5 files of loss-landscape."
  )
  var runs: [String]

  @Option(
    name: .shortAndLong,
    help: "Folder for the figures; default: the first run's, or one beside an .h5 file.")
  var output: String?

  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand {
      let folder = { try RunFolder(output ?? defaultFolder) }
      let paths: [String]
      if runs.contains(where: isFile) {
        let described = try runs.flatMap { path in
          isFile(path)
            ? try LossLandscapeFile.described(path: path)
            : [try FinishedSurface(folder: path).described]
        }
        try checkKinds(described.map(\.isLine))
        paths =
          described[0].isLine
          ? try figures.write(lines: described, to: folder())
          : try figures.write(surfaces: described, to: folder())
      } else {
        paths = try drawRuns(to: folder)
      }
      for path in paths { print(path) }
    }
  }

  /// Draws runs, which may be of more kinds than files are.
  private func drawRuns(to folder: () throws -> RunFolder) throws -> [String] {
    let finished = try runs.map { try FinishedRun(folder: $0) }
    if finished.count == 1, case .trajectory(let run) = finished[0] {
      return try figures.files.write(
        trajectory: run, drawing: figures.drawing, to: folder())
    }
    if finished.count == 1, case .curvatureMap(let run) = finished[0] {
      return try figures.files.write(
        curvatureMap: run, colors: figures.drawing.colors, to: folder())
    }
    if finished.count == 1, case .connection(let run) = finished[0] {
      return try figures.files.write(connection: run, to: folder())
    }
    /// The runs, if all of them are of one kind.
    func all<Run>(_ kind: (FinishedRun) -> Run?) -> [Run]? {
      let found = finished.compactMap(kind)
      return found.count == finished.count ? found : nil
    }
    if let lines = all(\.line) { return try figures.files.write(lines: lines, to: folder()) }
    if let surfaces = all(\.surface) {
      return try figures.files.write(surfaces: surfaces, drawing: figures.drawing, to: folder())
    }
    if let profiles = all(\.profiles) {
      return try figures.files.write(profiles: profiles, to: folder())
    }
    if let found = all(\.sharpness) {
      return try figures.files.write(sharpness: found, to: folder())
    }
    throw refusal(finished)
  }

  /// Why runs are not drawn.
  private func refusal(_ finished: [FinishedRun]) -> any Error {
    for (path, run) in zip(runs, finished) where !run.isLandscape {
      return AnalysisError(
        "is a run of another kind (\(run.name)); the command that made it draws it again from what it has "
          + "kept, and landscape report shows it", subject: path)
    }
    let names = Set(finished.map(\.name)).sorted()
    return UsageError(
      description: names.count == 1
        ? "runs of kind \(names[0]) are drawn one at a time"
        : "runs of different kinds (\(names.joined(separator: ", "))) cannot be drawn together")
  }

  private func checkKinds(_ areLines: [Bool]) throws {
    guard Set(areLines).count == 1 else {
      throw UsageError(description: "lines and surfaces cannot be drawn together")
    }
  }

  /// Where figures go by default: beside a file, into a folder of its name.
  private var defaultFolder: String {
    let path = runs[0]
    guard isFile(path) else { return path }
    return path.hasSuffix(".h5") ? String(path.dropLast(3)) : path + "-figures"
  }

  private func isFile(_ path: String) -> Bool {
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: target)[.type]
    return type as? FileAttributeType == .typeRegular
  }
}

extension FinishedRun {
  /// A surface, also that of the plane of a trajectory.
  fileprivate var surface: FinishedSurface? {
    switch self {
    case .surface(let run): run
    case .trajectory(let run): run.surface
    default: nil
    }
  }

  fileprivate var line: FinishedSurface? {
    if case .line(let run) = self { run } else { nil }
  }

  fileprivate var profiles: FinishedProfiles? {
    if case .profiles(let run) = self { run } else { nil }
  }

  fileprivate var sharpness: SharpnessSummary? {
    if case .sharpness(let run) = self { run } else { nil }
  }

  /// Whether `landscape` made it.
  fileprivate var isLandscape: Bool {
    switch self {
    case .surface, .line, .profiles, .trajectory, .curvatureMap, .sharpness, .connection: true
    case .spectrum, .trace, .layers, .ratios, .ratioCourse, .training, .other: false
    }
  }

  /// Its kind in messages.
  fileprivate var name: String {
    switch self {
    case .surface: "surface"
    case .line: "line"
    case .profiles: "profiles"
    case .trajectory: "trajectory"
    case .curvatureMap: "curvature"
    case .sharpness: "sharpness"
    case .connection: "connection"
    case .spectrum: "spectrum"
    case .trace: "trace"
    case .layers: "layers"
    case .ratios: "gradient ratios"
    case .ratioCourse: "course of gradient ratios"
    case .training: "training"
    case .other(let kind): kind
    }
  }
}
