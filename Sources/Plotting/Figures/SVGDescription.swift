internal import Foundation

/// Title and provenance inside an SVG document.
enum SVGDescription {
  /// The document with `title` and `desc` elements right after the opening `svg` tag.
  ///
  /// Cairo numbers its surfaces through the life of a process and writes the number as the name of
  /// the outermost group; without it the same figure gives the same document.
  static func inserted(
    into document: [UInt8], title: String, metadata: [String: String]
  ) -> [UInt8] {
    var data = Data(document)
    if data.range(of: Data("\"#surface".utf8)) == nil,
      let start = data.range(of: Data(" id=\"surface".utf8)),
      let end = data.range(of: Data("\"".utf8), in: start.upperBound..<data.endIndex)
    {
      data.removeSubrange(start.lowerBound..<end.upperBound)
    }
    let lines = metadata.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    var elements = ""
    if !title.isEmpty { elements += "\n<title>\(escaped(title))</title>" }
    if !lines.isEmpty { elements += "\n<desc>\(escaped(lines.joined(separator: "\n")))</desc>" }
    if let tag = data.range(of: Data("<svg".utf8)),
      let end = data.range(of: Data(">".utf8), in: tag.upperBound..<data.endIndex)
    {
      data.replaceSubrange(end.upperBound..<end.upperBound, with: Data(elements.utf8))
    }
    return Array(data)
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
