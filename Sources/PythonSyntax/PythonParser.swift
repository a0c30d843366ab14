/// Reads statements and expressions from tokens.
///
/// It knows the part of Python that networks are written in. Source: the Python Language Reference,
/// sections 6 to 8.
struct PythonParser {
  /// Deeper expressions and blocks are refused: each level takes stack.
  static let maximumDepth = 60

  private let tokens: [PythonToken]
  private var position = 0
  private var depth = 0

  /// Starts at the first token.
  init(_ tokens: [PythonToken]) {
    self.tokens = tokens
  }

  // MARK: - Tokens

  /// The token at the cursor; the end where there are none left.
  var kind: PythonToken.Kind { position < tokens.count ? tokens[position].kind : .end }

  /// The line of the token at the cursor.
  var line: Int { position < tokens.count ? tokens[position].line : tokens.last?.line ?? 0 }

  /// The token behind the one at the cursor.
  var following: PythonToken.Kind {
    position + 1 < tokens.count ? tokens[position + 1].kind : .end
  }

  /// Moves on by one token.
  mutating func advance() { position += 1 }

  /// Whether the token at the cursor is an operator.
  func isAt(_ symbol: String) -> Bool { kind == .symbol(symbol) }

  /// Whether the token at the cursor is a keyword.
  func isAtWord(_ word: String) -> Bool { kind == .name(word) }

  /// Takes an operator if it is at the cursor.
  mutating func take(_ symbol: String) -> Bool {
    guard isAt(symbol) else { return false }
    position += 1
    return true
  }

  /// Takes a keyword if it is at the cursor.
  mutating func takeWord(_ word: String) -> Bool {
    guard isAtWord(word) else { return false }
    position += 1
    return true
  }

  /// Takes an operator that must be at the cursor.
  mutating func expect(_ symbol: String) throws(PythonSyntaxError) {
    guard take(symbol) else { throw unexpected() }
  }

  /// Takes a name that must be at the cursor.
  mutating func name() throws(PythonSyntaxError) -> String {
    guard case .name(let name) = kind else { throw unexpected() }
    position += 1
    return name
  }

  /// What to say of the token at the cursor.
  func unexpected() -> PythonSyntaxError {
    let text =
      switch kind {
      case .name(let name): "'\(name.prefix(40))'"
      case .integer(let value): "\(value)"
      case .real(let value): "\(value)"
      case .text, .template: "a string"
      case .symbol(let symbol): "'\(symbol)'"
      case .newline: "the end of the line"
      case .indent: "an indentation"
      case .dedent, .end: "the end of the block"
      }
    return PythonSyntaxError("does not expect \(text)", line: line)
  }

  /// Reads something one level deeper.
  mutating func nested<Result>(
    _ body: (inout PythonParser) throws(PythonSyntaxError) -> Result
  ) throws(PythonSyntaxError) -> Result {
    guard depth < Self.maximumDepth else {
      throw PythonSyntaxError("is nested more than \(Self.maximumDepth) deep", line: line)
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  // MARK: - Blocks

  /// All statements up to the end; with `isLenient`, those that cannot be read are left out.
  mutating func statements(isLenient: Bool) throws(PythonSyntaxError) -> [PythonStatement] {
    var result: [PythonStatement] = []
    while kind != .end && kind != .dedent {
      let start = position
      let startDepth = depth
      do throws(PythonSyntaxError) {
        try statement(into: &result, isLenient: isLenient)
      } catch {
        guard isLenient else { throw error }
        position = start
        depth = startDepth
        skipStatement()
      }
    }
    return result
  }

  /// The block behind a colon: on the same line, or indented below it.
  mutating func suite(isLenient: Bool = false) throws(PythonSyntaxError) -> [PythonStatement] {
    guard case .newline = kind else {
      var result: [PythonStatement] = []
      try simpleStatements(into: &result)
      return result
    }
    advance()
    guard case .indent = kind else { throw unexpected() }
    advance()
    let result = try nested { (parser) throws(PythonSyntaxError) in
      try parser.statements(isLenient: isLenient)
    }
    guard kind == .dedent else { throw unexpected() }
    advance()
    return result
  }

  /// The tokens of the block behind a colon, unread.
  mutating func skippedSuite() -> ArraySlice<PythonToken> {
    let start = position
    if case .newline = kind, case .indent = following {
      advance()
      skipBlock()
    } else {
      skipLine()
    }
    return tokens[min(start, tokens.count)..<min(position, tokens.count)]
  }

  /// Moves behind a statement and the blocks that belong to it.
  private mutating func skipStatement() {
    skipLine()
    if case .indent = kind { skipBlock() }
  }

  private mutating func skipLine() {
    while kind != .end, kind != .newline, kind != .dedent, kind != .indent { advance() }
    if case .newline = kind { advance() }
    // A closing block that no statement has opened is not skipped here.
  }

  /// Moves behind the block that starts at the cursor.
  private mutating func skipBlock() {
    var level = 0
    while kind != .end {
      if case .indent = kind { level += 1 }
      if case .dedent = kind { level -= 1 }
      advance()
      if level == 0 { return }
    }
  }
}
