import Foundation
import Testing

@testable import Plotting

@Suite struct FigureTests {
  private func grid(_ columns: Int, _ rows: Int, _ value: Double? = nil) throws -> ScalarGrid {
    try ScalarGrid(
      xs: SampleFigures.coordinates(columns), ys: SampleFigures.coordinates(rows),
      values: (0..<(columns * rows)).map { value ?? Double($0) })
  }

  @Test func noTextOverlapsOrLeavesThePage() throws {
    let measure = try CairoTextMeasure()
    for (name, figure) in try SampleFigures.all() {
      let drawing = try figure.drawing(measure: measure)
      let page = Rectangle(x: 0, y: 0, width: drawing.size.width, height: drawing.size.height)
      for run in drawing.texts {
        #expect(
          page.contains(Point(x: run.bounds.x, y: run.bounds.y))
            && page.contains(Point(x: run.bounds.right, y: run.bounds.bottom)),
          "\(name): \(run.text)")
      }
      // Slanted text fills only part of its upright bounds; contour labels have their own test.
      let upright = drawing.texts.filter { run in
        (run.rotation == 0 || run.rotation == -.pi / 2) && run.font != .contourLabel
      }
      for (index, run) in upright.enumerated() {
        for other in upright[..<index] {
          // Ascent and descent allow for letters that numbers do not have.
          #expect(
            !run.bounds.grown(by: -1.2).intersects(other.bounds.grown(by: -1.2)),
            "\(name): \(run.text) / \(other.text)")
        }
      }
    }
  }

  @Test func errorBarsAreAsLongAsTheirRanges() throws {
    let chart = LineChart(
      series: [
        Series(
          "a", x: [0, 1, 2], y: [1, 1, 1],
          band: .init(lower: [0, 0.5, .nan], upper: [2, 1.5, 1], label: "", style: .bars))
      ], xAxis: Axis("x"), leftAxis: Axis("y", range: 0...2))
    let plot = Rectangle(x: 0, y: 0, width: 200, height: 100)
    let commands = try chart.commands(
      in: plot, labels: AxisVisibility(), measure: FixedWidthMeasure())
    let heights = commands.flatMap { command -> [Double] in
      guard case .clipped(_, let inner) = command else { return [] }
      return inner.flatMap { command -> [Double] in
        guard case .stroke(let path, let stroke) = command,
          stroke.width == SeriesDrawing.barWidth
        else { return [] }
        return path.polylines.map { abs($0.points[0].y - $0.points[1].y) }.filter { $0 > 0 }
      }
    }
    #expect(heights == [100, 50])
  }

  @Test func heatMapPaintsOneCellForEachPointInItsColour() throws {
    let grid = try ScalarGrid(xs: [0, 1], ys: [0, 1], values: [1, 2, 3, .nan])
    let scale = try ColorScale(fitting: [grid])
    let chart = HeatMap(grid: grid, scale: scale)
    let commands = try chart.commands(
      in: Rectangle(x: 0, y: 0, width: 100, height: 100), labels: AxisVisibility(),
      measure: FixedWidthMeasure())
    guard case .clipped(_, let inside)? = commands.first else {
      Issue.record("the cells are clipped to the plot")
      return
    }
    var colors: [Point: Color] = [:]
    for case .fill(let path, let color) in inside.prefix(4) {
      let corner = path.polylines[0].points[0]
      colors[Point(x: corner.x, y: corner.y)] = color
    }
    #expect(
      colors == [
        Point(x: 0, y: 50): scale.color(of: 1), Point(x: 50, y: 50): scale.color(of: 2),
        Point(x: 0, y: 0): scale.color(of: 3), Point(x: 50, y: 0): ColorScale.nonFinite,
      ])
    // The hatching follows: ground and lines clipped to the one cell.
    guard case .clipped(let region, _)? = inside.last else {
      Issue.record("the cell that is not finite is hatched")
      return
    }
    #expect(Rectangle(enclosing: region.polylines.flatMap(\.points)).x == 50)
    #expect(chart.legend.contains(.nonFiniteCell))
  }

  @Test(arguments: LandscapeStyle.allCases)
  func nonFinitePointsAreInTheLegendOnlyWhereThereAreSome(style: LandscapeStyle) throws {
    func texts(_ grid: ScalarGrid) throws -> [String] {
      try SampleFigures.landscape(style, [("", grid)])
        .drawing(measure: FixedWidthMeasure()).texts.map(\.text)
    }
    let marked = try texts(SampleFigures.withHoles())
    let plain = try texts(SampleFigures.ripples())
    #expect(marked.contains { $0.contains("not finite") })
    #expect(!plain.contains { $0.contains("not finite") })
  }

  @Test func panelsShareAxesAndOneColourBar() throws {
    let grid = try SampleFigures.ripples(columns: 9, rows: 9)
    let figure = try SampleFigures.landscape(.contour, [("A", grid), ("B", grid), ("C", grid)])
    let texts = try figure.drawing(measure: FixedWidthMeasure()).texts.map(\.text)
    #expect(texts.filter { $0 == "direction 2" }.count == 1)
    #expect(texts.filter { $0 == "direction 1" }.count == 3)
    #expect(texts.filter { $0 == "training loss" }.count == 1)
    #expect(texts.filter { $0 == "trained weights" }.count == 1)
  }

  @Test(arguments: [330.0, 500, 720])
  func aGivenWidthIsMet(width: Double) throws {
    let grid = try SampleFigures.ripples(columns: 9, rows: 9)
    let figure = try SampleFigures.landscape(
      .heat, [("A", grid), ("B", grid)], width: width)
    let size = try figure.drawing(measure: FixedWidthMeasure()).size
    #expect(abs(size.width - width) < 0.5)
  }

  @Test func degenerateGridsGiveAPictureOrAClearError() throws {
    for (columns, rows) in [(1, 1), (5, 1), (1, 5)] {
      let grid = try grid(columns, rows)
      _ = try SampleFigures.landscape(.heat, [("", grid)]).render(format: .png, dpi: 40)
      for style in [LandscapeStyle.contour, .surface] {
        #expect {
          try SampleFigures.landscape(style, [("", grid)]).drawing(measure: FixedWidthMeasure())
        } throws: { error in
          "\(error)".contains("at least 2 x 2 points, got \(columns) x \(rows)")
        }
      }
    }
    for value in [0.0, 3, -1e-300, 1e300] {
      for style in LandscapeStyle.allCases {
        _ = try SampleFigures.landscape(style, [("", grid(4, 4, value))])
          .render(format: .png, dpi: 40)
      }
    }
  }

  @Test(arguments: [Double.leastNormalMagnitude, 1e-30, 1, 1e30, 1e300])
  func valuesOfAnyMagnitudeAreDrawn(magnitude: Double) throws {
    let base = try SampleFigures.withHoles()
    let grid = try ScalarGrid(
      xs: base.xs, ys: base.ys, values: base.values.map { ($0 - 1) * magnitude })
    for style in LandscapeStyle.allCases {
      _ = try SampleFigures.landscape(style, [("", grid)]).render(format: .png, dpi: 40)
    }
  }

  @Test func impossibleFiguresAreRefusedInOneLine() throws {
    let grid = try SampleFigures.ripples(columns: 5, rows: 5)
    let good = try SampleFigures.landscape(.heat, [("", grid)])
    var figures: [Figure] = [Figure(panels: [])]
    figures.append(Figure(panels: good.panels, columns: 0))
    figures.append(Figure(panels: good.panels, width: 40))
    figures.append(Figure(panels: good.panels, width: .nan))
    let axis = Axis("x")
    for series in [
      [], [Series("a", x: [1, 2], y: [1])], [Series("a", x: [1], y: [.nan])],
      [Series("a", x: [1, 2], y: [1, 2], side: .right)],
      [Series("a", edges: [0, 1], heights: [1, 2])], [Series("a", edges: [1, 0], heights: [1])],
      [Series("a", x: [1], y: [1], band: .init(lower: [], upper: [1], label: ""))],
    ] {
      figures.append(
        Figure(panels: [
          Panel(chart: .lines(LineChart(series: series, xAxis: axis, leftAxis: axis)))
        ]))
    }
    figures.append(
      Figure(panels: [
        Panel(
          chart: .lines(
            LineChart(
              series: [Series("a", x: [1, 2], y: [-1, 0])], xAxis: axis,
              leftAxis: Axis("y", kind: .logarithmic))))
      ]))
    for figure in figures {
      #expect {
        try figure.drawing(measure: FixedWidthMeasure())
      } throws: { error in
        error is PlottingError && !"\(error)".contains("\n")
      }
    }
  }

  @Test func longCaptionsAndWordsAreBrokenToTheWidth() {
    let measure = FixedWidthMeasure()
    let text = "some words and one " + String(repeating: "x", count: 100) + "\nnext"
    let lines = measure.lines(of: text, font: .caption, width: 100)
    #expect(lines.allSatisfy { measure.width(of: $0, font: .caption) <= 100 })
    #expect(
      lines.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
    #expect(lines.last == "next")
  }

  @Test(arguments: [-60.0, 30, 120, 210])
  func surfacesAreDrawnFromFarToNearAndFitTheirPlot(azimuth: Double) throws {
    let grid = try SampleFigures.ripples(columns: 6, rows: 5)
    let scale = try ColorScale(fitting: [grid])
    let chart = Surface3D(
      grid: grid, scale: scale, xLabel: "a", yLabel: "b", zLabel: "c", azimuth: azimuth)
    let plot = Rectangle(x: 30, y: 40, width: 220, height: 180)
    let commands = try chart.commands(
      in: plot, labels: AxisVisibility(), measure: FixedWidthMeasure())
    for case .text(let run) in commands {
      #expect(plot.grown(by: 0.5).contains(Point(x: run.bounds.x, y: run.bounds.y)), "\(run.text)")
      #expect(plot.grown(by: 0.5).contains(Point(x: run.bounds.right, y: run.bounds.bottom)))
    }
    var projection = SurfaceProjection(elevation: 32, azimuth: azimuth)
    projection.scale = 100
    let mesh = SurfaceMesh(grid: grid, scale: scale, floorOffset: 0)
    let patches = mesh.commands(projection, markers: []).compactMap { command -> [Point]? in
      guard case .fill(let path, _) = command else { return nil }
      return path.polylines[0].points
    }
    let corner = (
      column: projection.nearX == 1 ? 5 : 0, row: projection.nearY == 1 ? 4 : 0
    )
    let nearest = projection.page(
      .init(
        x: projection.nearX, y: projection.nearY,
        z: scale.normalization.fraction(of: grid[corner.column, corner.row])))
    let last = try #require(patches.last)
    #expect(last.contains { $0.distance(to: nearest) < 1e-9 })
  }
}

@Suite struct LineChartTests {
  private let plot = Rectangle(x: 0, y: 0, width: 200, height: 100)

  private func inside(_ chart: LineChart) throws -> [DrawCommand] {
    let commands = try chart.commands(
      in: plot, labels: AxisVisibility(), measure: FixedWidthMeasure())
    return commands.flatMap { command -> [DrawCommand] in
      if case .clipped(_, let inner) = command { inner } else { [] }
    }
  }

  @Test func linesOpenAtPointsThatCannotBeShownAndMarkThem() throws {
    let chart = LineChart(
      series: [Series("loss", x: [0, 1, 2, 3, 4, 5], y: [1, 2, .nan, 4, 0, 6])],
      xAxis: Axis("x"), leftAxis: Axis("y", kind: .logarithmic))
    let commands = try inside(chart)
    guard case .stroke(let path, _)? = commands.first else {
      Issue.record("the first command draws the line")
      return
    }
    // 1-2 is a line; 4 and 6 stand alone and become dots.
    #expect(path.polylines.map(\.points.count) == [2])
    #expect(commands.count == 3)
    #expect(chart.legend.last == .nonFinitePoint)
  }

  @Test func bothSidesHaveTheirOwnAxis() throws {
    let chart = LineChart(
      series: [
        Series("loss", x: [0, 1], y: [0, 10]),
        Series("accuracy", x: [0, 1], y: [0, 100], side: .right),
      ], xAxis: Axis("x", range: 0...1), leftAxis: Axis("loss", range: 0...10),
      rightAxis: Axis("accuracy", range: 0...100))
    let strokes = try inside(chart).compactMap { command -> [Point]? in
      guard case .stroke(let path, _) = command else { return nil }
      return path.polylines[0].points
    }
    #expect(strokes == [strokes[0], strokes[0]])
    #expect(strokes[0] == [Point(x: 0, y: 100), Point(x: 200, y: 0)])
  }

  @Test func histogramBarsHaveTheHeightOfTheirCounts() throws {
    let chart = Histogram(
      bins: [.init(name: "counts", edges: [0, 1, 2, 3], heights: [1, 0, 3])],
      xAxis: Axis("x", range: 0...3), yAxis: Axis("count", range: 0...4)
    ).lineChart
    guard case .fill(let path, _)? = try inside(chart).first else {
      Issue.record("a histogram is filled")
      return
    }
    // Bars of 25 points a count on bins of 200 / 3 points; area = counts × both.
    #expect(abs(abs(path.polylines[0].signedArea) - 4 * 25 * 200 / 3) < 1e-9)
  }

  @Test func markersAndRugStandAtTheirValues() throws {
    let chart = LineChart(
      series: [Series("density", x: [0, 10], y: [1, 2])], xAxis: Axis("x", range: 0...10),
      leftAxis: Axis("y"), verticalMarkers: [VerticalMarker(x: 5, label: "here")],
      rug: Rug(values: [2, 20], label: "values"))
    let lines = try inside(chart).flatMap { command -> [Polyline] in
      guard case .stroke(let path, _) = command else { return [] }
      return path.polylines
    }
    #expect(lines.map { $0.points[0].x } == [100, 0, 40])
    #expect(chart.legend.map(\.name) == ["density", "here", "values"])
  }
}
