/// A text in Python, read.
package struct PythonText: Sendable {
  /// Longer texts are refused: sources of networks have some hundred kB.
  package static let maximumSize = 1 << 24

  /// The statements; class bodies and texts read leniently lack what cannot be read.
  package let statements: [PythonStatement]
  private let lines: [Substring]

  /// Reads a text; nothing of it is executed.
  ///
  /// - Parameters:
  ///   - text: The text, which may be indented as a whole.
  ///   - isLenient: Whether statements that cannot be read are left out.
  /// - Throws: `PythonSyntaxError` for what is no Python.
  /// - Complexity: Linear in the text.
  package init(_ text: String, isLenient: Bool = false) throws(PythonSyntaxError) {
    guard text.utf8.count <= Self.maximumSize else {
      throw PythonSyntaxError("the text has \(text.utf8.count) bytes", line: 1)
    }
    lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map(Substring.init)
    var tokenizer = PythonTokenizer(text)
    var tokens = try tokenizer.run()
    if tokens.first?.kind == .indent, let last = tokens.lastIndex(where: { $0.kind == .dedent }) {
      tokens.remove(at: last)
      tokens.removeFirst()
    }
    var parser = PythonParser(tokens)
    statements = try parser.statements(isLenient: isLenient)
    guard isLenient || parser.kind == .end else { throw parser.unexpected() }
  }

  /// A line, by its number from 1 on, without the spaces before it; empty where there is none.
  package func line(_ number: Int) -> String {
    guard lines.indices.contains(number - 1) else { return "" }
    let text = lines[number - 1].drop { $0.isWhitespace }
    return String(text.prefix(160).filter { !$0.isNewline })
  }
}
