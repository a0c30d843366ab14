/// A named sequence of 256 colours from the lowest to the highest value.
public enum ColorMap: String, Sendable, Equatable, CaseIterable {
  /// Dark blue to yellow.
  case viridis
  /// Black to cream through purple.
  case magma
  /// Blue to yellow through red.
  case plasma
  /// Black to yellow through red.
  case inferno
  /// Blue to yellow, alike to readers who do not tell red from green.
  case cividis
  /// Blue to red through grey, for values on both sides of a middle.
  case coolwarm
  /// Blue to red through white (ColorBrewer RdBu, reversed so that high is red).
  case redBlue

  /// Whether the middle colour stands for a distinguished value, such as zero.
  package var isDiverging: Bool { self == .coolwarm || self == .redBlue }

  /// The colour at `fraction`, limited to 0...1, linear between the 256 table entries.
  ///
  /// - Precondition: `fraction` is not NaN; `ColorScale` marks non-finite values before asking.
  package func color(at fraction: Double) -> Color {
    precondition(!fraction.isNaN, "no colour for NaN")
    let table = entries
    let position = min(max(fraction, 0), 1) * Double(table.count - 1)
    let index = min(Int(position), table.count - 2)
    let weight = position - Double(index)
    let (low, high) = (table[index], table[index + 1])
    return Color(
      red: low.red + (high.red - low.red) * weight,
      green: low.green + (high.green - low.green) * weight,
      blue: low.blue + (high.blue - low.blue) * weight)
  }

  /// The 256 colours.
  package var entries: [Color] { Self.tables[self] ?? [.black, .white] }

  private static let tables: [ColorMap: [Color]] = [
    .viridis: parse(ColorMapTables.viridis),
    .magma: parse(ColorMapTables.magma),
    .plasma: parse(ColorMapTables.plasma),
    .inferno: parse(ColorMapTables.inferno),
    .cividis: parse(ColorMapTables.cividis),
    .coolwarm: parse(ColorMapTables.coolwarm),
    .redBlue: parse(ColorMapTables.redBlue),
  ]

  private static func parse(_ hexadecimal: String) -> [Color] {
    var colors: [Color] = []
    var (value, digits): (UInt32, Int) = (0, 0)
    for character in hexadecimal {
      value = value << 4 | UInt32(character.hexDigitValue ?? 0)
      digits += 1
      if digits == 6 {
        colors.append(Color(rgb: value))
        (value, digits) = (0, 0)
      }
    }
    return colors
  }
}
