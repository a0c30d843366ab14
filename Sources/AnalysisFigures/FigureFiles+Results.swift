public import Analyses
internal import HessianSpectra
internal import Artifacts
public import Plotting

/// Each result has its figures: `files.write(spectra, to: folder)` draws them and returns the paths.
extension FigureFiles {
  /// Surfaces over one part of the data or several, with the gaps between them, on one colour scale.
  ///
  /// - Throws: `PlottingError`, `FileFormatError`; so do all of these.
  public func write(
    surfaces runs: [FinishedSurface], drawing: SurfaceDrawing = SurfaceDrawing(),
    to folder: RunFolder
  ) throws -> [String] {
    try write(SplitFigures(runs, drawing: drawing).figures, runs.map(\.summary.provenance), folder)
  }

  /// Losses, and beside them metrics, along lines.
  public func write(lines runs: [FinishedSurface], to folder: RunFolder) throws -> [String] {
    try write([("line", LineFigure(runs).figure)], runs.map(\.summary.provenance), folder)
  }

  /// Losses along many directions, with quantiles over them.
  public func write(profiles runs: [FinishedProfiles], to folder: RunFolder) throws -> [String] {
    try write([("profiles", ProfilesFigure(runs).figure)], runs.map(\.summary.provenance), folder)
  }

  /// Paths of weights on their surface, and what a plane does not show of them.
  public func write(
    trajectory run: FinishedTrajectory, drawing: SurfaceDrawing = SurfaceDrawing(),
    to folder: RunFolder
  ) throws -> [String] {
    try write(TrajectoryFigures(run, drawing: drawing).figures, [run.summary.provenance], folder)
  }

  /// Both ends of the spectrum, and their ratio, over a plane.
  public func write(
    curvatureMap run: FinishedCurvatureMap, colors: ColorMap = .viridis, to folder: RunFolder
  ) throws -> [String] {
    try write(
      CurvatureMapFigures(run, colors: colors).figures, [run.summary.source.provenance], folder)
  }

  /// Sharpness against the radius.
  public func write(sharpness runs: [SharpnessSummary], to folder: RunFolder) throws -> [String] {
    try write([("sharpness", SharpnessFigure(runs).figure)], runs.map(\.provenance), folder)
  }

  /// The loss along a curve between two networks, and along the straight line.
  public func write(connection run: ConnectionSummary, to folder: RunFolder) throws -> [String] {
    try write([("connection", ConnectionFigure(run).figure)], [run.provenance], folder)
  }

  /// Spectral densities; nothing where no density was computed.
  public func write(spectra runs: [FinishedSpectrum], to folder: RunFolder) throws -> [String] {
    guard runs.contains(where: { $0.spectrum.density != nil }) else { return [] }
    return try write(
      [("spectrum", SpectrumFigure(runs).figure)], runs.map(\.summary.source.provenance), folder)
  }

  /// Largest eigenvalue and trace of each layer.
  public func write(layers run: LayersSummary, to folder: RunFolder) throws -> [String] {
    try write([("layers", LayersFigure(run).figure)], [run.source.provenance], folder)
  }

  /// Histograms of gradient ratios.
  public func write(ratios runs: [RatioSummary], to folder: RunFolder) throws -> [String] {
    try write([("histogram", RatioFigure(runs).figure)], runs.map(\.provenance), folder)
  }

  /// The share of gradient ratios below 0 over trainings.
  public func write(ratioCourse run: RatioCourse, to folder: RunFolder) throws -> [String] {
    try write([("course", RatioCourseFigure(run).figure)], [run.provenance], folder)
  }

  private func write(
    _ figures: [(name: String, figure: Figure)], _ provenances: [Provenance], _ folder: RunFolder
  ) throws -> [String] {
    let sources = provenances.compactMap(\.figureSource)
    return try figures.flatMap { try write($0.figure, $0.name, sources: sources, to: folder) }
  }
}
