/// Title and provenance inside an SVG document.
enum SVGDescription {
  /// The document with `title` and `desc` elements right after the opening `svg` tag.
  static func inserted(
    into document: [UInt8], title: String, metadata: [String: String]
  ) -> [UInt8] {
    let lines = metadata.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    var elements = ""
    if !title.isEmpty { elements += "\n<title>\(escaped(title))</title>" }
    if !lines.isEmpty { elements += "\n<desc>\(escaped(lines.joined(separator: "\n")))</desc>" }
    guard let end = endOfRootTag(document) else { return document }
    return Array(document[...end]) + Array(elements.utf8) + Array(document[(end + 1)...])
  }

  private static func endOfRootTag(_ document: [UInt8]) -> Int? {
    let tag = Array("<svg".utf8)
    guard document.count > tag.count else { return nil }
    let start = (0..<(document.count - tag.count)).first { offset in
      document[offset..<(offset + tag.count)].elementsEqual(tag)
    }
    return start.flatMap { document[$0...].firstIndex(of: UInt8(ascii: ">")) }
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      // XML 1.0 has no other control characters.
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default:
        if scalar.value >= 0x20, scalar.value != 0xfffe, scalar.value != 0xffff {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
