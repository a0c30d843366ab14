/// The key from colours to values, beside the panels that share its scale.
package struct ColorBar: Sendable, Equatable {
  package var scale: ColorScale
  package var label: String
  /// Bands between levels, as in filled contours, or a continuous run of colours.
  package var isBanded: Bool

  package init(scale: ColorScale, label: String, isBanded: Bool = false) {
    self.scale = scale
    self.label = label
    self.isBanded = isBanded
  }

  static let gap = 12.0
  static let width = 10.0
  private static let arrow = 9.0

  private func axis(height: Double, measure: some TextMeasure) -> AxisLayout {
    let normalization = scale.normalization
    let levels = scale.levels.values
    let layout = AxisLayout(
      label: label, normalization: normalization, length: height, isHorizontal: false,
      levels: isBanded && normalization.kind == .linear ? levels : [], measure: measure)
    return isBanded ? layout.withMinorTicks(at: levels) : layout
  }

  /// The width of bar, ticks, numbers and title, without the gap on its left.
  func totalWidth(height: Double, measure: some TextMeasure) -> Double {
    let axis = axis(height: height, measure: measure)
    return Self.width + CartesianFrame.tickLength + CartesianFrame.tickGap
      + axis.widestLabel(measure)
      + (axis.label.isEmpty
        ? 0 : CartesianFrame.titleGap + Font.axisLabel.ascent + Font.axisLabel.descent)
  }

  func commands(in area: Rectangle, measure: some TextMeasure) -> [DrawCommand] {
    var bar = Rectangle(x: area.x, y: area.y, width: Self.width, height: area.height)
    if scale.clipsAbove {
      bar.y += Self.arrow
      bar.height -= Self.arrow
    }
    if scale.clipsBelow { bar.height -= Self.arrow }
    let frame = CartesianFrame(
      x: AxisLayout(label: "", empty: scale.normalization),
      left: AxisLayout(label: "", empty: scale.normalization),
      right: axis(height: bar.height, measure: measure),
      labels: AxisVisibility(x: false, y: false))
    return [.clipped(to: Path(bar), commands: fills(in: bar))] + arrows(bar)
      + frame.commands(in: bar, measure: measure)
  }

  /// Each strip reaches down under the next one, painted later: no gaps show between them.
  private func fills(in bar: Rectangle) -> [DrawCommand] {
    func strip(_ low: Double, _ high: Double, _ color: Color) -> DrawCommand {
      let bottom = bar.bottom - low * bar.height
      return .fill(
        Path(
          Rectangle(
            x: bar.x, y: bar.y - 1, width: bar.width, height: bottom - bar.y + 1)), color)
    }
    guard isBanded else {
      let count = 256
      return (0..<count).map { index in
        let low = Double(index) / Double(count)
        return strip(
          low, low + 1 / Double(count),
          scale.map.color(at: Double(index) / Double(count - 1)))
      }
    }
    let fractions = scale.levels.values.map(scale.normalization.fraction)
    return zip(fractions, fractions.dropFirst()).enumerated().map { index, pair in
      strip(pair.0, pair.1, scale.bandColor(index))
    }
  }

  private func arrows(_ bar: Rectangle) -> [DrawCommand] {
    func triangle(base: Double, tip: Double, _ color: Color) -> [DrawCommand] {
      let path = Path(polygon: [
        Point(x: bar.x, y: base), Point(x: bar.right, y: base), Point(x: bar.center.x, y: tip),
      ])
      return [.fill(path, color), .stroke(path, .axis)]
    }
    var commands: [DrawCommand] = []
    if scale.clipsAbove {
      commands += triangle(base: bar.y, tip: bar.y - Self.arrow + 1, scale.map.color(at: 1))
    }
    if scale.clipsBelow {
      commands += triangle(
        base: bar.bottom, tip: bar.bottom + Self.arrow - 1, scale.map.color(at: 0))
    }
    return commands
  }
}

extension AxisLayout {
  /// An axis that shows nothing.
  init(label: String, empty normalization: Normalization) {
    self.label = label
    self.normalization = normalization
    ticks = Ticks(major: [])
  }

  private init(label: String, normalization: Normalization, ticks: Ticks) {
    self.label = label
    self.normalization = normalization
    self.ticks = ticks
  }

  func withMinorTicks(at values: [Double]) -> AxisLayout {
    let labelled = Set(ticks.major.map(\.value))
    return AxisLayout(
      label: label, normalization: normalization,
      ticks: Ticks(
        major: ticks.major, minor: values.filter { !labelled.contains($0) },
        exponent: ticks.exponent))
  }
}
