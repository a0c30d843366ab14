import Analyses
import AnalysisFigures
import Artifacts
import ArgumentParser
import CommandSupport
import LossSurfaces
import Plotting

extension LandscapeStyle: ExpressibleByArgument {}
extension ColorMap: ExpressibleByArgument {}

/// How figures are drawn.
struct FigureOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Kinds of figure: filled contours with level lines, heat map, 3-D surface.")
  var style = SurfaceDrawing().styles

  @Option(parsing: .upToNextOption, help: "File formats.")
  var format = FigureFiles().formats

  @Option(help: "Pixels per inch of PNG files.")
  var dpi = FigureFiles().dpi

  @Option(help: "Colour map.")
  var colors = SurfaceDrawing().colors

  @Option(
    parsing: .unconditional, help: "Smallest loss of the colour scale; default: from the data.")
  var minimum: Double?

  @Option(
    parsing: .unconditional, help: "Largest loss of the colour scale; default: from the data.")
  var maximum: Double?

  func validate() throws {
    try checkOptions {
      try files.validate()
      try drawing.validate()
    }
  }

  private var files: FigureFiles {
    var files = FigureFiles()
    files.formats = format
    files.dpi = dpi
    return files
  }

  private var drawing: SurfaceDrawing {
    var drawing = SurfaceDrawing()
    drawing.styles = style
    drawing.colors = colors
    drawing.minimum = minimum
    drawing.maximum = maximum
    return drawing
  }

  /// Draws surfaces and returns the paths.
  func write(surfaces runs: [FinishedSurface], to folder: RunFolder) throws -> [String] {
    try write(surfaces: runs.map(\.described), to: folder)
  }

  /// Draws surfaces, whatever made them, and returns the paths.
  func write(surfaces runs: [DescribedSurface], to folder: RunFolder) throws -> [String] {
    try SurfaceFigures(runs, drawing: drawing).figures.flatMap {
      try files.write($0.figure, $0.name, sources: sources(runs), to: folder)
    }
  }

  /// Draws surfaces over one part of the data or several, with the gaps between them, and returns the paths.
  func write(parts runs: [FinishedSurface], to folder: RunFolder) throws -> [String] {
    try SplitFigures(runs, drawing: drawing).figures.flatMap {
      try files.write(
        $0.figure, $0.name, sources: runs.compactMap(\.summary.provenance.figureSource), to: folder)
    }
  }

  /// Draws paths of weights on their surface and returns the paths of the files.
  func write(trajectory: FinishedTrajectory, to folder: RunFolder) throws -> [String] {
    try TrajectoryFigures(trajectory, drawing: drawing).figures.flatMap {
      try files.write(
        $0.figure, $0.name,
        sources: [trajectory.summary.provenance.figureSource].compactMap(\.self), to: folder)
    }
  }

  /// Draws lines and returns the paths.
  func write(lines runs: [FinishedSurface], to folder: RunFolder) throws -> [String] {
    try write(lines: runs.map(\.described), to: folder)
  }

  /// Draws lines, whatever made them, and returns the paths.
  func write(lines runs: [DescribedSurface], to folder: RunFolder) throws -> [String] {
    try files.write(LineFigure(runs).figure, "line", sources: sources(runs), to: folder)
  }

  /// Draws profiles and returns the paths.
  func write(profiles runs: [FinishedProfiles], to folder: RunFolder) throws -> [String] {
    try files.write(
      ProfilesFigure(runs).figure, "profiles",
      sources: runs.compactMap(\.summary.provenance.figureSource), to: folder)
  }

  /// Draws a map of curvature and returns the paths.
  func write(curvatureMap run: FinishedCurvatureMap, to folder: RunFolder) throws -> [String] {
    try CurvatureMapFigures(run, colors: colors).figures.flatMap {
      try files.write(
        $0.figure, $0.name,
        sources: [run.summary.source.provenance.figureSource].compactMap(\.self), to: folder)
    }
  }

  /// Draws sharpness and returns the paths.
  func write(sharpness runs: [SharpnessSummary], to folder: RunFolder) throws -> [String] {
    try files.write(
      SharpnessFigure(runs).figure, "sharpness",
      sources: runs.compactMap(\.provenance.figureSource), to: folder)
  }

  /// Draws a curve between networks and returns the paths.
  func write(connection run: ConnectionSummary, to folder: RunFolder) throws -> [String] {
    try files.write(
      ConnectionFigure(run).figure, "connection",
      sources: [run.provenance.figureSource].compactMap(\.self), to: folder)
  }

  private func sources(_ runs: [DescribedSurface]) -> [String] { runs.compactMap(\.source) }
}
