/// Expressions, by descent through the precedences of operators.
extension PythonParser {
  /// Binary operators, the loosest first; those of a row bind alike.
  private static let binaries: [Set<String>] = [
    ["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"],
  ]
  private static let comparisons: Set<String> = ["<", ">", "<=", ">=", "==", "!="]
  /// Names that stand for nothing.
  static let keywords: Set<String> = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "nonlocal",
    "or", "pass", "raise", "return", "try", "while", "with", "yield",
  ]

  /// An expression, or several with commas as a tuple.
  mutating func expressions() throws(PythonSyntaxError) -> PythonExpression {
    let first = try starred()
    guard isAt(",") else { return first }
    var parts = [first]
    while take(",") {
      guard startsExpression else { break }
      parts.append(try starred())
    }
    return .tuple(parts)
  }

  private var startsExpression: Bool {
    switch kind {
    case .name(let word): !Self.keywords.contains(word)
    case .integer, .real, .text, .template: true
    case .symbol(let symbol): ["(", "[", "{", "-", "+", "~", "...", "*"].contains(symbol)
    case .newline, .indent, .dedent, .end: false
    }
  }

  /// An expression, or one with a star before it.
  mutating func starred() throws(PythonSyntaxError) -> PythonExpression {
    take("*") ? .starred(try disjunction()) : try expression()
  }

  /// A single expression.
  mutating func expression() throws(PythonSyntaxError) -> PythonExpression {
    try nested { (parser) throws(PythonSyntaxError) in try parser.conditional() }
  }

  private mutating func conditional() throws(PythonSyntaxError) -> PythonExpression {
    if isAtWord("lambda") { return try lambda() }
    let value = try disjunction()
    if take(":=") {
      _ = try expression()
      return .unsupported("an assignment inside an expression")
    }
    guard takeWord("if") else { return value }
    let condition = try disjunction()
    guard takeWord("else") else { throw unexpected() }
    return .conditional(condition, value, try expression())
  }

  private mutating func lambda() throws(PythonSyntaxError) -> PythonExpression {
    advance()
    while !isAt(":"), kind != .newline, kind != .end { advance() }
    try expect(":")
    _ = try expression()
    return .unsupported("a lambda")
  }

  /// An expression without a condition behind it.
  mutating func disjunction() throws(PythonSyntaxError) -> PythonExpression {
    var parts = [try conjunction()]
    while takeWord("or") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : .logical(isAnd: false, parts)
  }

  private mutating func conjunction() throws(PythonSyntaxError) -> PythonExpression {
    var parts = [try negation()]
    while takeWord("and") { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : .logical(isAnd: true, parts)
  }

  private mutating func negation() throws(PythonSyntaxError) -> PythonExpression {
    guard takeWord("not") else { return try comparison() }
    return .unary(
      "not", try nested { (parser) throws(PythonSyntaxError) in try parser.negation() })
  }

  private mutating func comparison() throws(PythonSyntaxError) -> PythonExpression {
    let first = try binary(0)
    var rest: [PythonComparison] = []
    while true {
      let operation: String
      if case .symbol(let symbol) = kind, Self.comparisons.contains(symbol) {
        operation = symbol
        advance()
      } else if isAtWord("not"), following == .name("in") {
        advance()
        advance()
        operation = "not in"
      } else if takeWord("in") {
        operation = "in"
      } else if takeWord("is") {
        operation = takeWord("not") ? "is not" : "is"
      } else {
        return rest.isEmpty ? first : .comparison(first, rest)
      }
      rest.append(PythonComparison(operation: operation, operand: try binary(0)))
    }
  }

  /// Operators of a level and tighter ones.
  mutating func binary(_ level: Int) throws(PythonSyntaxError) -> PythonExpression {
    guard level < Self.binaries.count else { return try unary() }
    var left = try binary(level + 1)
    var count = 0
    while case .symbol(let symbol) = kind, Self.binaries[level].contains(symbol) {
      count += 1
      guard count < Self.maximumDepth else {
        throw PythonSyntaxError("has a chain of \(count) operators", line: line)
      }
      advance()
      left = .binary(symbol, left, try binary(level + 1))
    }
    return left
  }

  private mutating func unary() throws(PythonSyntaxError) -> PythonExpression {
    for symbol in ["-", "+", "~"] where isAt(symbol) {
      advance()
      return .unary(
        symbol, try nested { (parser) throws(PythonSyntaxError) in try parser.unary() })
    }
    if takeWord("await") { return .unsupported("await") }
    let base = try postfix()
    guard take("**") else { return base }
    let exponent = try nested { (parser) throws(PythonSyntaxError) in try parser.unary() }
    return .binary("**", base, exponent)
  }

  // MARK: - Calls, attributes, elements

  private mutating func postfix() throws(PythonSyntaxError) -> PythonExpression {
    var value = try atom()
    var count = 0
    while true {
      count += 1
      guard count < 2 * Self.maximumDepth else {
        throw PythonSyntaxError("has a chain of \(count) calls", line: line)
      }
      if take(".") {
        value = .attribute(value, try name())
      } else if take("(") {
        value = .call(value, try arguments(closing: ")"))
      } else if take("[") {
        value = .element(value, try subscripts())
      } else {
        return value
      }
    }
  }

  /// Arguments up to a closing bracket.
  mutating func arguments(
    closing bracket: String
  ) throws(PythonSyntaxError) -> [PythonArgument] {
    var result: [PythonArgument] = []
    while !take(bracket) {
      let stars = take("**") ? 2 : take("*") ? 1 : 0
      var name: String?
      if stars == 0, case .name(let word) = kind, following == .symbol("=") {
        name = word
        advance()
        advance()
      }
      var value = try expression()
      if isAtWord("for") || isAtWord("async") { value = try comprehension(of: value) }
      result.append(PythonArgument(name: name, value: value, stars: stars))
      guard take(",") || isAt(bracket) else { throw unexpected() }
    }
    return result
  }

  private mutating func subscripts() throws(PythonSyntaxError) -> PythonExpression {
    var parts: [PythonExpression] = []
    var isTuple = false
    while !take("]") {
      parts.append(try sliceOrExpression())
      if take(",") {
        isTuple = true
      } else if !isAt("]") {
        throw unexpected()
      }
    }
    guard let first = parts.first else { throw unexpected() }
    return isTuple ? .tuple(parts) : first
  }

  private mutating func sliceOrExpression() throws(PythonSyntaxError) -> PythonExpression {
    func isAtEnd(_ parser: PythonParser) -> Bool {
      parser.isAt(":") || parser.isAt(",") || parser.isAt("]")
    }
    let lower = isAtEnd(self) ? nil : try starred()
    guard take(":") else {
      guard let lower else { throw unexpected() }
      return lower
    }
    let upper = isAtEnd(self) ? nil : try expression()
    let step = take(":") && !isAtEnd(self) ? try expression() : nil
    return .slice(lower, upper, step)
  }
}
