/// Statements.
extension PythonParser {
  private static let updates: Set<String> = [
    "+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "&=", "|=", "^=", "<<=", ">>=",
  ]

  /// Reads a statement, or the statements of a line.
  mutating func statement(
    into result: inout [PythonStatement], isLenient: Bool
  ) throws(PythonSyntaxError) {
    let line = line
    if isAt("@") || isAtWord("def") || isAtWord("class") || isAtWord("async") {
      let kind = try definition(isLenient: isLenient)
      return result.append(PythonStatement(kind: kind, line: line))
    }
    guard let kind = try compound() else { return try simpleStatements(into: &result) }
    result.append(PythonStatement(kind: kind, line: line))
  }

  // MARK: - Compound statements

  private mutating func compound() throws(PythonSyntaxError) -> PythonStatement.Kind? {
    guard case .name(let word) = kind else { return nil }
    switch word {
    case "if":
      advance()
      return try condition()
    case "for":
      advance()
      let target = try targets()
      guard takeWord("in") else { throw unexpected() }
      let sequence = try expressions()
      try expect(":")
      let body = try suite()
      try refuseElse("for")
      return .loop(target, over: sequence, body)
    case "while":
      advance()
      let condition = try expression()
      try expect(":")
      let body = try suite()
      try refuseElse("while")
      return .repetition(condition, body)
    case "with":
      advance()
      var items: [PythonExpression] = []
      repeat {
        items.append(try expression())
        if takeWord("as") { _ = try expression() }
      } while take(",")
      try expect(":")
      return .scope(items, try suite())
    case "try":
      advance()
      try expect(":")
      _ = skippedSuite()
      while isAtWord("except") || isAtWord("else") || isAtWord("finally") {
        while !isAt(":"), kind != .end, kind != .newline { advance() }
        try expect(":")
        _ = skippedSuite()
      }
      return .unsupported("try")
    default: return nil
    }
  }

  private mutating func refuseElse(_ word: String) throws(PythonSyntaxError) {
    guard !isAtWord("else") else {
      throw PythonSyntaxError("an else of a \(word) is not read", line: line)
    }
  }

  private mutating func condition() throws(PythonSyntaxError) -> PythonStatement.Kind {
    let condition = try expression()
    try expect(":")
    let body = try suite()
    if isAtWord("elif") {
      let line = line
      advance()
      let inner = try nested { (parser) throws(PythonSyntaxError) in try parser.condition() }
      return .condition(condition, body, [PythonStatement(kind: inner, line: line)])
    }
    guard takeWord("else") else { return .condition(condition, body, []) }
    try expect(":")
    return .condition(condition, body, try suite())
  }

  // MARK: - Definitions

  private mutating func definition(
    isLenient: Bool
  ) throws(PythonSyntaxError) -> PythonStatement.Kind {
    var decorators: [String] = []
    while take("@") {
      decorators.append(Self.dottedName(try expression()))
      guard case .newline = kind else { throw unexpected() }
      advance()
    }
    let isAsync = takeWord("async")
    if takeWord("class") { return .type(try type()) }
    guard takeWord("def"), !isAsync else { throw unexpected() }
    let name = try name()
    try expect("(")
    let parameters = try parameters()
    if take("->") { _ = try expression() }
    try expect(":")
    return .function(
      PythonFunction(
        name: name, decorators: decorators, parameters: parameters, tokens: skippedSuite()))
  }

  private mutating func type() throws(PythonSyntaxError) -> PythonClass {
    let name = try name()
    var bases: [PythonExpression] = []
    if take("(") {
      bases = try arguments(closing: ")").filter { $0.name == nil }.map(\.value)
    }
    try expect(":")
    return PythonClass(name: name, bases: bases, body: try suite(isLenient: true))
  }

  private mutating func parameters() throws(PythonSyntaxError) -> [PythonParameter] {
    var result: [PythonParameter] = []
    while !take(")") {
      if take("/") {
        guard take(",") || isAt(")") else { throw unexpected() }
        continue
      }
      let stars = take("**") ? 2 : take("*") ? 1 : 0
      if stars == 1, take(",") {
        result.append(PythonParameter(name: "", type: nil, defaultValue: nil, stars: 1))
        continue
      }
      let name = try name()
      let type = take(":") ? try expression() : nil
      let value = take("=") ? try expression() : nil
      result.append(PythonParameter(name: name, type: type, defaultValue: value, stars: stars))
      guard take(",") || isAt(")") else { throw unexpected() }
    }
    return result
  }

  private static func dottedName(_ expression: PythonExpression) -> String {
    switch expression {
    case .name(let name): name
    case .attribute(let base, let name): dottedName(base) + "." + name
    case .call(let function, _): dottedName(function)
    default: ""
    }
  }

  // MARK: - Simple statements

  /// Reads the statements of a line, which semicolons part.
  mutating func simpleStatements(
    into result: inout [PythonStatement]
  ) throws(PythonSyntaxError) {
    repeat {
      if case .newline = kind { break }
      let line = line
      result.append(PythonStatement(kind: try simple(), line: line))
    } while take(";")
    switch kind {
    case .newline: advance()
    case .end, .dedent: break
    default: throw unexpected()
    }
  }

  private mutating func simple() throws(PythonSyntaxError) -> PythonStatement.Kind {
    if case .name(let word) = kind {
      switch word {
      case "pass", "break", "continue":
        advance()
        return word == "pass" ? .pass : word == "break" ? .leave : .next
      case "return":
        advance()
        return .result(isAtEndOfStatement ? nil : try expressions())
      case "assert":
        advance()
        let condition = try expression()
        return .assertion(condition, take(",") ? try expression() : nil)
      case "raise":
        advance()
        let error = isAtEndOfStatement ? nil : try expression()
        if takeWord("from") { _ = try expression() }
        return .failure(error)
      case "import", "from": return .imports(try imports())
      case "del", "global", "nonlocal":
        while !isAtEndOfStatement { advance() }
        return word == "del" ? .pass : .unsupported(word)
      default: break
      }
    }
    return try assignment()
  }

  private var isAtEndOfStatement: Bool {
    switch kind {
    case .newline, .end, .dedent: true
    default: isAt(";")
    }
  }

  private mutating func assignment() throws(PythonSyntaxError) -> PythonStatement.Kind {
    let first = try expressions()
    if take(":") {
      let type = try expression()
      return .declaration(first, type: type, take("=") ? try expressions() : nil)
    }
    if case .symbol(let symbol) = kind, Self.updates.contains(symbol) {
      advance()
      return .update(first, String(symbol.dropLast()), try expressions())
    }
    guard isAt("=") else { return .expression(first) }
    var parts = [first]
    while take("=") { parts.append(try expressions()) }
    let value = parts.removeLast()
    return .assignment(parts, value)
  }

  private mutating func imports() throws(PythonSyntaxError) -> [PythonImport] {
    var result: [PythonImport] = []
    guard takeWord("from") else {
      advance()
      repeat {
        let path = try dottedPath()
        let first = path.split(separator: ".").first.map(String.init) ?? path
        if takeWord("as") {
          result.append(PythonImport(name: try name(), path: path))
        } else {
          result.append(PythonImport(name: first, path: first))
        }
      } while take(",")
      return result
    }
    let module = try dottedPath()
    guard takeWord("import") else { throw unexpected() }
    if take("*") { return [] }
    let isEnclosed = take("(")
    repeat {
      if isEnclosed, isAt(")") { break }
      let item = try name()
      let alias = takeWord("as") ? try name() : item
      result.append(PythonImport(name: alias, path: module + "." + item))
    } while take(",")
    if isEnclosed { try expect(")") }
    return result
  }

  private mutating func dottedPath() throws(PythonSyntaxError) -> String {
    var path = ""
    while take(".") || take("...") { path += "." }
    if isAtWord("import"), !path.isEmpty { return path }
    path += try name()
    while take(".") { path += "." + (try name()) }
    return path
  }
}
