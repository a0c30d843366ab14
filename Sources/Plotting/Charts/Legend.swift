/// One line of a legend: a sample of what is drawn and its name.
struct LegendEntry: Sendable, Equatable {
  enum Symbol: Sendable, Equatable {
    case line(Stroke)
    case area(Color, border: Stroke?)
    case marker(MarkerShape)
    case dots(Color)
    case errorBar(Stroke)
    case rug(Stroke)
    case nonFiniteCell
    case nonFinitePoint
  }

  let name: String
  let symbol: Symbol

  static let nonFiniteCell = LegendEntry(name: "not finite", symbol: .nonFiniteCell)
  static let openCell = LegendEntry(
    name: "not finite: surface left open, floor hatched", symbol: .nonFiniteCell)
  static let nonFinitePoint = LegendEntry(
    name: "cannot be shown (not finite, or ≤ 0 on a log axis)", symbol: .nonFinitePoint)
}

/// Entries side by side, broken into rows that fit a width.
struct Legend {
  let entries: [LegendEntry]

  private static let symbolWidth = 16.0
  private static let symbolGap = 4.0
  private static let entryGap = 14.0
  static let rowHeight = 12.0

  /// As few rows as the width allows, about equally long.
  func rows(width: Double, measure: some TextMeasure) -> [[LegendEntry]] {
    let widest = filled(width: width, measure: measure)
    guard widest.count > 1 else { return widest }
    var narrow = width
    var best = widest
    while narrow > width / 2 {
      narrow -= 4
      let candidate = filled(width: narrow, measure: measure)
      if candidate.count > widest.count { break }
      best = candidate
    }
    return best
  }

  private func filled(width: Double, measure: some TextMeasure) -> [[LegendEntry]] {
    var rows: [[LegendEntry]] = []
    var used = 0.0
    for entry in entries {
      let needed = Self.width(of: entry, measure)
      if var last = rows.popLast() {
        if used + Self.entryGap + needed <= width {
          last.append(entry)
          used += Self.entryGap + needed
          rows.append(last)
          continue
        }
        rows.append(last)
      }
      rows.append([entry])
      used = needed
    }
    return rows
  }

  func height(width: Double, measure: some TextMeasure) -> Double {
    Double(rows(width: width, measure: measure).count) * Self.rowHeight
  }

  /// The rows, each centred between `left` and `left + width`, from `top` down.
  func commands(
    left: Double, top: Double, width: Double, measure: some TextMeasure
  ) -> [DrawCommand] {
    var commands: [DrawCommand] = []
    for (index, row) in rows(width: width, measure: measure).enumerated() {
      let total =
        row.reduce(0) { $0 + Self.width(of: $1, measure) }
        + Self.entryGap * Double(row.count - 1)
      var x = left + max(0, (width - total) / 2)
      let y = top + (Double(index) + 0.5) * Self.rowHeight
      for entry in row {
        commands += Self.symbol(
          entry.symbol,
          in: Rectangle(x: x, y: y - 3.5, width: Self.symbolWidth, height: 7))
        commands.append(
          .text(
            measure.run(
              entry.name, font: .legend,
              at: Point(x: x + Self.symbolWidth + Self.symbolGap, y: y), .left, .middle)))
        x += Self.width(of: entry, measure) + Self.entryGap
      }
    }
    return commands
  }

  private static func width(of entry: LegendEntry, _ measure: some TextMeasure) -> Double {
    symbolWidth + symbolGap + measure.width(of: entry.name, font: .legend)
  }

  private static func symbol(
    _ symbol: LegendEntry.Symbol, in box: Rectangle
  ) -> [DrawCommand] {
    let middle = box.center
    switch symbol {
    case .line(let stroke):
      return [
        .stroke(
          Path(line: Point(x: box.x, y: middle.y), Point(x: box.right, y: middle.y)), stroke)
      ]
    case .area(let color, let border):
      return [.fill(Path(box), color)] + (border.map { [.stroke(Path(box), $0)] } ?? [])
    case .marker(let shape):
      return shape.commands(at: middle)
    case .dots(let color):
      return [0.2, 0.5, 0.8].map { fraction in
        .fill(
          Path(circleAt: Point(x: box.x + fraction * box.width, y: middle.y), radius: 1.6), color)
      }
    case .errorBar(let stroke):
      let ends = [box.y, box.bottom].map {
        Polyline(points: [Point(x: middle.x - 2.2, y: $0), Point(x: middle.x + 2.2, y: $0)])
      }
      let bar = Polyline(points: [
        Point(x: middle.x, y: box.y), Point(x: middle.x, y: box.bottom),
      ])
      return [.stroke(Path([bar] + ends), stroke)]
    case .rug(let stroke):
      return [
        .stroke(
          Path(
            [0.2, 0.35, 0.6, 0.85].map { fraction in
              let x = box.x + fraction * box.width
              return Polyline(points: [Point(x: x, y: box.y), Point(x: x, y: box.bottom)])
            }), stroke)
      ]
    case .nonFiniteCell:
      return Hatch.commands(over: Path(box)) + [.stroke(Path(box), .minorTick)]
    case .nonFinitePoint:
      return MarkerShape.cross.commands(at: middle)
    }
  }
}
