public import Analyses
internal import FileFormats
public import Plotting
internal import Settings

/// Which files a figure is written to.
public struct FigureFiles: Equatable, Sendable {
  /// File formats.
  public var formats: [FigureFormat] = [.png]
  /// Pixels per inch of PNG files.
  public var dpi = 300.0

  /// One PNG file with 300 pixels per inch.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    guard (10...2400).contains(dpi) else {
      throw AnalysisError("\(.dpi) \(dpi) is outside 10 ... 2400")
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
    return try formats.map { format in
      let path = folder.file("\(name).\(format.fileExtension)")
      try AtomicFile.write(
        try figure.render(format: format, dpi: dpi, metadata: metadata), to: path)
      return path
    }
  }
}
