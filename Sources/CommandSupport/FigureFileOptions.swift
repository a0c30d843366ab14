package import ArgumentParser
internal import FileFormats
package import Plotting

extension FigureFormat: ExpressibleByArgument {}

/// Which files a figure is written to.
package struct FigureFileOptions: ParsableArguments {
  /// File formats.
  @Option(parsing: .upToNextOption, help: "File formats of the figure.")
  package var format: [FigureFormat] = [.png]

  /// Resolution of PNG files.
  @Option(help: "Pixels per inch of PNG files.")
  package var dpi: Double = 300

  /// Creates the options with their defaults.
  package init() {}

  /// Checks ranges.
  package func validate() throws {
    guard (10...2400).contains(dpi) else {
      throw ValidationError("--dpi \(dpi) is outside 10 ... 2400.")
    }
  }

  /// Writes a figure in all formats with its caption and its sources inside.
  ///
  /// - Parameters:
  ///   - figure: The figure.
  ///   - name: File name without extension.
  ///   - sources: What the figure was made from, one text each.
  ///   - folder: Where the files go.
  /// - Returns: The paths.
  /// - Throws: `PlottingError` when the figure cannot be drawn, `FileFormatError` when a file cannot
  ///   be written.
  package func write(
    _ figure: Figure, _ name: String, sources: [String], to folder: RunFolder
  ) throws -> [String] {
    let metadata = [
      "Software": "Basin \(Toolkit.version)", "Comment": figure.caption,
      "Source": sources.joined(separator: "; "),
    ]
    return try format.map { format in
      let path = folder.file("\(name).\(format.fileExtension)")
      try AtomicFile.write(
        try figure.render(format: format, dpi: dpi, metadata: metadata), to: path)
      return path
    }
  }
}
