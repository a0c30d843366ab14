/// What an axis shows and how, as the maker of a chart says it.
package struct Axis: Sendable, Equatable {
  package var label: String
  package var kind: ScaleKind
  /// `nil`: from the data.
  package var range: ClosedRange<Double>?
  /// Names at values, as of categories; empty for round numbers.
  package var names: [Tick]

  package init(
    _ label: String, kind: ScaleKind = .linear, range: ClosedRange<Double>? = nil,
    names: [Tick] = []
  ) {
    self.label = label
    self.kind = kind
    self.range = range
    self.names = names
  }
}

/// An axis with its range and ticks settled for one length on the page.
struct AxisLayout: Equatable {
  /// The title, with the power of ten that the numbers leave out.
  let label: String
  let normalization: Normalization
  let ticks: Ticks

  /// The most labelled ticks an axis gets, whatever its length.
  static let mostTicks = 9

  /// Chooses as many ticks as have room without their labels touching.
  ///
  /// `levels` are evenly spaced values to prefer, as of a banded colour bar.
  init(
    label: String, normalization: Normalization, length: Double, isHorizontal: Bool,
    maximumCount: Int = AxisLayout.mostTicks, levels: [Double] = [], measure: some TextMeasure
  ) {
    self.normalization = normalization
    let start = Int(length / (isHorizontal ? 26 : 20))
    var count = min(max(start, 2), maximumCount)
    func choose(_ count: Int) -> Ticks {
      Ticks(levels: levels, maximumCount: count) ?? Ticks(normalization, maximumCount: count)
    }
    var ticks = choose(count)
    while count > 1,
      !Self.fits(ticks, normalization, length, isHorizontal: isHorizontal, measure: measure)
    {
      count -= 1
      ticks = choose(count)
    }
    self.ticks = ticks
    let power = ticks.exponent == 0 ? "" : "(×\(NumberFormat.power(ticks.exponent)))"
    self.label = [label, power].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// An axis with given marks, whether or not their labels touch.
  init(label: String, normalization: Normalization, names: [Tick]) {
    self.label = label
    self.normalization = normalization
    ticks = Ticks(major: names.filter { normalization.contains($0.value) })
  }

  private static func fits(
    _ ticks: Ticks, _ normalization: Normalization, _ length: Double, isHorizontal: Bool,
    measure: some TextMeasure
  ) -> Bool {
    let font = Font.tickLabel
    var end = -Double.infinity
    for tick in ticks.major {
      let center = normalization.fraction(of: tick.value) * length
      let extent =
        isHorizontal ? measure.width(of: tick.label, font: font) : font.capHeight
      guard center - extent / 2 > end + (isHorizontal ? 0.9 : 0.45) * font.size else {
        return false
      }
      end = center + extent / 2
    }
    return true
  }

  func widestLabel(_ measure: some TextMeasure) -> Double {
    ticks.major.map { measure.width(of: $0.label, font: .tickLabel) }.max() ?? 0
  }

  /// How far labels stick out beyond the (lower, upper) end of a horizontal axis.
  func overhang(length: Double, measure: some TextMeasure) -> (lower: Double, upper: Double) {
    var (lower, upper) = (0.0, 0.0)
    for tick in ticks.major {
      let center = normalization.fraction(of: tick.value) * length
      let half = measure.width(of: tick.label, font: .tickLabel) / 2
      lower = max(lower, half - center)
      upper = max(upper, center + half - length)
    }
    return (lower, upper)
  }
}
