internal import Foundation

/// An sRGB colour with opacity, components in 0...1.
package struct Color: Sendable, Equatable {
  package var red: Double
  package var green: Double
  package var blue: Double
  package var alpha: Double

  package init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// A colour from its 24-bit `0xrrggbb` number.
  package init(rgb: UInt32, alpha: Double = 1) {
    self.init(
      red: Double(rgb >> 16 & 0xff) / 255, green: Double(rgb >> 8 & 0xff) / 255,
      blue: Double(rgb & 0xff) / 255, alpha: alpha)
  }

  /// Equal parts of red, green and blue: 0 is black, 1 white.
  package init(gray: Double, alpha: Double = 1) {
    self.init(red: gray, green: gray, blue: gray, alpha: alpha)
  }

  package static let black = Color(gray: 0)
  package static let white = Color(gray: 1)

  /// Text and axes: not quite black, which looks lighter beside thin lines.
  static let ink = Color(gray: 0.1)
  static let captionInk = Color(gray: 0.3)
  static let gridLine = Color(gray: 0.9)

  /// The colours of successive series: Okabe and Ito's set, safe for colour-blind readers.
  ///
  /// Source: M. Okabe and K. Ito, "Color Universal Design" (2008), reordered so that the first two
  /// differ most; yellow is left out because it is too faint on white.
  package static let series: [Color] = [
    Color(rgb: 0x0072b2), Color(rgb: 0xd55e00), Color(rgb: 0x009e73), Color(rgb: 0xcc79a7),
    Color(rgb: 0xe69f00), Color(rgb: 0x56b4e9), Color(rgb: 0x444444),
  ]

  /// The colour of a series; past the last colour of `series` the same ones, darker each time.
  package static func ofSeries(_ index: Int) -> Color {
    (0..<index / series.count).reduce(series[index % series.count]) { color, _ in
      color.scaled(by: 0.6)
    }
  }

  func withAlpha(_ alpha: Double) -> Color {
    Color(red: red, green: green, blue: blue, alpha: alpha)
  }

  /// The colour with its three components multiplied by `factor` and limited to 0...1.
  func scaled(by factor: Double) -> Color {
    func limited(_ value: Double) -> Double { min(max(value * factor, 0), 1) }
    return Color(red: limited(red), green: limited(green), blue: limited(blue), alpha: alpha)
  }

  /// Relative luminance 0...1 with a 2.2 power in place of the exact sRGB curve.
  var luminance: Double {
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Black or white, whichever has the greater contrast on this colour (WCAG ratio).
  var contrastingInk: Color {
    // (1.05 / (L + 0.05)) > ((L + 0.05) / 0.05) exactly where L < 0.179.
    luminance < 0.179 ? .white : .black
  }

  private func linear(_ component: Double) -> Double {
    pow(max(component, 0), 2.2)
  }
}
