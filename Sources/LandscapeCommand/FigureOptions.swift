import Analyses
import AnalysisFigures
public import ArgumentParser
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

  var files: FigureFiles {
    var files = FigureFiles()
    files.formats = format
    files.dpi = dpi
    return files
  }

  var drawing: SurfaceDrawing {
    var drawing = SurfaceDrawing()
    drawing.styles = style
    drawing.colors = colors
    drawing.minimum = minimum
    drawing.maximum = maximum
    return drawing
  }

  /// Draws surfaces that other programs made, or several kinds of runs, and returns the paths.
  func write(surfaces runs: [DescribedSurface], to folder: RunFolder) throws -> [String] {
    try SurfaceFigures(runs, drawing: drawing).figures.flatMap {
      try files.write($0.figure, $0.name, sources: runs.compactMap(\.source), to: folder)
    }
  }

  /// Draws lines, whatever made them, and returns the paths.
  func write(lines runs: [DescribedSurface], to folder: RunFolder) throws -> [String] {
    try files.write(
      LineFigure(runs).figure, "line", sources: runs.compactMap(\.source), to: folder)
  }
}
