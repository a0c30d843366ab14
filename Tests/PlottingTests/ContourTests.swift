import Foundation
import Testing

@testable import Plotting

/// A field sampled on a square grid over −1...1.
private func sampled(_ count: Int, _ field: (Double, Double) -> Double) throws -> ScalarGrid {
  let axis = SampleFigures.coordinates(count)
  return try ScalarGrid(
    xs: axis, ys: axis, values: axis.flatMap { y in axis.map { x in field(x, y) } })
}

@Suite struct ContourLinesTests {
  @Test(arguments: [5, 11, 40])
  func verticesOfACircleAreAsExactAsLinearInterpolation(count: Int) throws {
    let grid = try sampled(count) { x, y in x * x + y * y }
    let step = 2 / Double(count - 1)
    let lines = ContourLines(of: grid, at: [0.5]).lines
    let line = try #require(lines.first)
    #expect(lines.count == 1 && line.polyline.isClosed)
    for point in line.polyline.points {
      // Along a grid edge x² is off its chord by at most h²/4.
      #expect(abs(point.x * point.x + point.y * point.y - 0.5) <= step * step / 4 + 1e-12)
    }
  }

  @Test func aPlaneGivesOneStraightOpenLine() throws {
    let grid = try sampled(9) { x, y in x + 0.5 * y }
    let lines = ContourLines(of: grid, at: [0.1]).lines
    #expect(lines.count == 1 && lines[0].polyline.isClosed == false)
    for point in lines[0].polyline.points {
      #expect(abs(point.x + 0.5 * point.y - 0.1) < 1e-12)
    }
    let ys = lines[0].polyline.points.map(\.y)
    #expect(ys.min() == -1 && ys.max() == 1)
  }

  @Test func logarithmicInterpolationIsExactForExponentials() throws {
    let grid = try sampled(4) { x, _ in pow(10, 3 * x) }
    for line in ContourLines(of: grid, at: [0.5, 2, 300], kind: .logarithmic).lines {
      for point in line.polyline.points {
        #expect(abs(3 * point.x - log10(line.level)) < 1e-12)
      }
    }
  }

  @Test(arguments: [(0.1, true), (-0.1, false)])
  func aSaddleCellIsCutByTheMeanOfItsCorners(level: Double, isolatesHigh: Bool) throws {
    // High at lower left and upper right; the mean is zero.
    let grid = try ScalarGrid(xs: [0, 1], ys: [0, 1], values: [1, -1, -1, 1])
    let lines = ContourLines(of: grid, at: [level]).lines
    #expect(lines.count == 2)
    for line in lines {
      let middle = line.polyline.points[0].interpolated(to: line.polyline.points[1], at: 0.5)
      // A line around a high corner has its middle on the diagonal of the high corners.
      #expect((abs(middle.x - middle.y) < 1e-12) == isolatesHigh)
    }
  }

  @Test func aSaddleHasTwoBranchesOnEachSide() throws {
    let grid = try SampleFigures.saddle()
    let lines = ContourLines(of: grid, at: [-0.5, 0.5]).lines
    #expect(lines.filter { $0.level == -0.5 }.count == 2)
    #expect(lines.filter { $0.level == 0.5 }.count == 2)
  }

  @Test func linesEndAtCellsThatAreNotFinite() throws {
    var values = try sampled(11) { x, _ in x }.values
    values[5 * 11 + 5] = .nan
    let axis = SampleFigures.coordinates(11)
    let grid = try ScalarGrid(xs: axis, ys: axis, values: values)
    let lines = ContourLines(of: grid, at: [0.05]).lines
    #expect(lines.count == 2)
    #expect(
      lines.allSatisfy { line in
        line.polyline.points.allSatisfy { abs($0.y) >= 0.2 - 1e-12 && $0.x.isFinite }
      })
  }

  @Test func levelsOutsideTheValuesGiveNothing() throws {
    let grid = try sampled(5) { x, y in x + y }
    #expect(ContourLines(of: grid, at: [-3, 3]).lines.isEmpty)
  }
}

@Suite struct FilledContoursTests {
  @Test func areasOfAPlaneAreExact() throws {
    let grid = try sampled(7) { x, _ in x }
    for region in FilledContours(of: grid, at: [-0.9, -0.2, 0, 0.3, 0.77]).regions {
      #expect(abs(region.area - 2 * (1 - region.level)) < 1e-12)
      #expect(region.path.polylines.allSatisfy { $0.isClosed })
    }
  }

  @Test func areaOutsideACircleConvergesQuadratically() throws {
    let exact = 4 - Double.pi * 0.5
    let errors = try [11, 41].map { count in
      let grid = try sampled(count) { x, y in x * x + y * y }
      let region = FilledContours(of: grid, at: [0.5]).regions[0]
      #expect(region.path.polylines.count == 2)
      return abs(region.area - exact)
    }
    // Halving the step twice must divide the error by about 16.
    #expect(errors[0] < 0.05 && errors[1] < errors[0] / 10)
  }

  @Test func aboveAndBelowShareTheWholeArea() throws {
    // A rough field with many saddles; the tie rule must be the same seen from both sides.
    var state: UInt64 = 7
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992 - 0.5
    }
    let grid = try sampled(20) { _, _ in random() }
    let mirrored = try ScalarGrid(xs: grid.xs, ys: grid.ys, values: grid.values.map { -$0 })
    for level in [-0.3, 0.01, 0.2] {
      let above = FilledContours(of: grid, at: [level]).regions[0].area
      let below = FilledContours(of: mirrored, at: [-level]).regions[0].area
      #expect(abs(above + below - 4) < 1e-10)
    }
  }

  @Test func regionsOfExtremeLevelsAreAllOrNothing() throws {
    let grid = try sampled(6) { x, y in x * y }
    let regions = FilledContours(of: grid, at: [-2, 2]).regions
    #expect(abs(regions[0].area - 4) < 1e-12)
    #expect(regions[1].path.polylines.isEmpty)
  }
}

@Suite struct ContourLabelsTests {
  @Test func labelsKeepApartAndInsideAndLinesGiveWay() throws {
    let plot = Rectangle(x: 10, y: 20, width: 250, height: 250)
    let lines = try ContourLines(
      of: SampleFigures.ripples(), at: stride(from: 0.5, to: 6, by: 0.5).map(\.self)
    ).lines.map { line in
      ContourLabels.Line(
        level: line.level,
        polyline: line.polyline.mapped {
          Point(x: plot.center.x + $0.x * 125, y: plot.center.y - $0.y * 125)
        })
    }
    let placed = ContourLabels(
      lines: lines, in: plot, obstacles: [(plot.center, 4)], measure: FixedWidthMeasure())
    #expect(placed.labels.count >= 8)
    for (index, label) in placed.labels.enumerated() {
      #expect(plot.contains(label.center))
      #expect(abs(label.rotation) <= .pi / 2 + 1e-12)
      for other in placed.labels[..<index] {
        #expect(label.center.distance(to: other.center) > Font.contourLabel.capHeight + 3)
      }
      for line in placed.lines {
        for point in line.polyline.points {
          #expect(label.center.distance(to: point) > Font.contourLabel.capHeight / 2)
        }
      }
    }
    func length(_ lines: [ContourLabels.Line]) -> Double {
      lines.reduce(0) { sum, line in
        let points = line.polyline.closedPoints
        return sum + zip(points, points.dropFirst()).reduce(0) { $0 + $1.0.distance(to: $1.1) }
      }
    }
    let gaps = placed.labels.reduce(0) { $0 + $1.width + 3 }
    #expect(abs(length(lines) - length(placed.lines) - gaps) < 1e-6)
  }
}

@Suite struct ScalarGridTests {
  @Test func gridsThatDoNotFitAreRefused() {
    for (xs, ys, count) in [
      ([], [0], 0), ([0], [], 0), ([0, 1], [0], 3), ([0, 0], [0], 2), ([0, 1, 0.5], [0], 3),
      ([0, .nan], [0], 2), ([0, .infinity], [0], 2),
    ] as [([Double], [Double], Int)] {
      #expect(throws: PlottingError.self) {
        try ScalarGrid(xs: xs, ys: ys, values: [Double](repeating: 0, count: count))
      }
    }
  }

  @Test func descendingCoordinatesAreTurnedRoundWithTheirValues() throws {
    let grid = try ScalarGrid(xs: [2, 1], ys: [5, 3, 1], values: [1, 2, 3, 4, 5, 6])
    #expect(grid.xs == [1, 2] && grid.ys == [1, 3, 5])
    #expect(grid.values == [6, 5, 4, 3, 2, 1])
  }

  @Test func interpolationIsBilinearAndStopsAtNonFiniteValues() throws {
    let grid = try ScalarGrid(xs: [0, 1, 2], ys: [0, 2], values: [0, 1, .nan, 4, 5, 6])
    #expect(grid.value(atX: 0.5, y: 1) == 2.5)
    #expect(grid.value(atX: 1, y: 2) == 5)
    #expect(grid.value(atX: 1.5, y: 1) == nil)
    #expect(grid.value(atX: 3, y: 1) == nil)
  }
}
