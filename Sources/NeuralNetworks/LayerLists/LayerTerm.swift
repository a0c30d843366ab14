/// A word with what stands in its parentheses: `conv(32,5,padding=2)`, `residual(relu | identity)`.
///
/// The grammar of layer lists:
///
///     list     = term { " " term }
///     term     = word [ "(" ( items | list { "|" list } ) ")" ]
///     items    = item { "," item }
///     item     = value | word "=" value | word
struct LayerTerm: Equatable {
  /// One argument.
  struct Argument: Equatable {
    /// The word before `=`, or nil.
    let key: String?
    /// The text.
    let text: String
  }

  /// The word, in small letters.
  let word: String
  /// What is separated by commas, where the parentheses hold no lists.
  var arguments: [Argument] = []
  /// What is separated by bars, where the word takes lists.
  var branches: [[LayerTerm]] = []
  /// Place of the word in the text, from 1.
  let place: Int
}

/// Why a text is no layer list.
package struct LayerListError: Error, Hashable, CustomStringConvertible {
  /// What is wrong and what to do, in words.
  package let description: String

  init(_ text: String) { description = text }

  init(_ text: String, at place: Int) {
    description = "layer list, character \(place): \(text)"
  }
}

/// Reads the terms of a layer list.
struct LayerTermParser {
  /// Lists in lists at most; bounds recursion.
  private static let maximumDepth = 8
  /// Characters of a text at most.
  private static let maximumLength = 1 << 16
  /// Words that take lists.
  static let branching: Set<String> = ["residual", "res"]

  private let characters: [Character]
  private var position = 0

  private init(_ text: String) { characters = Array(text) }

  /// The terms of a text.
  ///
  /// - Throws: `LayerListError` with the place of what is not understood.
  static func terms(_ text: String) throws(LayerListError) -> [LayerTerm] {
    guard text.utf8.count <= maximumLength else {
      throw LayerListError("layer list: longer than \(maximumLength) characters")
    }
    var parser = LayerTermParser(text)
    let terms = try parser.list(depth: 0)
    if let extra = parser.next {
      throw LayerListError("\"\(extra)\" closes or divides nothing; take it out", at: parser.place)
    }
    return terms
  }

  private var place: Int { position + 1 }

  /// The next character that is no space.
  private var next: Character? {
    mutating get {
      while position < characters.count, characters[position].isWhitespace { position += 1 }
      return position < characters.count ? characters[position] : nil
    }
  }

  private mutating func list(depth: Int) throws(LayerListError) -> [LayerTerm] {
    guard depth <= Self.maximumDepth else {
      throw LayerListError("more than \(Self.maximumDepth) lists in one another", at: place)
    }
    var terms: [LayerTerm] = []
    while let character = next, character != ")", character != "|" {
      terms.append(try term(depth: depth))
    }
    return terms
  }

  private mutating func term(depth: Int) throws(LayerListError) -> LayerTerm {
    let start = place
    let word = takeText().lowercased()
    guard !word.isEmpty else {
      throw LayerListError("a layer belongs here, not \"\(characters[position])\"", at: start)
    }
    var term = LayerTerm(word: word, place: start)
    guard position < characters.count, characters[position] == "(" else { return term }
    position += 1
    if Self.branching.contains(word) {
      term.branches.append(try list(depth: depth + 1))
      while next == "|" {
        position += 1
        term.branches.append(try list(depth: depth + 1))
      }
    } else {
      term.arguments = try arguments()
    }
    guard next == ")" else {
      throw LayerListError("\"\(word)(\" has no closing parenthesis", at: start)
    }
    position += 1
    return term
  }

  private mutating func arguments() throws(LayerListError) -> [LayerTerm.Argument] {
    var arguments: [LayerTerm.Argument] = []
    while let character = next, character != ")" {
      let start = place
      let text = takeText()
      guard !text.isEmpty else {
        throw LayerListError("a number or a setting belongs here, not \"\(character)\"", at: start)
      }
      if next == "=" {
        position += 1
        _ = next
        let value = takeText()
        guard !value.isEmpty else { throw LayerListError("\(text)= has no value", at: start) }
        arguments.append(.init(key: text.lowercased(), text: value))
      } else {
        arguments.append(.init(key: nil, text: text))
      }
      guard next == "," else { break }
      position += 1
    }
    return arguments
  }

  /// Letters, digits and what numbers have.
  private mutating func takeText() -> String {
    var text = ""
    while position < characters.count,
      characters[position].isLetter || characters[position].isNumber
        || "._+-".contains(characters[position])
    {
      text.append(characters[position])
      position += 1
    }
    return text
  }
}
