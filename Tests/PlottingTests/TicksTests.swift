import Testing

@testable import Plotting

@Suite struct TicksTests {
  private func labels(
    _ kind: ScaleKind, _ lower: Double, _ upper: Double, _ maximum: Int
  ) throws -> [String] {
    Ticks(try Normalization(kind, from: lower, to: upper), maximumCount: maximum)
      .major.map(\.label)
  }

  @Test(arguments: [
    (-1.0, 1.0, 5, ["−1.0", "−0.5", "0", "0.5", "1.0"]),
    (-1, 1, 9, ["−1.00", "−0.75", "−0.50", "−0.25", "0", "0.25", "0.50", "0.75", "1.00"]),
    (0, 100, 6, ["0", "20", "40", "60", "80", "100"]),
    (0.13, 0.87, 4, ["0.2", "0.4", "0.6", "0.8"]), (0, 0.3, 4, ["0", "0.1", "0.2", "0.3"]),
    (-7, -3, 5, ["−7", "−6", "−5", "−4", "−3"]), (0, 30_000, 4, ["0", "10000", "20000", "30000"]),
  ])
  func linearTicks(lower: Double, upper: Double, maximum: Int, expected: [String]) throws {
    #expect(try labels(.linear, lower, upper, maximum) == expected)
  }

  @Test(arguments: [
    (0.0, 2.7e5, 6, 5, ["0", "0.5", "1.0", "1.5", "2.0", "2.5"]),
    (0, 4e-7, 5, -7, ["0", "1", "2", "3", "4"]),
    (-2e10, 2e10, 5, 10, ["−2", "−1", "0", "1", "2"]),
  ])
  func largeAndSmallNumbersShareAPowerOfTen(
    lower: Double, upper: Double, maximum: Int, exponent: Int, expected: [String]
  ) throws {
    let ticks = Ticks(
      try Normalization(.linear, from: lower, to: upper), maximumCount: maximum)
    #expect(ticks.exponent == exponent && ticks.major.map(\.label) == expected)
    let axis = AxisLayout(
      label: "count", normalization: try Normalization(.linear, from: lower, to: upper),
      length: 200, isHorizontal: false, measure: FixedWidthMeasure())
    #expect(axis.label == "count (×\(NumberFormat.power(exponent)))")
  }

  @Test(arguments: [
    (0.002, 1000.0, 8, ["0.01", "0.1", "1", "10", "100", "1000"]),
    (0.0003, 1000, 4, ["0.01", "1", "100"]),
    (1e-6, 1, 4, ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]),
    (0.5, 20, 9, ["0.5", "1", "2", "5", "10", "20"]), (2, 8, 4, ["2", "4", "6", "8"]),
    (1e3, 1e8, 9, ["10³", "10⁴", "10⁵", "10⁶", "10⁷", "10⁸"]),
  ])
  func logarithmicTicks(lower: Double, upper: Double, maximum: Int, expected: [String]) throws {
    #expect(try labels(.logarithmic, lower, upper, maximum) == expected)
  }

  @Test func logarithmicScalesHaveMinorTicksAtTheOtherDigits() throws {
    let ticks = Ticks(try Normalization(.logarithmic, from: 1, to: 1000), maximumCount: 9)
    #expect(ticks.minor.prefix(9) == [2, 3, 4, 5, 6, 7, 8, 9, 20])
    #expect(ticks.minor.count == 24)
  }

  @Test func symmetricTicksMirror() throws {
    #expect(
      try labels(.symmetricLogarithmic(threshold: 1), -100, 100, 9)
        == ["−100", "−10", "−1", "0", "1", "10", "100"])
  }

  @Test(arguments: [1, 2, 3, 5, 9])
  func ticksStayWithinTheScaleAndTheCount(maximum: Int) throws {
    for (low, high) in [
      (0.1, 0.2), (-3.3, 17), (1e-9, 2e-9), (1e15, 1e15 + 4), (0.001, 1e7), (999.9, 1000.1),
    ] {
      for kind in [ScaleKind.linear, .logarithmic, .symmetricLogarithmic(threshold: 0.5)] {
        if kind == .logarithmic, low <= 0 { continue }
        let scale = try Normalization(kind, from: low, to: high)
        let ticks = Ticks(scale, maximumCount: maximum)
        let slack = 1e-8 * (high - low)
        #expect(
          ticks.major.allSatisfy { $0.value >= low - slack && $0.value <= high + slack },
          "\(kind) \(low) \(high)")
        #expect(ticks.major.count <= max(maximum, 2), "\(kind) \(low) \(high)")
        #expect(
          Set(ticks.major.map(\.label)).count == ticks.major.count, "\(kind) \(low) \(high)")
      }
    }
  }

  @Test func ticksOfBandsLieOnBandLimits() throws {
    let levels = (-7...7).map { Double($0) / 5 }
    let ticks = try #require(Ticks(levels: levels, maximumCount: 8))
    #expect(ticks.major.map(\.label) == ["−1.2", "−0.8", "−0.4", "0", "0.4", "0.8", "1.2"])
    #expect(ticks.minor.count == 8)
    #expect(Ticks(levels: [1, 3, 10, 30, 100], maximumCount: 8) == nil)
  }

  @Test(arguments: [40.0, 80, 150, 300])
  func labelsOfAnAxisNeverTouch(length: Double) throws {
    for (low, high) in [(-1.0, 1.0), (0, 12_345), (0.001, 0.0017), (-2e5, 3e5)] {
      let axis = AxisLayout(
        label: "", normalization: try Normalization(.linear, from: low, to: high),
        length: length, isHorizontal: true, measure: FixedWidthMeasure())
      var end = -Double.infinity
      guard axis.ticks.major.count > 1 else { continue }
      for tick in axis.ticks.major {
        let center = axis.normalization.fraction(of: tick.value) * length
        let half = FixedWidthMeasure().width(of: tick.label, font: .tickLabel) / 2
        #expect(center - half > end)
        end = center + half
      }
    }
  }

  @Test(arguments: [
    (0.0, "0"), (0.005, "0.005"), (120, "120"), (-2.5, "−2.5"), (2.5e-7, "2.5×10⁻⁷"),
    (1e6, "10⁶"), (-1e6, "−10⁶"), (10_000, "10⁴"), (20_000, "20000"), (0.0001, "10⁻⁴"),
    (0.001, "0.001"), (0.0003, "0.0003"), (1.0 / 3, "0.3333"),
    (.nan, "NaN"), (.infinity, "∞"), (-.infinity, "−∞"), (99_999.9, "10⁵"),
  ])
  func generalNumbers(value: Double, expected: String) {
    #expect(NumberFormat.general(value) == expected)
  }

  @Test func roundedNegativeZeroHasNoSign() {
    #expect(NumberFormat.fixed(-0.001, decimals: 2) == "0.00")
    #expect(NumberFormat.fixed(-0.5, decimals: 1) == "−0.5")
  }
}
