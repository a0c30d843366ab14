internal import Analyses
package import AnalysisFigures
public import ArgumentParser
package import Plotting

extension FigureFormat: ExpressibleByArgument {}

/// Which files a figure is written to.
package struct FigureFileOptions: ParsableArguments {
  /// File formats.
  @Option(parsing: .upToNextOption, help: "File formats of the figure.")
  package var format: [FigureFormat] = FigureFiles().formats

  /// Resolution of PNG files.
  @Option(help: "Pixels per inch of PNG files.")
  package var dpi: Double = FigureFiles().dpi

  /// Creates the options with their defaults.
  package init() {}

  /// The files.
  package var files: FigureFiles {
    var files = FigureFiles()
    files.formats = format
    files.dpi = dpi
    return files
  }

  /// Checks ranges.
  package func validate() throws { try checkOptions { try files.validate() } }
}
