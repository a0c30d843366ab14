internal import Foundation

/// How a line is drawn.
package struct Stroke: Sendable, Equatable {
  package var color: Color
  /// Width in points.
  package var width: Double
  /// Lengths of dashes and gaps in points; empty for a solid line.
  package var dash: [Double]

  package init(color: Color, width: Double, dash: [Double] = []) {
    self.color = color
    self.width = width
    self.dash = dash
  }

  static let axis = Stroke(color: .ink, width: 0.7)
  static let minorTick = Stroke(color: .ink, width: 0.5)
  static let grid = Stroke(color: .gridLine, width: 0.5)
}

/// One line of text at a fixed place.
package struct TextRun: Sendable, Equatable {
  package var text: String
  package var font: Font
  package var color: Color
  /// Where the baseline starts.
  package var origin: Point
  /// Turn about the origin in radians, clockwise on the page.
  package var rotation: Double
  /// The measured advance width in points.
  package var width: Double

  /// The smallest upright rectangle that holds the text, from baseline descent to ascent.
  package var bounds: Rectangle {
    let (cosine, sine) = (cos(rotation), sin(rotation))
    let corners = [
      (0, -font.ascent), (width, -font.ascent), (width, font.descent), (0, font.descent),
    ]
    return Rectangle(
      enclosing: corners.map { x, y in
        Point(x: origin.x + x * cosine - y * sine, y: origin.y + x * sine + y * cosine)
      })
  }
}

/// One step of a drawing; coordinates are points on the page, y pointing down.
package indirect enum DrawCommand: Sendable, Equatable {
  /// Paints the inside of a path by the even-odd rule.
  case fill(Path, Color)
  /// Draws along a path with round joins and butt caps.
  case stroke(Path, Stroke)
  case text(TextRun)
  /// Draws `commands` only where they fall inside the path.
  case clipped(to: Path, commands: [DrawCommand])
}

/// A page and what is drawn on it: the whole of a picture as a value.
package struct Drawing: Sendable, Equatable {
  package var size: Size
  package var commands: [DrawCommand]

  /// All text of the drawing in drawing order, also inside clipped parts.
  package var texts: [TextRun] { Self.texts(in: commands) }

  private static func texts(in commands: [DrawCommand]) -> [TextRun] {
    commands.flatMap { command -> [TextRun] in
      switch command {
      case .text(let run): [run]
      case .clipped(_, let inner): texts(in: inner)
      case .fill, .stroke: []
      }
    }
  }
}
