internal import Foundation
internal import Settings

/// Markup of a page.
///
/// Texts get into it by `text` and by values of attributes alone, which escape them: this is the one place
/// where it happens.
package struct HTML: Equatable, Sendable, ExpressibleByStringLiteral {
  /// The markup.
  package let markup: String

  private init(markup: String) { self.markup = markup }

  /// Markup that stands in the source.
  package init(stringLiteral text: StaticString) { markup = Self.text("\(text)").markup }

  /// A text.
  package static func text(_ text: String) -> HTML { HTML(markup: escaped(text)) }

  /// The same with the settings that its texts name called as the reader knows them.
  func namingSettings(_ name: (Setting) -> String) -> HTML {
    HTML(markup: markup.namingSettings(name))
  }

  /// Nothing.
  package static let empty = HTML(markup: "")

  /// An element with its attributes and what is in it; attributes that are nil are left out.
  ///
  /// Names are literals, so that none can come from a file.
  package static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    _ contents: [HTML] = []
  ) -> HTML {
    var markup = "<\(name)"
    for (key, value) in attributes {
      if let value { markup += " \(key)=\"\(escaped(value))\"" }
    }
    markup += ">"
    guard !isVoid(name) else { return HTML(markup: markup) }
    return HTML(markup: markup + contents.map(\.markup).joined() + "</\(name)>")
  }

  /// An element with a text in it.
  package static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:], _ text: String
  ) -> HTML {
    element(name, attributes, [.text(text)])
  }

  /// Values for a script, which finds them by `id`; never run.
  ///
  /// - Throws: The error of an `Encodable` implementation.
  static func data(id: String, _ value: some Encodable) throws -> HTML {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    return HTML(
      markup: "<script type=\"application/json\" id=\"\(escaped(id))\">\(inScript(text))</script>")
  }

  /// A script or a style of our own, as it stands.
  ///
  /// - Precondition: It does not end itself.
  static func embedded(_ name: StaticString, _ source: String) -> HTML {
    precondition(!source.contains("</"), "a \(name) that ends itself")
    return HTML(markup: "<\(name)>\(source)</\(name)>")
  }

  /// The page with the declaration of its type.
  static func page(_ root: HTML) -> String { "<!DOCTYPE html>\n" + root.markup + "\n" }

  /// Both, one behind the other.
  package static func + (first: HTML, second: HTML) -> HTML {
    HTML(markup: first.markup + second.markup)
  }

  // MARK: - Escaping

  /// The text with references in place of all that is markup, also inside of quotes.
  private static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      // Control characters are not allowed in a page.
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// JSON without anything that could end a script; it means the same.
  private static func inScript(_ json: String) -> String {
    var result = ""
    for scalar in json.unicodeScalars {
      switch scalar {
      case "<": result += "\\u003c"
      case ">": result += "\\u003e"
      case "&": result += "\\u0026"
      case "\u{2028}": result += "\\u2028"
      case "\u{2029}": result += "\\u2029"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isVoid(_ name: StaticString) -> Bool {
    ["meta", "img", "br"].contains("\(name)")
  }
}
