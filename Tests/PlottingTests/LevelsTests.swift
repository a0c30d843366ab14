import Testing

@testable import Plotting

@Suite struct LevelsTests {
  @Test(arguments: [
    (0.0, 1.0, 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
    (0.3, 6.1, 6, [0, 1, 2, 3, 4, 5, 6, 7]),
    (-3.0, 4.0, 4, [-4, -2, 0, 2, 4]),
    (-0.9, -0.1, 8, [-0.9, -0.8, -0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1]),
    (1e9, 3e9, 4, [1e9, 1.5e9, 2e9, 2.5e9, 3e9]),
  ])
  func linearLevelsAreExactRoundNumbers(
    lower: Double, upper: Double, count: Int, expected: [Double]
  ) throws {
    #expect(try Levels(.linear, from: lower, to: upper, count: count).values == expected)
  }

  @Test(arguments: [
    (0.0022, 817.0, 12, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]),
    (0.0022, 817, 6, [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
    (0.5, 40, 6, [0.5, 1, 2, 5, 10, 20, 50]),
    (1e-12, 1e12, 6, [1e-12, 1e-8, 1e-4, 1, 1e4, 1e8, 1e12]),
  ])
  func logarithmicLevelsAreRoundInEachDecade(
    lower: Double, upper: Double, count: Int, expected: [Double]
  ) throws {
    #expect(try Levels(.logarithmic, from: lower, to: upper, count: count).values == expected)
  }

  @Test(arguments: [
    (0.0022, 817.0), (1e-300, 1e300), (0.9999, 1.0001), (3, 5), (1e-5, 1), (7, 700),
    (.leastNonzeroMagnitude, 1),
  ])
  func levelsEncloseTheRangeWhateverTheKind(lower: Double, upper: Double) throws {
    let kinds: [ScaleKind] = [.linear, .logarithmic, .symmetricLogarithmic(threshold: lower)]
    for kind in kinds {
      for (low, high) in [(lower, upper), (-upper, -lower), (-lower, upper)] {
        if kind == .logarithmic, low < 0 { continue }
        let values = try Levels(kind, from: low, to: high, count: 14).values
        let slack = 1e-9 * max(abs(low), abs(high))
        #expect(values[0] <= low + slack && values[values.count - 1] >= high - slack)
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
        #expect(values.allSatisfy { $0.isFinite })
        #expect(values.count <= 61, "\(kind) \(low) \(high)")
      }
    }
  }

  @Test func levelsOfAMeasuredSurfaceShowTheCentre() throws {
    guard let grid = try ReferenceSurface.load("resnet20") else {
      print("skipped: no reference surface beside this checkout")
      return
    }
    let levels = try ColorScale(fitting: [grid]).levels.values
    let lowest = try #require(grid.values.min())
    #expect(levels[0] <= lowest)
    #expect(levels.filter { $0 > lowest && $0 < 1 }.count >= 4)
    #expect(levels.filter { $0 > 10 && $0 < 817 }.count >= 3)
  }

  @Test(arguments: [[], [1], [1, 1], [2, 1], [0, .nan], [0, .infinity]])
  func unusableLevelsAreRefused(values: [Double]) {
    #expect(throws: PlottingError.self) { try Levels(values) }
  }
}

@Suite struct ColorScaleTests {
  private func grid(_ values: [Double]) throws -> ScalarGrid {
    try ScalarGrid(xs: values.indices.map(Double.init), ys: [0], values: values)
  }

  @Test(arguments: [
    ([0.0022, 1, 817], ScaleKind.logarithmic), ([1, 2, 49], .linear), ([1, 2, 51], .logarithmic),
    ([0, 0.001, 800], .symmetricLogarithmic(threshold: 0.001)), ([0, 1, 2], .linear),
    ([-2, -1, 3], .linear), ([-800, -1, -0.001], .symmetricLogarithmic(threshold: 0.001)),
    ([-1, 1, 2, 3, 1e6], .symmetricLogarithmic(threshold: 1)), ([5], .linear), ([0, 0], .linear),
  ])
  func kindFollowsTheSpreadOfTheValues(values: [Double], kind: ScaleKind) throws {
    #expect(try ColorScale(fitting: [grid(values)]).normalization.kind == kind)
  }

  @Test(arguments: [0.0, 3, -2e-9, 1e308, -1e308, .leastNonzeroMagnitude])
  func aConstantGetsARangeAroundIt(value: Double) throws {
    let scale = try ColorScale(fitting: [grid([value, value])])
    #expect(scale.normalization.lower <= value && scale.normalization.upper >= value)
  }

  @Test func nonFiniteValuesDoNotInfluenceTheScaleAndGetTheirOwnColour() throws {
    let plain = try ColorScale(fitting: [grid([1, 2, 3])])
    let marked = try ColorScale(fitting: [grid([1, .nan, 2, .infinity, 3, -.infinity])])
    #expect(plain == marked)
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(marked.color(of: value) == ColorScale.nonFinite)
    }
    #expect(throws: PlottingError.self) { try ColorScale(fitting: [grid([.nan, .infinity])]) }
  }

  @Test func aGivenRangeIsKeptAndClippedValuesAreReported() throws {
    let scale = try ColorScale(fitting: [grid([0.01, 1, 900])], range: 0.1...50)
    #expect(scale.normalization.lower == 0.1 && scale.normalization.upper == 50)
    #expect(scale.clipsBelow && scale.clipsAbove)
    #expect(scale.color(of: 900) == scale.map.color(at: 1))
    #expect(scale.color(of: 0.01) == scale.map.color(at: 0))
    let fromZero = try ColorScale(fitting: [grid([0.01, 1, 900])], range: 0...50)
    #expect(fromZero.normalization.kind == .linear && fromZero.normalization.lower == 0)
    let whole = try ColorScale(fitting: [grid([0.01, 1, 900])])
    #expect(!whole.clipsBelow && !whole.clipsAbove)
  }

  @Test func aFewHugeCornersDoNotFlattenTheRest() throws {
    let values = (1...99).map { Double($0) / 10 } + [1e30]
    let scale = try ColorScale(fitting: [grid(values)])
    #expect(scale.clipsAbove && scale.normalization.upper <= 10_000)
  }

  @Test func divergingMapsAreCentredOnZero() throws {
    let scale = try ColorScale(fitting: [grid([-1, 3])], map: .redBlue)
    #expect(scale.normalization.fraction(of: 0) == 0.5)
  }

  @Test func logarithmicScalesOfNonPositiveValuesAreRefused() throws {
    let grid = try grid([-1, 0])
    #expect(throws: PlottingError.self) { try ColorScale(fitting: [grid], kind: .logarithmic) }
  }

  @Test(arguments: ColorMap.allCases)
  func colourMapsHaveTheirKnownEnds(map: ColorMap) {
    let ends: [ColorMap: (UInt32, UInt32)] = [
      .viridis: (0x440154, 0xfde725), .magma: (0x000004, 0xfcfdbf), .plasma: (0x0d0887, 0xf0f921),
      .inferno: (0x000004, 0xfcffa4), .cividis: (0x00224e, 0xfee838),
      .coolwarm: (0x3b4cc0, 0xb40426), .redBlue: (0x053061, 0x67001f),
    ]
    #expect(map.entries.count == 256)
    #expect(map.color(at: -1) == ends[map].map { Color(rgb: $0.0) })
    #expect(map.color(at: 2) == ends[map].map { Color(rgb: $0.1) })
  }

  @Test(arguments: [ColorMap.viridis, .magma, .plasma, .inferno, .cividis])
  func sequentialColourMapsGetLighterAllTheWay(map: ColorMap) {
    let luminance = map.entries.map(\.luminance)
    // Rounding to 8 bits allows steps back of about one unit in one channel.
    #expect(zip(luminance, luminance.dropFirst()).allSatisfy { $1 > $0 - 0.004 })
    #expect(luminance[255] > luminance[0] + 0.5)
  }
}

@Suite struct NormalizationTests {
  @Test(arguments: [
    ScaleKind.linear, .logarithmic, .symmetricLogarithmic(threshold: 0.01),
  ])
  func fractionAndValueAreInverse(kind: ScaleKind) throws {
    let scale = try Normalization(kind, from: 0.002, to: 800)
    for fraction in [0, 0.1, 0.37, 0.5, 0.99, 1] {
      #expect(abs(scale.fraction(of: scale.value(at: fraction)) - fraction) < 1e-12)
    }
    #expect(scale.fraction(of: .nan).isNaN)
  }

  @Test func symmetricScaleIsOddAboutZero() throws {
    let scale = try Normalization(
      .symmetricLogarithmic(threshold: 0.5), from: -100, to: 100)
    for value in [0.001, 0.5, 3, 99] {
      #expect(abs(scale.fraction(of: value) + scale.fraction(of: -value) - 1) < 1e-12)
    }
  }

  @Test func impossibleRangesAreRefused() {
    for (kind, low, high) in [
      (ScaleKind.linear, 1.0, 1.0), (.linear, 2, 1), (.linear, .nan, 1), (.linear, 0, .infinity),
      (.linear, -1e308, 1e308), (.logarithmic, 0, 1), (.logarithmic, -1, 1),
      (.symmetricLogarithmic(threshold: 0), -1, 1),
    ] {
      #expect(throws: PlottingError.self) { try Normalization(kind, from: low, to: high) }
    }
  }
}
