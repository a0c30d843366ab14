/// Draws one series into a plot.
struct SeriesDrawing {
  let series: Series
  let color: Color
  let x: Normalization
  let y: Normalization
  let plot: Rectangle

  static let bandOpacity = 0.22
  static let fillOpacity = 0.35
  /// Width of error bars, and how far their ends reach to both sides, in points.
  static let barWidth = 0.9
  private static let capReach = 2.2

  /// The series itself, to be clipped to the plot.
  var commands: [DrawCommand] {
    switch series.geometry {
    case .curve(let xs, let ys, let dots, let line):
      band(xs) + curve(xs, ys, dots: dots, line: line)
    case .steps(let edges, let heights, let isFilled):
      steps(edges, heights, isFilled: isFilled)
    }
  }

  /// Crosses on the border for values that have no place: +∞ above, all others below.
  var hiddenPoints: [DrawCommand] {
    let (positions, values): ([Double], [Double])
    switch series.geometry {
    case .curve(let xs, let ys, _, _):
      (positions, values) = (xs, ys)
    case .steps(let edges, let heights, _):
      positions = zip(edges, edges.dropFirst()).map { $0 + ($1 - $0) / 2 }
      values = heights
    }
    return zip(positions, values).flatMap { position, value -> [DrawCommand] in
      // An empty bin of a histogram has no height on a log axis; that is no defect.
      let isHidden = series.isHistogram ? !value.isFinite : !y.kind.transform(value).isFinite
      guard isHidden, x.contains(position) else { return [] }
      let edge = value == .infinity ? plot.y : plot.bottom
      return MarkerShape.cross.commands(
        at: Point(x: plot.x + x.fraction(of: position) * plot.width, y: edge))
    }
  }

  /// A point on the page, `nil` where a coordinate has no place on its axis.
  ///
  /// Far outside the plot the place is limited: the drawing library counts in 1/256 of 2^23.
  private func page(_ xValue: Double, _ yValue: Double) -> Point? {
    let (u, v) = (x.fraction(of: xValue), y.fraction(of: yValue))
    guard u.isFinite, v.isFinite else { return nil }
    func limited(_ fraction: Double) -> Double { min(max(fraction, -40), 41) }
    return Point(
      x: plot.x + limited(u) * plot.width, y: plot.bottom - limited(v) * plot.height)
  }

  private func curve(
    _ xs: [Double], _ ys: [Double], dots: Bool, line: Bool
  ) -> [DrawCommand] {
    var runs: [[Point]] = [[]]
    for (xValue, yValue) in zip(xs, ys) {
      if let point = page(xValue, yValue) {
        runs[runs.count - 1].append(point)
      } else if !(runs.last?.isEmpty ?? true) {
        runs.append([])
      }
    }
    var commands: [DrawCommand] = []
    if line {
      let lines = runs.filter { $0.count > 1 }.map { Polyline(points: $0) }
      if !lines.isEmpty {
        commands.append(
          .stroke(
            Path(lines),
            Stroke(
              color: color, width: series.width,
              dash: series.dash.lengths(width: series.width))))
      }
    }
    // A single point between gaps would vanish without a dot.
    let dotted = dots ? runs.flatMap(\.self) : runs.filter { $0.count == 1 }.flatMap(\.self)
    commands += dotted.map { .fill(Path(circleAt: $0, radius: 1.1 + series.width / 2), color) }
    return commands
  }

  private func band(_ xs: [Double]) -> [DrawCommand] {
    guard let band = series.band else { return [] }
    return band.style == .area ? area(band, xs) : bars(band, xs)
  }

  /// On a log axis a lower bound ≤ 0 means: down to the end of the axis.
  private func shownLower(_ value: Double) -> Double {
    y.kind == .logarithmic ? max(value, y.lower) : value
  }

  private func area(_ band: Series.Band, _ xs: [Double]) -> [DrawCommand] {
    var polygons: [Polyline] = []
    var (below, above): ([Point], [Point]) = ([], [])
    func close() {
      if below.count > 1 {
        polygons.append(Polyline(points: below + above.reversed(), isClosed: true))
      }
      (below, above) = ([], [])
    }
    for (index, xValue) in xs.enumerated() {
      if let lower = page(xValue, shownLower(band.lower[index])),
        let upper = page(xValue, band.upper[index])
      {
        below.append(lower)
        above.append(upper)
      } else {
        close()
      }
    }
    close()
    return polygons.map { .fill(Path([$0]), color.withAlpha(Self.bandOpacity)) }
  }

  /// Upright lines with a cross stroke at both ends.
  private func bars(_ band: Series.Band, _ xs: [Double]) -> [DrawCommand] {
    let lines = xs.indices.flatMap { index -> [Polyline] in
      guard let lower = page(xs[index], shownLower(band.lower[index])),
        let upper = page(xs[index], band.upper[index])
      else { return [] }
      func end(_ point: Point) -> Polyline {
        Polyline(points: [
          point.offset(x: -Self.capReach, y: 0), point.offset(x: Self.capReach, y: 0),
        ])
      }
      return [Polyline(points: [lower, upper]), end(lower), end(upper)]
    }
    return lines.isEmpty
      ? [] : [.stroke(Path(lines), Stroke(color: color, width: Self.barWidth))]
  }

  private func steps(
    _ edges: [Double], _ heights: [Double], isFilled: Bool
  ) -> [DrawCommand] {
    var outline: [Point] = []
    let floor = plot.bottom
    for (index, height) in heights.enumerated() {
      guard let left = page(edges[index], y.lower), let right = page(edges[index + 1], y.lower)
      else { continue }
      // No bar for an empty bin on a log axis and for a height that is not finite.
      let top = page(edges[index], height)?.y ?? floor
      outline += [Point(x: left.x, y: top), Point(x: right.x, y: top)]
    }
    guard let first = outline.first, let last = outline.last else { return [] }
    let base = y.kind == .logarithmic ? floor : page(edges[0], 0)?.y ?? floor
    let closed =
      [Point(x: first.x, y: base)] + outline + [Point(x: last.x, y: base)]
    let line = DrawCommand.stroke(
      Path([Polyline(points: closed)]), Stroke(color: color, width: series.width))
    guard isFilled else { return [line] }
    return [.fill(Path(polygon: closed), color.withAlpha(Self.fillOpacity)), line]
  }
}
