internal import Foundation

/// Places numbers on contour lines and opens the lines behind them.
struct ContourLabels {
  /// A contour line on the page.
  struct Line {
    let level: Double
    let polyline: Polyline
  }

  /// A placed label: its box is centred and turned along the line.
  struct Label: Equatable {
    let text: String
    let level: Double
    let center: Point
    /// Clockwise, within a quarter turn either way so that the text is upright.
    let rotation: Double
    let width: Double
  }

  let labels: [Label]
  /// The lines with gaps where the labels stand, in the order of the input.
  let lines: [Line]

  /// Room left between a label and other lines or labels, in points.
  private static let clearance = 1.5

  /// Labels as many lines as have a straight, free stretch; a line gets one label.
  ///
  /// - Parameters:
  ///   - lines: contour lines in page coordinates.
  ///   - plot: the rectangle that labels stay inside.
  ///   - obstacles: points (with radius) that labels keep clear of, such as markers.
  ///   - measure: the width of text.
  init(
    lines: [Line], in plot: Rectangle, obstacles: [(center: Point, radius: Double)],
    measure: some TextMeasure
  ) {
    let font = Font.contourLabel
    let samples = SampleIndex(lines: lines.map(\.polyline))
    var placed: [Label] = []
    var cuts: [Int: ClosedRange<Double>] = [:]
    // Long lines first: they have most room to give way.
    let lengths = lines.map { ArcLength($0.polyline) }
    let order = lines.indices.sorted { (lengths[$0].total, $1) > (lengths[$1].total, $0) }
    for index in order {
      let text = NumberFormat.general(lines[index].level, digits: 3)
      let width = measure.width(of: text, font: font)
      let gap = width + 2 * Self.clearance
      let arc = lengths[index]
      guard arc.total > 2.2 * gap else { continue }
      var best: (label: Label, position: Double, score: Double)?
      let margin = lines[index].polyline.isClosed ? 0 : gap / 2
      for position in stride(from: margin + gap / 2, through: arc.total - gap / 2 - margin, by: 3) {
        let (from, to) = (arc.point(at: position - gap / 2), arc.point(at: position + gap / 2))
        let straightness = from.distance(to: to) / gap
        guard straightness > 0.93 else { continue }
        var rotation = atan2(to.y - from.y, to.x - from.x)
        if rotation > .pi / 2 { rotation -= .pi }
        if rotation <= -.pi / 2 { rotation += .pi }
        // The middle of the chord follows a bend better than the point on the line.
        let middle = from.interpolated(to: to, at: 0.5)
        let onLine = arc.point(at: position)
        let label = Label(
          text: text, level: lines[index].level,
          center: middle.interpolated(to: onLine, at: 0.5), rotation: rotation, width: width)
        let box = OrientedBox(label, height: font.capHeight, margin: Self.clearance)
        guard
          box.bounds.x > plot.x + 2, box.bounds.right < plot.right - 2,
          box.bounds.y > plot.y + 2, box.bounds.bottom < plot.bottom - 2,
          !obstacles.contains(where: { box.distance(to: $0.center) < $0.radius + 2 }),
          !placed.contains(where: { other in
            box.isNear(
              OrientedBox(other, height: font.capHeight, margin: Self.clearance), by: 3)
          }),
          !samples.hasPoint(in: box, excluding: index)
        else { continue }
        // Flat text reads best; among equals, the straightest stretch.
        let score = straightness - 0.15 * abs(rotation) / (.pi / 2)
        if best.map({ score > $0.score }) ?? true { best = (label, position, score) }
      }
      if let best {
        placed.append(best.label)
        cuts[index] = (best.position - gap / 2)...(best.position + gap / 2)
      }
    }
    labels = placed
    self.lines = lines.indices.flatMap { index -> [Line] in
      guard let cut = cuts[index] else { return [lines[index]] }
      return lengths[index].removing(cut).map { Line(level: lines[index].level, polyline: $0) }
    }
  }
}

/// A polyline with the distance along it.
private struct ArcLength {
  let points: [Point]
  let isClosed: Bool
  let cumulative: [Double]
  var total: Double { cumulative.last ?? 0 }

  init(_ polyline: Polyline) {
    let points = polyline.closedPoints
    var sum = 0.0
    cumulative = points.indices.map { index in
      if index > 0 { sum += points[index].distance(to: points[index - 1]) }
      return sum
    }
    self.points = points
    isClosed = polyline.isClosed
  }

  /// The index of the first vertex at or beyond `distance`, at least 1.
  private func upperIndex(_ distance: Double) -> Int {
    var (low, high) = (1, max(points.count - 1, 1))
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] < distance { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func point(at distance: Double) -> Point {
    guard points.count > 1 else { return points.first ?? Point(x: 0, y: 0) }
    let upper = upperIndex(distance)
    let length = cumulative[upper] - cumulative[upper - 1]
    guard length > 0 else { return points[upper] }
    return points[upper - 1].interpolated(
      to: points[upper],
      at: min(max((distance - cumulative[upper - 1]) / length, 0), 1))
  }

  /// What remains of the line: its beginning and its end, joined where the line was closed.
  func removing(_ range: ClosedRange<Double>) -> [Polyline] {
    let before = points.indices.filter { cumulative[$0] < range.lowerBound }.map { points[$0] }
    let after = points.indices.filter { cumulative[$0] > range.upperBound }.map { points[$0] }
    let head = before + [point(at: range.lowerBound)]
    let tail = [point(at: range.upperBound)] + after
    return isClosed
      ? [Polyline(points: tail + head.dropFirst())]
      : [Polyline(points: head), Polyline(points: tail)]
  }
}

/// A turned rectangle.
private struct OrientedBox {
  let center: Point
  let cosine: Double
  let sine: Double
  let halfWidth: Double
  let halfHeight: Double

  init(_ label: ContourLabels.Label, height: Double, margin: Double) {
    center = label.center
    cosine = cos(label.rotation)
    sine = sin(label.rotation)
    halfWidth = label.width / 2 + margin
    halfHeight = height / 2 + margin
  }

  private func local(_ point: Point) -> Point {
    let (dx, dy) = (point.x - center.x, point.y - center.y)
    return Point(
      x: dx * cosine + dy * sine, y: dy * cosine - dx * sine)
  }

  func distance(to point: Point) -> Double {
    let local = local(point)
    return hypot(max(abs(local.x) - halfWidth, 0), max(abs(local.y) - halfHeight, 0))
  }

  var corners: [Point] {
    [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].map { sx, sy in
      let (x, y) = (sx * halfWidth, sy * halfHeight)
      return Point(
        x: center.x + x * cosine - y * sine,
        y: center.y + x * sine + y * cosine)
    }
  }

  var bounds: Rectangle { Rectangle(enclosing: corners) }

  /// Whether the boxes come closer than about `gap`: separating-axis test on both boxes' axes.
  func isNear(_ other: OrientedBox, by gap: Double) -> Bool {
    for (a, b) in [(self, other), (other, self)] {
      let local = Rectangle(enclosing: b.corners.map(a.local))
      let own = Rectangle(
        x: -a.halfWidth, y: -a.halfHeight, width: 2 * a.halfWidth, height: 2 * a.halfHeight)
      if !own.grown(by: gap).intersects(local) { return false }
    }
    return true
  }
}

/// Points along all lines, found by place.
private struct SampleIndex {
  private struct Sample {
    let point: Point
    let line: Int
  }

  private struct Bucket: Hashable {
    let x: Int
    let y: Int
  }

  private static let bucketSize = 8.0
  private var buckets: [Bucket: [Sample]] = [:]

  init(lines: [Polyline]) {
    for (index, line) in lines.enumerated() {
      let points = line.closedPoints
      for (from, to) in zip(points, points.dropFirst()) {
        let count = max(1, Int(min(from.distance(to: to), 1e4).rounded(.up)))
        for step in 0..<count {
          let point = from.interpolated(to: to, at: Double(step) / Double(count))
          buckets[Self.bucket(point), default: []].append(Sample(point: point, line: index))
        }
      }
    }
  }

  func hasPoint(in box: OrientedBox, excluding line: Int) -> Bool {
    let bounds = box.bounds
    let low = Self.bucket(Point(x: bounds.x, y: bounds.y))
    let high = Self.bucket(Point(x: bounds.right, y: bounds.bottom))
    for x in low.x...high.x {
      for y in low.y...high.y {
        for sample in buckets[Bucket(x: x, y: y)] ?? [] where sample.line != line {
          if box.distance(to: sample.point) < 0.5 { return true }
        }
      }
    }
    return false
  }

  private static func bucket(_ point: Point) -> Bucket {
    Bucket(
      x: Int((point.x / bucketSize).rounded(.down)), y: Int((point.y / bucketSize).rounded(.down)))
  }
}
