/// Turns a figure into a drawing: measures what stands around the plots, then places everything.
struct FigureLayout<Measure: TextMeasure> {
  private let figure: Figure
  private let contents: [any PanelContent]
  private let columns: Int
  private let measure: Measure
  /// The legend that stands once under all panels; empty where each panel has its own.
  private let sharedLegend: Legend?

  private static var margin: Double { 8 }
  private static var columnGap: Double { 12 }
  private static var rowGap: Double { 10 }
  private static var titleGap: Double { 6 }
  private static var captionGap: Double { 8 }
  private static var smallestPlot: Double { 60 }

  init(_ figure: Figure, measure: Measure) throws(PlottingError) {
    guard !figure.panels.isEmpty else { throw .invalidFigure("a figure needs at least one panel") }
    if let columns = figure.columns, columns < 1 {
      throw .invalidFigure("a figure needs at least one column of panels, got \(columns)")
    }
    self.figure = figure
    self.measure = measure
    contents = figure.panels.map { $0.chart.content }
    let count = figure.panels.count
    let automatic = count <= 4 ? count : count.isMultiple(of: 4) ? 4 : 3
    columns = min(figure.columns ?? automatic, count)
    sharedLegend = Self.sharedLegend(contents.map(\.legend))
  }

  /// One legend for all, if no panel contradicts another.
  private static func sharedLegend(_ legends: [[LegendEntry]]) -> Legend? {
    var union: [LegendEntry] = []
    for entry in legends.flatMap(\.self) where !union.contains(entry) { union.append(entry) }
    for (index, entry) in union.enumerated() {
      for other in union[..<index]
      where other.name == entry.name || other.symbol == entry.symbol {
        return nil
      }
    }
    return Legend(entries: union)
  }

  /// The whole page.
  func drawing() throws(PlottingError) -> Drawing {
    let plotWidth = try plotWidth()
    let grid = try PlotGrid(layout: self, plotWidth: plotWidth)
    let content = grid.width + barSpace(grid)
    let pageWidth = max(figure.width ?? 0, content + 2 * Self.margin)
    let left = (pageWidth - content) / 2
    var commands: [DrawCommand] = []
    var y = Self.margin

    let titleLines =
      figure.title.isEmpty
      ? [] : measure.lines(of: figure.title, font: .title, width: pageWidth - 2 * Self.margin)
    commands += centered(titleLines, font: .title, at: left + content / 2, top: y)
    y += Double(titleLines.count) * Font.title.lineHeight
    if !titleLines.isEmpty { y += Self.titleGap }

    commands += try panels(grid, left: left, top: y)
    if let colorBar = figure.colorBar {
      commands += colorBar.commands(
        in: barArea(grid, left: left + grid.width + ColorBar.gap, top: y), measure: measure)
    }
    y += grid.height

    if let legend = sharedLegend, !legend.entries.isEmpty {
      y += Self.titleGap
      let width = pageWidth - 2 * Self.margin
      commands += legend.commands(left: Self.margin, top: y, width: width, measure: measure)
      y += legend.height(width: width, measure: measure)
    }
    if !figure.caption.isEmpty {
      y += Self.captionGap
      let lines = measure.lines(
        of: figure.caption, font: .caption, width: pageWidth - 2 * Self.margin)
      for line in lines {
        commands.append(
          .text(
            measure.run(
              line, font: .caption, at: Point(x: Self.margin, y: y + Font.caption.ascent), .left,
              .baseline, color: .captionInk)))
        y += Font.caption.lineHeight
      }
    }
    return Drawing(size: Size(width: pageWidth, height: y + Self.margin), commands: commands)
  }

  // MARK: - Sizes

  /// The width of each plot rectangle: comfortable, or what the given page width leaves.
  private func plotWidth() throws(PlottingError) -> Double {
    let wide = figure.panels.contains { !$0.chart.isMap }
    let comfortable =
      switch columns {
      case 1: wide ? 290.0 : 250.0
      case 2: wide ? 225.0 : 195.0
      default: wide ? 195.0 : 165.0
      }
    guard let width = figure.width else { return comfortable }
    guard width.isFinite else { throw .invalidFigure("the width of a figure must be finite") }
    // Ticks, and so the room for their numbers, depend on the size being sought: iterate.
    var plotWidth = comfortable
    for _ in 0..<4 {
      let grid = try PlotGrid(layout: self, plotWidth: plotWidth)
      let rest = grid.width - plotWidth * Double(columns) + barSpace(grid)
      plotWidth = (width - 2 * Self.margin - rest) / Double(columns)
      guard plotWidth >= Self.smallestPlot else {
        throw .invalidFigure(
          "a width of \(width) points leaves too little room for \(columns) columns of panels; "
            + "make the figure wider or use fewer columns")
      }
    }
    return plotWidth
  }

  private func barSpace(_ grid: PlotGrid) -> Double {
    guard let colorBar = figure.colorBar else { return 0 }
    let area = barArea(grid, left: 0, top: 0)
    return ColorBar.gap + colorBar.totalWidth(height: area.height, measure: measure)
  }

  /// As high as the plots beside it; a little less beside surfaces, which do not fill their room.
  private func barArea(_ grid: PlotGrid, left: Double, top: Double) -> Rectangle {
    let first = grid.plot(at: 0).y
    let last = grid.plot(at: figure.panels.count - 1).bottom
    let height = last - first
    let isSurface = figure.panels.allSatisfy { panel in
      if case .surface = panel.chart { true } else { false }
    }
    let used = isSurface ? height * 0.72 : height
    return Rectangle(
      x: left, y: top + first + (height - used) / 2, width: ColorBar.width, height: used)
  }

  // MARK: - Drawing

  private func centered(
    _ lines: [String], font: Font, at center: Double, top: Double
  ) -> [DrawCommand] {
    lines.enumerated().map { index, line in
      .text(
        measure.run(
          line, font: font,
          at: Point(x: center, y: top + font.ascent + Double(index) * font.lineHeight), .center,
          .baseline))
    }
  }

  private func panels(
    _ grid: PlotGrid, left: Double, top: Double
  ) throws(PlottingError) -> [DrawCommand] {
    var commands: [DrawCommand] = []
    for index in contents.indices {
      var plot = grid.plot(at: index)
      plot.x += left
      plot.y += top
      let lines = titleLines(index, plotWidth: plot.width)
      let edges = grid.edges[index]
      var above = plot.y - edges.top
      if sharedLegend == nil {
        let legend = Legend(entries: contents[index].legend)
        let height = legend.height(width: plot.width, measure: measure)
        above -= height
        commands += legend.commands(
          left: plot.x, top: above, width: plot.width, measure: measure)
      }
      above -= Double(lines.count) * Font.panelTitle.lineHeight
      commands += centered(lines, font: .panelTitle, at: plot.center.x, top: above)
      commands += try contents[index].commands(
        in: plot, labels: visibility(of: index), measure: measure)
    }
    return commands
  }

  fileprivate func titleLines(_ index: Int, plotWidth: Double) -> [String] {
    let title = figure.panels[index].title
    return title.isEmpty
      ? [] : measure.lines(of: title, font: .panelTitle, width: plotWidth)
  }

  /// Panels with equal axes carry numbers and titles on the outer sides only.
  fileprivate func visibility(of index: Int) -> AxisVisibility {
    guard let identity = contents[0].frameIdentity,
      contents.allSatisfy({ $0.frameIdentity == identity })
    else { return AxisVisibility() }
    return AxisVisibility(
      x: index + columns >= contents.count, y: index.isMultiple(of: columns))
  }

  /// Where the plot rectangles stand, relative to the upper left corner of the whole grid.
  fileprivate struct PlotGrid {
    let plotWidth: Double
    let edges: [Edges]
    private let plotHeights: [Double]
    private let columns: Int
    private let columnLefts: [Double]
    private let rowTops: [Double]
    private let rowHeights: [Double]
    let width: Double
    let height: Double

    init(layout: FigureLayout, plotWidth: Double) throws(PlottingError) {
      self.plotWidth = plotWidth
      columns = layout.columns
      let contents = layout.contents
      let heights = contents.map { $0.aspectRatio * plotWidth }
      var edges: [Edges] = []
      var above: [Double] = []
      for (index, content) in contents.enumerated() {
        let edge = try content.edges(
          plot: Size(width: plotWidth, height: heights[index]),
          labels: layout.visibility(of: index), measure: layout.measure)
        edges.append(edge)
        let titles =
          Double(layout.titleLines(index, plotWidth: plotWidth).count)
          * Font.panelTitle.lineHeight
        let legend =
          layout.sharedLegend == nil
          ? Legend(entries: content.legend).height(width: plotWidth, measure: layout.measure) : 0
        above.append(edge.top + titles + legend)
      }
      var x = 0.0
      var lefts: [Double] = []
      for column in 0..<columns {
        let members = stride(from: column, to: contents.count, by: columns)
        if column > 0 { x += FigureLayout.columnGap }
        x += members.map { edges[$0].left }.max() ?? 0
        lefts.append(x)
        x += plotWidth + (members.map { edges[$0].right }.max() ?? 0)
      }
      var y = 0.0
      var tops: [Double] = []
      var rowHeights: [Double] = []
      for first in stride(from: 0, to: contents.count, by: columns) {
        let members = first..<min(first + columns, contents.count)
        if first > 0 { y += FigureLayout.rowGap }
        y += members.map { above[$0] }.max() ?? 0
        tops.append(y)
        let rowHeight = members.map { heights[$0] }.max() ?? 0
        rowHeights.append(rowHeight)
        y += rowHeight + (members.map { edges[$0].bottom }.max() ?? 0)
      }
      self.edges = edges
      plotHeights = heights
      columnLefts = lefts
      rowTops = tops
      self.rowHeights = rowHeights
      width = x
      height = y
    }

    func plot(at index: Int) -> Rectangle {
      let (row, column) = (index / columns, index % columns)
      return Rectangle(
        x: columnLefts[column],
        y: rowTops[row] + (rowHeights[row] - plotHeights[index]) / 2, width: plotWidth,
        height: plotHeights[index])
    }
  }
}

extension Figure {
  /// The figure as a value: a page size and draw commands.
  ///
  /// - Throws: `PlottingError` where data, scales or sizes do not allow a picture.
  package func drawing(measure: some TextMeasure) throws(PlottingError) -> Drawing {
    try FigureLayout(self, measure: measure).drawing()
  }
}
