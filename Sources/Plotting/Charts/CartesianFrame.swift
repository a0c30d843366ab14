/// A rectangular plot with an x axis below, a y axis on the left and maybe another on the right.
struct CartesianFrame {
  let x: AxisLayout
  let left: AxisLayout
  let right: AxisLayout?
  /// Whether tick labels and titles of the shared axes are written (ticks always are).
  var labels = AxisVisibility()
  /// Colours of the numbers and titles of the two y axes.
  var leftColor = Color.ink
  var rightColor = Color.ink

  static let tickLength = 3.0
  static let minorTickLength = 1.8
  static let tickGap = 2.5
  static let titleGap = 4.0

  /// Where a value pair lies on the page.
  func point(_ xValue: Double, _ yValue: Double, in plot: Rectangle) -> Point {
    Point(
      x: plot.x + x.normalization.fraction(of: xValue) * plot.width,
      y: plot.bottom - left.normalization.fraction(of: yValue) * plot.height)
  }

  func edges(plot: Size, measure: some TextMeasure) -> Edges {
    let title = Self.titleGap + Font.axisLabel.ascent + Font.axisLabel.descent
    let halfLabel = Font.tickLabel.capHeight / 2
    var edges = Edges(
      left: Self.tickLength, right: 1, top: halfLabel, bottom: Self.tickLength)
    if labels.x {
      let overhang = x.overhang(length: plot.width, measure: measure)
      edges.left = max(edges.left, overhang.lower)
      edges.right = max(edges.right, overhang.upper)
      edges.bottom += Self.tickGap + Font.tickLabel.ascent
      if !x.label.isEmpty { edges.bottom += title }
    }
    if labels.y {
      let width =
        Self.tickLength + Self.tickGap + left.widestLabel(measure)
        + (left.label.isEmpty ? 0 : title)
      edges.left = max(edges.left, width)
    }
    if let right {
      let width =
        Self.tickLength + Self.tickGap + right.widestLabel(measure)
        + (right.label.isEmpty ? 0 : title)
      edges.right = max(edges.right, width)
    }
    return edges
  }

  /// Light lines at the labelled ticks, to be drawn under the data.
  func gridLines(in plot: Rectangle) -> [DrawCommand] {
    let vertical = x.ticks.major.map { tick in
      let position = plot.x + x.normalization.fraction(of: tick.value) * plot.width
      return Polyline(points: [
        Point(x: position, y: plot.y), Point(x: position, y: plot.bottom),
      ])
    }
    let horizontal = left.ticks.major.map { tick in
      let position = plot.bottom - left.normalization.fraction(of: tick.value) * plot.height
      return Polyline(points: [
        Point(x: plot.x, y: position), Point(x: plot.right, y: position),
      ])
    }
    return [.stroke(Path(vertical + horizontal), .grid)]
  }

  /// The box, ticks, tick labels and axis titles.
  func commands(in plot: Rectangle, measure: some TextMeasure) -> [DrawCommand] {
    var commands: [DrawCommand] = []
    commands += ticks(x, length: plot.width) { position, outward in
      Point(x: plot.x + position, y: plot.bottom + outward)
    }
    commands += ticks(left, length: plot.height) { position, outward in
      Point(x: plot.x - outward, y: plot.bottom - position)
    }
    if let right {
      commands += ticks(right, length: plot.height) { position, outward in
        Point(x: plot.right + outward, y: plot.bottom - position)
      }
    }
    commands.append(.stroke(Path(plot), .axis))
    if labels.x { commands += xLabels(in: plot, measure: measure) }
    if labels.y {
      commands += sideLabels(
        left, edge: plot.x, direction: -1, color: leftColor, in: plot, measure: measure)
    }
    if let right {
      commands += sideLabels(
        right, edge: plot.right, direction: 1, color: rightColor, in: plot, measure: measure)
    }
    return commands
  }

  private func ticks(
    _ axis: AxisLayout, length: Double, place: (Double, Double) -> Point
  ) -> [DrawCommand] {
    func marks(_ values: [Double], _ size: Double) -> Path {
      Path(
        values.filter(axis.normalization.contains).map { value in
          let position = axis.normalization.fraction(of: value) * length
          return Polyline(points: [place(position, 0), place(position, size)])
        })
    }
    let major = marks(axis.ticks.major.map(\.value), Self.tickLength)
    let minor = marks(axis.ticks.minor, Self.minorTickLength)
    return [.stroke(major, .axis)]
      + (minor.polylines.isEmpty ? [] : [.stroke(minor, .minorTick)])
  }

  private func xLabels(in plot: Rectangle, measure: some TextMeasure) -> [DrawCommand] {
    let top = plot.bottom + Self.tickLength + Self.tickGap
    var commands: [DrawCommand] = x.ticks.major.map { tick in
      let position = plot.x + x.normalization.fraction(of: tick.value) * plot.width
      return .text(
        measure.run(
          tick.label, font: .tickLabel, at: Point(x: position, y: top), .center, .top))
    }
    if !x.label.isEmpty {
      let baseline =
        top + Font.tickLabel.ascent + Self.titleGap + Font.axisLabel.ascent
      commands.append(
        .text(
          measure.run(
            x.label, font: .axisLabel, at: Point(x: plot.center.x, y: baseline), .center,
            .baseline)))
    }
    return commands
  }

  private func sideLabels(
    _ axis: AxisLayout, edge: Double, direction: Double, color: Color, in plot: Rectangle,
    measure: some TextMeasure
  ) -> [DrawCommand] {
    let offset = Self.tickLength + Self.tickGap
    // Numbers line up at their right end on both sides.
    let anchor = direction < 0 ? edge - offset : edge + offset + axis.widestLabel(measure)
    var commands: [DrawCommand] = axis.ticks.major.map { tick in
      let position = plot.bottom - axis.normalization.fraction(of: tick.value) * plot.height
      return .text(
        measure.run(
          tick.label, font: .tickLabel, at: Point(x: anchor, y: position), .right, .middle,
          color: color))
    }
    if !axis.label.isEmpty {
      let distance =
        offset + axis.widestLabel(measure) + Self.titleGap + Font.axisLabel.ascent
        - Font.axisLabel.capHeight / 2
      commands.append(
        .text(
          measure.run(
            axis.label, font: .axisLabel,
            center: Point(x: edge + direction * distance, y: plot.center.y),
            rotation: -.pi / 2, color: color)))
    }
    return commands
  }
}

/// Which of the axes that panels may share carry numbers and titles.
struct AxisVisibility: Equatable {
  var x = true
  var y = true
}
