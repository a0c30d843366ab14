public import Analyses
internal import Foundation
internal import LossSurfaces
internal import Objectives
public import Plotting
internal import Settings

/// How surfaces are drawn.
public struct SurfaceDrawing: Equatable, Sendable {
  /// Kinds of figure.
  public var styles: [LandscapeStyle] = [.contour, .heat, .surface]
  /// The colour map.
  public var colors = ColorMap.viridis
  /// Smallest loss of the colour scale; nil for that of the data.
  public var minimum: Double?
  /// Largest loss of the colour scale; nil for that of the data.
  public var maximum: Double?

  /// All kinds of figure on the scale of the data.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the settings that do not go together.
  public func validate() throws(AnalysisError) {
    if let minimum, let maximum, !(minimum < maximum) {
      throw AnalysisError("\(.minimum) \(minimum) is not below \(.maximum) \(maximum)")
    }
  }
}

/// Figures of finished surfaces, several of them on one colour scale.
package struct SurfaceFigures {
  private let runs: [DescribedSurface]
  private let drawing: SurfaceDrawing

  /// Draws surfaces side by side.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [FinishedSurface], drawing: SurfaceDrawing = SurfaceDrawing()) {
    self.init(runs.map(\.described), drawing: drawing)
  }

  /// Draws surfaces side by side, whatever made them.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [DescribedSurface], drawing: SurfaceDrawing = SurfaceDrawing()) {
    precondition(!runs.isEmpty, "a figure shows at least one surface")
    self.runs = runs
    self.drawing = drawing
  }

  /// The figures with their names: the loss in all styles, then contours of the metric where all
  /// surfaces have the same.
  ///
  /// - Throws: `AnalysisError` for a colour scale that is empty, `PlottingError` for grids that cannot
  ///   be drawn.
  package var figures: [(name: String, figure: Figure)] {
    get throws {
      var shown = drawing.styles.map { (style: $0, quantity: Quantity.loss) }
      let metrics = Set(runs.map(\.surface.metric))
      if drawing.styles.contains(.contour), metrics.count == 1, let metric = metrics.first ?? nil {
        shown.append((.contour, .metric(metric)))
      }
      return try shown.map { style, quantity in
        ("\(quantity.name)-\(style.rawValue)", try figure(style, quantity))
      }
    }
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

  private func figure(_ style: LandscapeStyle, _ quantity: Quantity) throws -> Figure {
    let grids = try runs.map { run in
      try ScalarGrid(
        xs: run.surface.xs, ys: run.surface.ys,
        values: quantity.values(of: run.surface))
    }
    let isSingle = runs.count == 1
    return try Figure.landscape(
      style,
      surfaces: zip(runs, grids).map { (isSingle ? "" : $0.title, $1) },
      scale: scale(quantity, grids), valueLabel: quantity.label,
      xLabel: "first direction", yLabel: "second direction",
      title: isSingle ? runs[0].title : "", caption: caption)
  }

  private func scale(_ quantity: Quantity, _ grids: [ScalarGrid]) throws -> ColorScale {
    guard quantity == .loss, drawing.minimum != nil || drawing.maximum != nil else {
      return try ColorScale(fitting: grids, map: drawing.colors)
    }
    let values = grids.flatMap(\.values).filter(\.isFinite)
    let lower = drawing.minimum ?? values.min() ?? 0
    let upper = drawing.maximum ?? values.max() ?? 1
    guard lower < upper else {
      throw AnalysisError(
        "the colour scale from \(lower) to \(upper) is empty; change \(.minimum) or \(.maximum)")
    }
    return try ColorScale(fitting: grids, map: drawing.colors, range: lower...upper)
  }

  /// The caption of one run, or what all runs have in common and the centre of each.
  private var caption: String {
    guard runs.count > 1 else { return runs.first?.caption ?? "" }
    let centers = runs.map { "\($0.title): \($0.center ?? "not on the grid")" }
    let first = runs[0].caption
    let common = first.components(separatedBy: " At the centre:").first ?? first
    return common + " At the centres: " + centers.joined(separator: "; ") + "."
  }
}
