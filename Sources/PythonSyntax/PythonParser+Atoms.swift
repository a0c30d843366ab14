/// Names, literals, and what stands in brackets.
extension PythonParser {
  /// A name, literal or something in brackets.
  mutating func atom() throws(PythonSyntaxError) -> PythonExpression {
    switch kind {
    case .integer(let value):
      advance()
      return .integer(value)
    case .real(let value):
      advance()
      return .real(value)
    case .text, .template: return try texts()
    case .name(let word):
      guard !Self.keywords.contains(word) else { throw unexpected() }
      advance()
      switch word {
      case "None": return .none
      case "True", "False": return .boolean(word == "True")
      default: return .name(word)
      }
    case .symbol("..."):
      advance()
      return .ellipsis
    case .symbol("("):
      advance()
      return try parenthesized()
    case .symbol("["):
      advance()
      return try list()
    case .symbol("{"):
      advance()
      return try braces()
    default: throw unexpected()
    }
  }

  private mutating func parenthesized() throws(PythonSyntaxError) -> PythonExpression {
    if take(")") { return .tuple([]) }
    if isAtWord("yield") { throw unexpected() }
    let first = try starred()
    if isAtWord("for") || isAtWord("async") {
      let result = try comprehension(of: first)
      try expect(")")
      return result
    }
    guard isAt(",") else {
      try expect(")")
      return first
    }
    var parts = [first]
    while take(","), !isAt(")") { parts.append(try starred()) }
    try expect(")")
    return .tuple(parts)
  }

  private mutating func list() throws(PythonSyntaxError) -> PythonExpression {
    if take("]") { return .list([]) }
    let first = try starred()
    if isAtWord("for") || isAtWord("async") {
      let result = try comprehension(of: first)
      try expect("]")
      return result
    }
    var parts = [first]
    while take(","), !isAt("]") { parts.append(try starred()) }
    try expect("]")
    return .list(parts)
  }

  /// Loops behind an element.
  mutating func comprehension(
    of element: PythonExpression
  ) throws(PythonSyntaxError) -> PythonExpression {
    var clauses: [PythonClause] = []
    while takeWord("for") {
      let target = try targets()
      guard takeWord("in") else { throw unexpected() }
      let sequence = try disjunction()
      var conditions: [PythonExpression] = []
      while takeWord("if") { conditions.append(try disjunction()) }
      clauses.append(PythonClause(target: target, sequence: sequence, conditions: conditions))
    }
    guard !clauses.isEmpty else { throw unexpected() }
    return .comprehension(element, clauses)
  }

  /// The variables of a loop, which end before `in`.
  mutating func targets() throws(PythonSyntaxError) -> PythonExpression {
    let first = try binary(0)
    guard isAt(",") else { return first }
    var parts = [first]
    while take(","), !isAtWord("in") { parts.append(try binary(0)) }
    return .tuple(parts)
  }

  private mutating func braces() throws(PythonSyntaxError) -> PythonExpression {
    var pairs: [PythonPair] = []
    while !take("}") {
      if isAt("**") { throw unexpected() }
      let key = try expression()
      guard take(":") else { throw PythonSyntaxError("sets are not read", line: line) }
      pairs.append(PythonPair(key: key, value: try expression()))
      if isAtWord("for") {
        throw PythonSyntaxError("dictionaries made by loops are not read", line: line)
      }
      guard take(",") || isAt("}") else { throw unexpected() }
    }
    return .dictionary(pairs)
  }

  // MARK: - Strings

  /// Strings that follow one another are one.
  private mutating func texts() throws(PythonSyntaxError) -> PythonExpression {
    var parts: [PythonExpression] = []
    while true {
      switch kind {
      case .text(let text): parts.append(.text(text))
      case .template(let text): parts += try template(text)
      default: return Self.joined(parts)
      }
      advance()
    }
  }

  private static func joined(_ parts: [PythonExpression]) -> PythonExpression {
    var text = ""
    for part in parts {
      guard case .text(let next) = part else { return .joined(parts) }
      text += next
    }
    return .text(text)
  }

  /// The parts of a formatted string.
  private mutating func template(_ text: String) throws(PythonSyntaxError) -> [PythonExpression] {
    var parts: [PythonExpression] = []
    var plain = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if (character == "{" || character == "}") && rest.first == character {
        rest.removeFirst()
        plain.append(character)
      } else if character == "{" {
        parts.append(.text(plain))
        plain = ""
        let inner = rest.prefix { $0 != "}" && $0 != ":" && $0 != "!" && $0 != "{" }
        rest = rest.dropFirst(inner.count)
        guard rest.first == "}" else {
          parts.append(.unsupported("a format inside a string"))
          rest = (rest.firstIndex(of: "}").map { rest[$0...] } ?? "")
          _ = rest.popFirst()
          continue
        }
        rest.removeFirst()
        var tokenizer = PythonTokenizer("(\(inner))", firstLine: line)
        var parser = PythonParser(try tokenizer.run())
        let expression = try nested { (_) throws(PythonSyntaxError) in try parser.expression() }
        parts.append(expression)
      } else {
        plain.append(character)
      }
    }
    parts.append(.text(plain))
    return parts
  }
}
