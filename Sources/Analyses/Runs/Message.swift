/// A text for the user in which settings are named by what they are.
///
/// The library knows no options. Whoever shows the text says what its user calls a setting:
///
///     let message: Message = "half of \(.memory) 8G is too little"
///     message.text { "--\($0.rawValue)" }
package struct Message: Equatable, Sendable, ExpressibleByStringInterpolation,
  CustomStringConvertible
{
  private enum Part: Equatable, Sendable {
    case text(String)
    case setting(Setting)
  }

  private var parts: [Part] = []

  /// A text that names no setting.
  package init(stringLiteral text: String) { append(.text(text)) }

  /// A text with values and settings in it.
  package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.message }

  /// Adds a part; texts side by side are one, so that equal messages have equal parts.
  private mutating func append(_ part: Part) {
    guard case .text(let text) = part else { return parts.append(part) }
    if case .text(let before) = parts.last {
      parts[parts.count - 1] = .text(before + text)
    } else if !text.isEmpty {
      parts.append(part)
    }
  }

  /// The text with the names that its reader knows.
  package func text(naming name: (Setting) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .setting(let setting): name(setting)
      }
    }.joined()
  }

  /// The text with the names of the configurations.
  package var description: String { text(naming: \.rawValue) }

  /// One text behind the other.
  package static func + (first: Message, second: Message) -> Message {
    var result = first
    for part in second.parts { result.append(part) }
    return result
  }

  /// Collects the parts of a literal.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var message: Message = ""

    package init(literalCapacity: Int, interpolationCount: Int) {}

    /// Words between the values.
    package mutating func appendLiteral(_ text: String) { message.append(.text(text)) }

    /// A value as it describes itself.
    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      message.append(.text(value.description))
    }

    /// A setting, which the reader's program names.
    package mutating func appendInterpolation(_ setting: Setting) {
      message.append(.setting(setting))
    }
  }
}
