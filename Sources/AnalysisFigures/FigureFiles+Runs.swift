package import Analyses

extension FigureFiles {
  /// The figures of runs of any kind, which are drawn together where their kind allows it.
  ///
  /// - Parameters:
  ///   - runs: The runs and their folders.
  ///   - drawing: How surfaces are drawn.
  ///   - folder: Makes the folder of the figures; not called where nothing can be drawn.
  /// - Returns: Paths of the figures.
  /// - Throws: `AnalysisError` for runs of a kind that is not drawn, or of different kinds;
  ///   `PlottingError`, `FileFormatError`.
  package func write(
    _ runs: [(folder: String, run: FinishedRun)], drawing: SurfaceDrawing,
    to folder: () throws -> RunFolder
  ) throws -> [String] {
    let finished = runs.map(\.run)
    if finished.count == 1 {
      switch finished[0] {
      case .trajectory(let run):
        return try write(trajectory: run, drawing: drawing, to: folder())
      case .curvatureMap(let run):
        return try write(curvatureMap: run, colors: drawing.colors, to: folder())
      case .connection(let run): return try write(connection: run, to: folder())
      default: break
      }
    }
    /// The runs, if all of them are of one kind.
    func all<Run>(_ kind: (FinishedRun) -> Run?) -> [Run]? {
      let found = finished.compactMap(kind)
      return found.count == finished.count ? found : nil
    }
    if let lines = all(\.line) { return try write(lines: lines, to: folder()) }
    if let surfaces = all(\.surface) {
      return try write(surfaces: surfaces, drawing: drawing, to: folder())
    }
    if let profiles = all(\.profiles) { return try write(profiles: profiles, to: folder()) }
    if let found = all(\.sharpness) { return try write(sharpness: found, to: folder()) }
    throw refusal(runs)
  }

  /// Why runs are not drawn.
  private func refusal(_ runs: [(folder: String, run: FinishedRun)]) -> AnalysisError {
    for (path, run) in runs where !run.isLandscape {
      return AnalysisError(
        "is a run of another kind (\(run.name)); the command that made it draws it again from what it has "
          + "kept, and landscape report shows it", subject: path)
    }
    let names = Set(runs.map(\.run.name)).sorted()
    return AnalysisError(
      names.count == 1
        ? "runs of kind \(names[0]) are drawn one at a time"
        : "runs of different kinds (\(names.joined(separator: ", "))) cannot be drawn together")
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
