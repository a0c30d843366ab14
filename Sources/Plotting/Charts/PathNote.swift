/// A text beside a point of a path, where there is room for it.
struct PathNote: Equatable {
  let run: TextRun
  /// The rectangle of the text with a little room around it.
  let box: Rectangle
  /// The point that it belongs to.
  let anchor: Point
  /// The path that this is on.
  let path: Int

  private static let font = Font(size: 6.5, isBold: true)
  private static let margin = 1.2
  /// Points of a path nearer to each other than this have one note: more could not be told apart.
  private static let spacing = 16.0

  /// Places the notes of all paths: first the first of each path, then the second, and so on.
  ///
  /// A note stands around its point, off all paths, markers and other notes; one that finds no such place,
  /// or whose point is next to one of its path that has a note, is left out, and one that says the same as
  /// that of another path beside it: trainings may begin with the same weights.
  ///
  /// - Parameters:
  ///   - paths: The paths with their notes.
  ///   - markers: Marked points on the page.
  ///   - plot: The rectangle that notes stay inside.
  ///   - measure: The width of text.
  ///   - page: Where a point of a path lies on the page.
  /// - Returns: The notes that found a place.
  static func placed(
    _ paths: [MapPath], markers: [Point], in plot: Rectangle, measure: some TextMeasure,
    page: (Point) -> Point
  ) -> [PathNote] {
    let line = paths.flatMap { $0.samples(page) }
    var placed: [PathNote] = []
    for place in 0..<(paths.map(\.notes.count).max() ?? 0) {
      for (index, path) in paths.enumerated() where place < path.notes.count {
        let note = path.notes[place]
        guard path.points.indices.contains(note.index) else { continue }
        let point = path.points[note.index]
        guard point.x.isFinite, point.y.isFinite, plot.contains(page(point)),
          !placed.contains(where: {
            ($0.path == index || $0.run.text == note.text)
              && $0.anchor.distance(to: page(point)) < spacing
          })
        else { continue }
        let text = measure.run(
          note.text, font: font, at: page(point), .left, .baseline,
          color: path.color.scaled(by: 0.75))
        let free = candidates(around: page(point), on: index, for: text).first { candidate in
          candidate.box.corners.allSatisfy(plot.grown(by: -2).contains)
            && !line.contains { candidate.box.grown(by: 1.7).contains($0) }
            && !markers.contains { candidate.box.grown(by: 3).contains($0) }
            && !placed.contains { $0.box.grown(by: 1).intersects(candidate.box) }
        }
        if let free { placed.append(free) }
      }
    }
    return placed
  }

  /// Places around a point, the nearer first.
  private static func candidates(
    around point: Point, on path: Int, for text: TextRun
  ) -> [PathNote] {
    let width = text.width + 2 * margin
    let height = font.capHeight + 2 * margin
    return [4.0, 8, 13].flatMap { distance -> [PathNote] in
      let directions = [(1.0, -1.0), (1, 1), (-1, -1), (-1, 1), (0, -1), (0, 1), (1, 0), (-1, 0)]
      return directions.map { right, down in
        // The nearest corner or side of the box is at the distance.
        let reach = right != 0 && down != 0 ? distance * 0.7 : distance
        let box = Rectangle(
          x: point.x + right * reach + (right - 1) / 2 * width,
          y: point.y + down * reach + (down - 1) / 2 * height, width: width, height: height)
        var run = text
        run.origin = Point(x: box.x + margin, y: box.bottom - margin)
        return PathNote(run: run, box: box, anchor: point, path: path)
      }
    }
  }

  /// Points around the box that other texts keep clear of.
  var outline: [Point] { box.corners + [box.center] }

  var commands: [DrawCommand] {
    [.fill(Path(box), Color(gray: 1, alpha: 0.8)), .text(run)]
  }
}
