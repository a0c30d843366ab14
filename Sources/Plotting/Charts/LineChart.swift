internal import Foundation

/// Curves and histograms over one x axis, with one or two y axes.
package struct LineChart: Sendable, Equatable {
  package var series: [Series]
  package var xAxis: Axis
  package var leftAxis: Axis
  /// Needed where a series belongs to the right side.
  package var rightAxis: Axis?
  package var verticalMarkers: [VerticalMarker]
  package var rug: Rug?
  /// Height over width of the plot.
  package var plotAspect: Double

  package init(
    series: [Series], xAxis: Axis, leftAxis: Axis, rightAxis: Axis? = nil,
    verticalMarkers: [VerticalMarker] = [], rug: Rug? = nil, plotAspect: Double = 0.62
  ) {
    self.series = series
    self.xAxis = xAxis
    self.leftAxis = leftAxis
    self.rightAxis = rightAxis
    self.verticalMarkers = verticalMarkers
    self.rug = rug
    self.plotAspect = plotAspect
  }

  func color(of index: Int) -> Color {
    series[index].color ?? Color.series[index % Color.series.count]
  }
}

// MARK: - Axes

extension LineChart {
  private static let padding = 0.04

  func check() throws(PlottingError) {
    guard !series.isEmpty else {
      throw .invalidFigure("a line chart needs at least one series")
    }
    for item in series {
      try item.check()
      if item.side == .right, rightAxis == nil {
        throw .invalidFigure("series \"\(item.name)\" belongs to a right axis that is not given")
      }
    }
    guard plotAspect.isFinite, plotAspect >= 0.1, plotAspect <= 10 else {
      throw .invalidFigure("the aspect of a plot must be within 0.1 to 10, got \(plotAspect)")
    }
  }

  private func layout(
    _ axis: Axis, values: [Double], startsAtZero: Bool, padding: Double, length: Double,
    isHorizontal: Bool, measure: some TextMeasure
  ) throws(PlottingError) -> AxisLayout {
    let shown = values.filter { axis.kind.transform($0).isFinite }
    var lower: Double
    var upper: Double
    if let range = axis.range {
      (lower, upper) = (range.lowerBound, range.upperBound)
    } else {
      guard let lowest = shown.min(), let highest = shown.max() else {
        throw .noFiniteValues(
          "axis \"\(axis.label)\" has no value that can be shown"
            + (axis.kind == .logarithmic ? " (a log axis shows positive values only)" : ""))
      }
      (lower, upper) = Self.padded(
        lowest, highest, kind: axis.kind, startsAtZero: startsAtZero, padding: padding)
    }
    let normalization = try Normalization(axis.kind, from: lower, to: upper)
    if !axis.names.isEmpty {
      return AxisLayout(label: axis.label, normalization: normalization, names: axis.names)
    }
    return AxisLayout(
      label: axis.label, normalization: normalization, length: length,
      isHorizontal: isHorizontal, measure: measure)
  }

  private static func padded(
    _ lowest: Double, _ highest: Double, kind: ScaleKind, startsAtZero: Bool, padding: Double
  ) -> (Double, Double) {
    var (low, high) = (lowest, highest)
    if kind != .logarithmic, startsAtZero { (low, high) = (min(0, low), max(0, high)) }
    guard DataRange.isResolved(low, high) else {
      return DataRange.padded(low, isPositive: kind == .logarithmic)
    }
    let (from, to) = (kind.transform(low), kind.transform(high))
    let margin = (to - from) * padding
    var (lower, upper) = (kind.inverse(from - margin), kind.inverse(to + margin))
    if kind == .logarithmic, startsAtZero { lower = low / 2 }
    // Zero is a natural end: no empty strip on its other side.
    if kind != .logarithmic, low >= 0, lower < 0 { lower = startsAtZero || low == 0 ? 0 : lower }
    if kind != .logarithmic, high <= 0, upper > 0, startsAtZero { upper = 0 }
    guard lower.isFinite, upper.isFinite, lower < upper else { return (low, high) }
    return (lower, upper)
  }

  private func frame(
    plot: Size, labels: AxisVisibility, measure: some TextMeasure
  ) throws(PlottingError) -> CartesianFrame {
    func values(_ side: Series.Side) -> [Double] {
      series.filter { $0.side == side }.flatMap(\.yValues)
    }
    func hasHistogram(_ side: Series.Side) -> Bool {
      series.contains { $0.side == side && $0.isHistogram }
    }
    let xs = series.flatMap(\.xValues) + verticalMarkers.map(\.x) + (rug?.values ?? [])
    let x = try layout(
      xAxis, values: xs, startsAtZero: false, padding: 0.02, length: plot.width,
      isHorizontal: true, measure: measure)
    let left = try layout(
      leftAxis, values: values(.left).isEmpty ? values(.right) : values(.left),
      startsAtZero: hasHistogram(.left), padding: Self.padding, length: plot.height,
      isHorizontal: false, measure: measure)
    var right: AxisLayout?
    if let rightAxis, series.contains(where: { $0.side == .right }) {
      right = try layout(
        rightAxis, values: values(.right), startsAtZero: hasHistogram(.right),
        padding: Self.padding, length: plot.height, isHorizontal: false, measure: measure)
    }
    var frame = CartesianFrame(x: x, left: left, right: right, labels: labels)
    if right != nil {
      frame.leftColor = sideColor(.left)
      frame.rightColor = sideColor(.right)
    }
    return frame
  }

  /// With two y axes, the one colour of all series of a side, or plain ink.
  private func sideColor(_ side: Series.Side) -> Color {
    let colors = series.indices.filter { series[$0].side == side }.map(color)
    guard let first = colors.first, colors.allSatisfy({ $0 == first }) else { return .ink }
    return first.scaled(by: 0.85)
  }
}

// MARK: - Drawing

extension LineChart: PanelContent {
  var aspectRatio: Double { plotAspect }

  var frameIdentity: FrameIdentity? { nil }

  var legend: [LegendEntry] {
    var entries: [LegendEntry] = []
    for (index, item) in series.enumerated() where !item.name.isEmpty {
      entries.append(LegendEntry(name: item.name, symbol: symbol(of: index)))
      if let band = item.band, !band.label.isEmpty {
        entries.append(
          LegendEntry(
            name: band.label,
            symbol: band.style == .area
              ? .area(color(of: index).withAlpha(SeriesDrawing.bandOpacity), border: nil)
              : .errorBar(Stroke(color: color(of: index), width: SeriesDrawing.barWidth))))
      }
    }
    entries += verticalMarkers.filter { !$0.label.isEmpty }.map { marker in
      LegendEntry(name: marker.label, symbol: .line(marker.stroke))
    }
    if let rug, !rug.label.isEmpty {
      entries.append(
        LegendEntry(name: rug.label, symbol: .rug(Stroke(color: rug.color, width: 0.6))))
    }
    if hasHiddenPoints { entries.append(.nonFinitePoint) }
    return entries
  }

  private func symbol(of index: Int) -> LegendEntry.Symbol {
    let item = series[index]
    let color = color(of: index)
    switch item.geometry {
    case .curve(_, _, let dots, let line):
      if line {
        return .line(
          Stroke(color: color, width: item.width, dash: item.dash.lengths(width: item.width)))
      }
      return dots ? .dots(color) : .line(Stroke(color: color, width: item.width))
    case .steps(_, _, let isFilled):
      return .area(
        isFilled ? color.withAlpha(SeriesDrawing.fillOpacity) : .white,
        border: Stroke(color: color, width: item.width))
    }
  }

  private var hasHiddenPoints: Bool {
    series.contains { item in
      guard case .curve(_, let y, _, _) = item.geometry else {
        return item.yValues.contains { !$0.isFinite }
      }
      let kind = item.side == .left ? leftAxis.kind : rightAxis?.kind ?? .linear
      return y.contains { !kind.transform($0).isFinite }
    }
  }

  func edges(plot: Size, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> Edges
  {
    try check()
    return try frame(plot: plot, labels: labels, measure: measure)
      .edges(plot: plot, measure: measure)
  }

  func commands(in plot: Rectangle, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> [DrawCommand]
  {
    try check()
    let frame = try frame(plot: plot.size, labels: labels, measure: measure)
    var inside: [DrawCommand] = []
    var above: [DrawCommand] = []
    for marker in verticalMarkers where frame.x.normalization.contains(marker.x) {
      let x = plot.x + frame.x.normalization.fraction(of: marker.x) * plot.width
      inside.append(
        .stroke(
          Path(line: Point(x: x, y: plot.bottom), Point(x: x, y: plot.y)), marker.stroke))
    }
    for (index, item) in series.enumerated() {
      let drawing = SeriesDrawing(
        series: item, color: color(of: index), x: frame.x.normalization,
        y: (item.side == .left ? frame.left : frame.right ?? frame.left).normalization,
        plot: plot)
      inside += drawing.commands
      above += drawing.hiddenPoints
    }
    if let rug { inside += rugMarks(rug, frame, in: plot) }
    return frame.gridLines(in: plot) + [.clipped(to: Path(plot), commands: inside)] + above
      + frame.commands(in: plot, measure: measure)
  }

  private func rugMarks(_ rug: Rug, _ frame: CartesianFrame, in plot: Rectangle) -> [DrawCommand] {
    let marks = rug.values.filter(frame.x.normalization.contains).map { value in
      let x = plot.x + frame.x.normalization.fraction(of: value) * plot.width
      return Polyline(points: [
        Point(x: x, y: plot.bottom), Point(x: x, y: plot.bottom - 6),
      ])
    }
    return [.stroke(Path(marks), Stroke(color: rug.color.withAlpha(0.7), width: 0.6))]
  }
}

extension VerticalMarker {
  var stroke: Stroke { Stroke(color: color, width: 0.9, dash: dash.lengths(width: 0.9)) }
}
