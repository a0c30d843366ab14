internal import Foundation

enum HorizontalAlignment { case left, center, right }

enum VerticalAlignment {
  /// The given y is the top of the capitals.
  case top
  /// The given y is the middle of the capitals.
  case middle
  case baseline
}

extension TextMeasure {
  /// An upright text aligned at `point`.
  func run(
    _ text: String, font: Font, at point: Point, _ horizontal: HorizontalAlignment,
    _ vertical: VerticalAlignment, color: Color = .ink
  ) -> TextRun {
    let width = width(of: text, font: font)
    let x =
      switch horizontal {
      case .left: point.x
      case .center: point.x - width / 2
      case .right: point.x - width
      }
    let y =
      switch vertical {
      case .top: point.y + font.capHeight
      case .middle: point.y + font.capHeight / 2
      case .baseline: point.y
      }
    return TextRun(
      text: text, font: font, color: color, origin: Point(x: x, y: y), rotation: 0, width: width)
  }

  /// A text turned by `rotation` (clockwise) whose middle is at `center`.
  func run(
    _ text: String, font: Font, center: Point, rotation: Double, color: Color = .ink
  ) -> TextRun {
    let width = width(of: text, font: font)
    let (cosine, sine) = (cos(rotation), sin(rotation))
    let (dx, dy) = (-width / 2, font.capHeight / 2)
    return TextRun(
      text: text, font: font, color: color,
      origin: Point(
        x: center.x + dx * cosine - dy * sine, y: center.y + dx * sine + dy * cosine),
      rotation: rotation, width: width)
  }
}
