import ArgumentParser
import Artifacts
import CommandSupport
import FileFormats
import Foundation
import LossSurfaces
import Objectives
import Plotting

extension LandscapeStyle: ExpressibleByArgument {}
extension ColorMap: ExpressibleByArgument {}

/// How figures are drawn.
struct FigureOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Kinds of figure: filled contours with level lines, heat map, 3-D surface.")
  var style: [LandscapeStyle] = [.contour, .heat, .surface]

  @Option(parsing: .upToNextOption, help: "File formats.")
  var format: [FigureFormat] = [.png]

  @Option(help: "Pixels per inch of PNG files.")
  var dpi: Double = 300

  @Option(help: "Colour map.")
  var colors: ColorMap = .viridis

  @Option(
    parsing: .unconditional, help: "Smallest loss of the colour scale; default: from the data.")
  var minimum: Double?

  @Option(
    parsing: .unconditional, help: "Largest loss of the colour scale; default: from the data.")
  var maximum: Double?

  func validate() throws {
    guard (10...2400).contains(dpi) else {
      throw ValidationError("--dpi \(dpi) is outside 10 ... 2400.")
    }
    if let minimum, let maximum, !(minimum < maximum) {
      throw ValidationError("--minimum \(minimum) is not below --maximum \(maximum).")
    }
  }
}

/// Draws finished surfaces, several of them on one colour scale.
struct SurfaceFigures {
  let runs: [(summary: SurfaceSummary, surface: LossSurface)]
  let options: FigureOptions

  /// Writes all figures and returns their paths.
  func write(to folder: RunFolder) throws -> [String] {
    var paths: [String] = []
    for style in options.style {
      paths += try write(style, .loss, to: folder)
    }
    let metrics = Set(runs.map(\.surface.metric))
    if options.style.contains(.contour), metrics.count == 1, let metric = metrics.first ?? nil {
      paths += try write(.contour, .metric(metric), to: folder)
    }
    return paths
  }

  private enum Quantity: Equatable {
    case loss
    case metric(Metric)

    var name: String {
      switch self {
      case .loss: "loss"
      case .metric(let metric): metric.rawValue
      }
    }

    var label: String {
      switch self {
      case .loss: "loss"
      case .metric(let metric): metric.label
      }
    }

    func values(of surface: LossSurface) -> [Double] {
      switch self {
      case .loss: surface.loss
      case .metric(let metric): surface.score.map(metric.drawn)
      }
    }
  }

  private func write(
    _ style: LandscapeStyle, _ quantity: Quantity, to folder: RunFolder
  ) throws -> [String] {
    let grids = try runs.map { run in
      try ScalarGrid(
        xs: run.surface.xs, ys: run.surface.ys,
        values: quantity.values(of: run.surface))
    }
    let scale = try scale(quantity, grids)
    let isSingle = runs.count == 1
    let figure = try Figure.landscape(
      style,
      surfaces: zip(runs, grids).map { (isSingle ? "" : $0.summary.title, $1) }, scale: scale,
      valueLabel: quantity.label,
      xLabel: "first direction", yLabel: "second direction",
      title: isSingle ? runs[0].summary.title : "",
      caption: caption)
    return try figure.write(
      "\(quantity.name)-\(style.rawValue)", options, runs.map(\.summary), to: folder)
  }

  private func scale(_ quantity: Quantity, _ grids: [ScalarGrid]) throws -> ColorScale {
    guard quantity == .loss, options.minimum != nil || options.maximum != nil else {
      return try ColorScale(fitting: grids, map: options.colors)
    }
    let values = grids.flatMap(\.values).filter(\.isFinite)
    let lower = options.minimum ?? values.min() ?? 0
    let upper = options.maximum ?? values.max() ?? 1
    guard lower < upper else {
      throw UsageError(
        description: "the colour scale from \(lower) to \(upper) is empty; "
          + "change --minimum or --maximum")
    }
    return try ColorScale(fitting: grids, map: options.colors, range: lower...upper)
  }

  /// The caption of one run, or what all runs have in common and the centre of each.
  private var caption: String {
    guard runs.count > 1 else { return runs.first?.summary.caption() ?? "" }
    let centers = runs.map {
      "\($0.summary.title): \($0.summary.text(of: $0.summary.center))"
    }
    let first = runs[0].summary.caption()
    let common = first.components(separatedBy: " At the centre:").first ?? first
    return common + " At the centres: " + centers.joined(separator: "; ") + "."
  }
}

extension Figure {
  /// Writes the figure in all formats with its provenance inside; returns the paths.
  func write(
    _ name: String, _ options: FigureOptions, _ summaries: [SurfaceSummary], to folder: RunFolder
  ) throws -> [String] {
    var metadata = ["Software": "Basin \(Toolkit.version)"]
    metadata["Comment"] = caption
    metadata["Source"] = summaries.compactMap { $0.provenance.models.first }
      .map { "\(URL(filePath: $0.path).lastPathComponent) sha256:\($0.sha256)" }
      .joined(separator: "; ")
    return try options.format.map { format in
      let path = folder.file("\(name).\(format.fileExtension)")
      try AtomicFile.write(
        try render(format: format, dpi: options.dpi, metadata: metadata), to: path)
      return path
    }
  }
}
