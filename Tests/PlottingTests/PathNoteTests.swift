import Testing

@testable import Plotting

/// Texts beside points of a path.
@Suite struct PathNoteTests {
  private let plot = Rectangle(x: 0, y: 0, width: 200, height: 200)

  private func path(_ points: [(Double, Double)], notes: [Int]) -> MapPath {
    MapPath(
      points: points.map { Point(x: $0.0, y: $0.1) }, label: "path",
      notes: notes.map { MapPath.Note(index: $0, text: "\($0)0") })
  }

  private func placed(_ paths: [MapPath], markers: [Point] = []) -> [PathNote] {
    PathNote.placed(
      paths, markers: markers, in: plot, measure: FixedWidthMeasure(), page: { $0 })
  }

  @Test func notesStandOffPathsMarkersAndEachOther() {
    let corners = (0..<12).map { index -> (Double, Double) in
      (15 + 15 * Double(index), index % 2 == 0 ? 80 : 120)
    }
    let zigzag = path(corners, notes: Array(0..<12))
    let line = path([(10, 100), (190, 100)], notes: [0, 1])
    let markers = [Point(x: 15, y: 80), Point(x: 100, y: 100)]
    let notes = placed([zigzag, line], markers: markers)
    #expect(notes.count >= 8)
    for (index, note) in notes.enumerated() {
      #expect(note.box.corners.allSatisfy(plot.contains))
      for other in notes[..<index] { #expect(!note.box.intersects(other.box)) }
      for point in zigzag.samples({ $0 }) + line.samples({ $0 }) {
        #expect(!note.box.contains(point))
      }
      for marker in markers { #expect(!note.box.contains(marker)) }
      // The text lies in its box.
      #expect(note.run.bounds.x >= note.box.x && note.run.bounds.right <= note.box.right)
    }
  }

  @Test func theMoreImportantNotesComeFirst() {
    // Twenty paths from one point: room for some of their notes.
    let crowd = (0..<20).map { index in
      MapPath(
        points: [Point(x: 100, y: 100)], label: "",
        notes: [MapPath.Note(index: 0, text: "\(index)")])
    }
    let texts = placed(crowd).map(\.run.text)
    #expect(texts.count > 2 && texts.count < 20)
    #expect(texts == (0..<texts.count).map(String.init))
  }

  @Test func pointsNextToEachOtherHaveOneNote() {
    let crowd = path(
      [(100, 100), (104, 100), (150, 100), (149, 104), (108, 108)], notes: [1, 0, 2, 3, 4])
    #expect(placed([crowd]).map(\.run.text) == ["10", "20"])
  }

  @Test func pointsThatAreNotThereHaveNoNote() {
    let odd = path([(.nan, 3), (500, 100), (100, 100)], notes: [0, 1, 2, 7])
    #expect(placed([odd]).map(\.run.text) == ["20"])
  }

  @Test func contourLabelsKeepClearOfNotes() throws {
    var figure = try SampleFigures.landscape(.contour, [("", SampleFigures.ripples())])
    guard case .contour(var chart) = figure.panels[0].chart else {
      Issue.record("a contour chart")
      return
    }
    chart.paths = [
      MapPath(
        points: (0...8).map { Point(x: -0.8 + 0.2 * Double($0), y: 0.1 * Double($0 % 3)) },
        label: "path",
        notes: (0...8).map { MapPath.Note(index: $0, text: "epoch \($0)") })
    ]
    figure.panels[0].chart = .contour(chart)
    let texts = try figure.drawing(measure: FixedWidthMeasure()).texts
    let notes = texts.filter { $0.text.hasPrefix("epoch") }
    let labels = texts.filter { $0.font == .contourLabel }
    #expect(notes.count >= 5 && !labels.isEmpty)
    for note in notes {
      for label in labels { #expect(!note.bounds.contains(label.bounds.center)) }
    }
  }
}
