import ArgumentParser
import CommandSupport
import FileFormats
import Plotting

extension FigureFormat: ExpressibleByArgument {}

/// Which files figures are written to.
struct FigureFileOptions: ParsableArguments {
  @Option(parsing: .upToNextOption, help: "File formats of the figure: png, svg, pdf.")
  var format: [FigureFormat] = [.png]

  @Option(help: "Pixels per inch of PNG files.")
  var dpi: Double = 300

  func validate() throws {
    guard (10...2400).contains(dpi) else {
      throw ValidationError("--dpi \(dpi) is outside 10 ... 2400.")
    }
  }

  /// Writes a figure in all formats with its provenance inside; returns the paths.
  func write(
    _ figure: Figure, _ name: String, provenance: [CurvatureSource], to folder: RunFolder
  ) throws -> [String] {
    let metadata = [
      "Software": "Basin \(Toolkit.version)", "Comment": figure.caption,
      "Source": provenance.map(\.sourceText).joined(separator: "; "),
    ]
    return try format.map { format in
      let path = folder.file("\(name).\(format.fileExtension)")
      try AtomicFile.write(
        try figure.render(format: format, dpi: dpi, metadata: metadata), to: path)
      return path
    }
  }
}
