/// The three ways to draw a loss surface.
public enum LandscapeStyle: String, Sendable, Equatable, CaseIterable {
  /// Filled contours with level lines.
  case contour
  /// A heat map.
  case heat
  /// A surface in space.
  case surface
}

extension Figure {
  /// A figure of one or several surfaces over the same kind of plane, with one colour scale.
  ///
  /// - Parameters:
  ///   - style: contour map, heat map or surface.
  ///   - surfaces: a title (may be empty for a single one) and a grid for each panel.
  ///   - scale: `nil` fits one scale to all grids.
  ///   - valueLabel: what the colours stand for, e.g. `"training loss"`.
  ///   - xLabel: name of the horizontal coordinate.
  ///   - yLabel: name of the vertical coordinate.
  ///   - centerLabel: legend text of the mark at (0, 0); `nil` draws none.
  ///   - title: above the panels.
  ///   - caption: small print below them.
  ///   - width: of the page in points; `nil` for comfortable panels.
  /// - Returns: the figure, to be changed further or rendered.
  /// - Throws: `PlottingError` where there is no finite value or no surface.
  package static func landscape(
    _ style: LandscapeStyle, surfaces: [(title: String, grid: ScalarGrid)],
    scale: ColorScale? = nil, valueLabel: String, xLabel: String, yLabel: String,
    centerLabel: String? = "trained weights", title: String = "", caption: String = "",
    width: Double? = nil
  ) throws(PlottingError) -> Figure {
    guard !surfaces.isEmpty else { throw .invalidFigure("a figure needs at least one surface") }
    let shared: ColorScale
    if let scale { shared = scale } else { shared = try ColorScale(fitting: surfaces.map(\.grid)) }
    let markers = centerLabel.map { [MapMarker(x: 0, y: 0, label: $0)] } ?? []
    let panels = surfaces.map { surface in
      let chart: Chart =
        switch style {
        case .contour:
          .contour(
            ContourChart(
              grid: surface.grid, scale: shared, xLabel: xLabel, yLabel: yLabel,
              markers: markers))
        case .heat:
          .heatMap(
            HeatMap(
              grid: surface.grid, scale: shared, xLabel: xLabel, yLabel: yLabel,
              markers: markers))
        case .surface:
          .surface(
            Surface3D(
              grid: surface.grid, scale: shared, xLabel: xLabel, yLabel: yLabel,
              markers: markers))
        }
      return Panel(title: surface.title, chart: chart)
    }
    return Figure(
      panels: panels, title: title, caption: caption,
      colorBar: ColorBar(scale: shared, label: valueLabel, isBanded: style == .contour),
      width: width)
  }
}
