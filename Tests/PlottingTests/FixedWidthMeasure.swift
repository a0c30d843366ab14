@testable import Plotting

/// Every character as wide as six tenths of the font size: layout without fonts.
struct FixedWidthMeasure: TextMeasure {
  func width(of text: String, font: Font) -> Double {
    Double(text.count) * 0.6 * font.size
  }
}
