/// A size and weight of the one typeface a figure uses (DejaVu Sans).
package struct Font: Sendable, Equatable {
  /// Size in points.
  package var size: Double
  package var isBold: Bool

  package init(size: Double, isBold: Bool = false) {
    self.size = size
    self.isBold = isBold
  }

  static let title = Font(size: 10.5, isBold: true)
  static let panelTitle = Font(size: 9.5)
  static let axisLabel = Font(size: 9)
  static let tickLabel = Font(size: 8)
  static let legend = Font(size: 8)
  static let contourLabel = Font(size: 6.5)
  static let caption = Font(size: 7)

  // Vertical measures of DejaVu Sans; constants, so that lines of text stay aligned whatever
  // letters they hold.

  /// Height of capitals and digits above the baseline.
  var capHeight: Double { 0.73 * size }
  /// Room above the baseline for superscripts, accents and parentheses.
  var ascent: Double { 0.80 * size }
  /// Room below the baseline.
  var descent: Double { 0.24 * size }
  /// Distance between baselines.
  var lineHeight: Double { 1.25 * size }
}

/// Says how wide a text is; the layout asks it, so that tests need no font.
package protocol TextMeasure {
  /// The advance width of `text` in points.
  func width(of text: String, font: Font) -> Double
}

extension TextMeasure {
  /// The lines `text` breaks into at spaces so that each is at most `width` wide.
  ///
  /// A word longer than the width is broken between characters, so that nothing ever leaves the
  /// page; line breaks in the text are kept.
  func lines(of text: String, font: Font, width: Double) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      wrapped(paragraph, font: font, width: width)
    }
  }

  private func wrapped(_ paragraph: Substring, font: Font, width: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in paragraph.split(separator: " ") {
      let candidate = line.isEmpty ? String(word) : line + " " + word
      if self.width(of: candidate, font: font) <= width {
        line = candidate
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if !line.isEmpty, self.width(of: line + String(character), font: font) > width {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }
}
