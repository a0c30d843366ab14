internal import PythonSyntax

/// Expressions.
extension CodeInterpreter {
  /// Operators of PyTorch by Python's signs.
  static let operators: [String: String] = [
    "+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floor_divide", "%": "remainder",
    "**": "pow", "@": "matmul", "&": "bitwise_and", "|": "bitwise_or", "^": "bitwise_xor",
  ]
  private static let comparisons: [String: String] = [
    "<": "lt", ">": "gt", "<=": "le", ">=": "ge", "==": "eq", "!=": "ne",
  ]

  /// The value of an expression.
  func evaluate(_ expression: PythonExpression) throws -> CodeValue {
    try charge()
    switch expression {
    case .name(let name): return try lookUp(name)
    case .none: return .none
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .real(let value): return .real(value)
    case .text(let text): return .text(text)
    case .ellipsis: return .ellipsis
    case .joined(let parts):
      let text = try parts.map { try self.text(of: try evaluate($0)) }.joined()
      return try limited(text)
    case .attribute(let base, let name): return try attribute(name, of: try evaluate(base))
    case .call(let function, let arguments): return try call(function, arguments)
    case .element(let base, let index):
      return try element(of: try evaluate(base), at: try evaluate(index))
    case .slice(let lower, let upper, let step):
      return .slice(try bound(lower), try bound(upper), try bound(step))
    case .tuple(let parts): return try tuple(try values(parts))
    case .list(let parts): return list(try values(parts))
    case .dictionary(let pairs):
      return dictionary(try pairs.map { (try key(try evaluate($0.key)), try evaluate($0.value)) })
    case .unary(let operation, let operand): return try unary(operation, try evaluate(operand))
    case .binary(let operation, let left, let right):
      return try binary(operation, try evaluate(left), try evaluate(right))
    case .comparison(let first, let rest): return try compare(first, rest)
    case .logical(let isAnd, let parts):
      var value = CodeValue.none
      for part in parts {
        value = try evaluate(part)
        if try truth(of: value) != isAnd { return value }
      }
      return value
    case .conditional(let condition, let value, let other):
      return try evaluate(try truth(of: try evaluate(condition)) ? value : other)
    case .comprehension(let element, let clauses):
      var result: [CodeValue] = []
      try comprehend(element, clauses[...], into: &result)
      return list(result)
    case .starred: throw CodeRefusal("uses a star, which has no meaning here")
    case .unsupported(let what): throw CodeRefusal("uses \(what), which has no meaning here")
    }
  }

  private func values(_ parts: [PythonExpression]) throws -> [CodeValue] {
    var result: [CodeValue] = []
    for part in parts {
      if case .starred(let inner) = part {
        result += try elements(of: try evaluate(inner))
      } else {
        result.append(try evaluate(part))
      }
    }
    return result
  }

  /// A bound of a slice; what is no number or tensor cannot be one.
  private func bound(_ expression: PythonExpression?) throws -> CodeValue {
    guard let expression else { return .none }
    let value = try evaluate(expression)
    switch value {
    case .none, .integer, .boolean, .tensor: return value
    default: throw CodeRefusal("a slice from or to \(value.kind)")
    }
  }

  private func comprehend(
    _ element: PythonExpression, _ clauses: ArraySlice<PythonClause>,
    into result: inout [CodeValue]
  ) throws {
    guard let clause = clauses.first else { return result.append(try evaluate(element)) }
    for value in try elements(of: try evaluate(clause.sequence)) {
      try charge()
      try assign(value, to: clause.target)
      if try clause.conditions.allSatisfy({ try truth(of: try evaluate($0)) }) {
        try comprehend(element, clauses.dropFirst(), into: &result)
      }
    }
  }

  // MARK: - Calls

  private func call(
    _ function: PythonExpression, _ given: [PythonArgument]
  ) throws -> CodeValue {
    let callee = try evaluate(function)
    var arguments = CodeArguments()
    for argument in given {
      let value = try evaluate(argument.value)
      switch argument.stars {
      case 1: arguments.positional += try elements(of: value)
      case 2:
        guard case .dictionary(let index) = value else {
          throw CodeRefusal("spreads \(value.kind) as named arguments")
        }
        for key in dictionaries[index].keys {
          guard case .text(let name) = key, let value = dictionaries[index][key] else { continue }
          arguments.named.append((name, value))
        }
      default:
        if let name = argument.name {
          arguments.named.append((name, value))
        } else {
          arguments.positional.append(value)
        }
      }
    }
    return try call(callee, arguments)
  }

  // MARK: - Operators

  private func unary(_ operation: String, _ operand: CodeValue) throws -> CodeValue {
    if operation == "not" { return .boolean(try !truth(of: operand)) }
    if case .tensor = operand {
      switch operation {
      case "-": return try operate("neg", CodeArguments(positional: [operand]))
      case "~": return try operate("bitwise_not", CodeArguments(positional: [operand]))
      default: return operand
      }
    }
    return try CodeArithmetic.unary(operation, operand)
  }

  /// The value of a binary operator.
  func binary(_ operation: String, _ left: CodeValue, _ right: CodeValue) throws -> CodeValue {
    if left.isTensor || right.isTensor {
      guard let name = Self.operators[operation] else {
        throw CodeRefusal("the operator \(operation) of tensors")
      }
      return try operate(name, operands(left, right, name))
    }
    if let text = try texts(operation, left, right) { return text }
    if operation == "+" || operation == "*", let sequence = try sequences(operation, left, right) {
      return sequence
    }
    return try CodeArithmetic.binary(operation, left, right)
  }

  /// A number before a tensor changes places with it where the operator allows, or becomes a tensor.
  private func operands(
    _ left: CodeValue, _ right: CodeValue, _ name: String
  ) throws -> CodeArguments {
    guard !left.isTensor else { return CodeArguments(positional: [left, right]) }
    switch name {
    case "add", "mul", "bitwise_and", "bitwise_or", "bitwise_xor":
      return CodeArguments(positional: [right, left])
    default: return CodeArguments(positional: [try scalarTensor(left), right])
    }
  }

  private func texts(
    _ operation: String, _ left: CodeValue, _ right: CodeValue
  ) throws -> CodeValue? {
    guard case .text(let text) = left else { return nil }
    switch operation {
    case "+": if let other = right.text { return try limited(text + other) }
    case "%": return try limited(text)
    case "*":
      if let count = right.integer, count >= 0, count <= 1 << 12, text.utf8.count <= 1 << 12 {
        return try limited(String(repeating: text, count: count))
      }
    default: break
    }
    return nil
  }

  /// A text that is not too long.
  func limited(_ text: String) throws -> CodeValue {
    try charge(text.utf8.count / 64)
    guard text.utf8.count <= 1 << 16 else {
      throw CodeRefusal("makes a text of \(text.utf8.count) bytes")
    }
    return .text(text)
  }

  private func sequences(
    _ operation: String, _ left: CodeValue, _ right: CodeValue
  ) throws -> CodeValue? {
    let isTuple: Bool
    switch (left, right) {
    case (.tuple, .tuple) where operation == "+": isTuple = true
    case (.list, .list) where operation == "+": isTuple = false
    case (.tuple, .integer) where operation == "*": isTuple = true
    case (.list, .integer) where operation == "*": isTuple = false
    default: return nil
    }
    var result = try elements(of: left)
    if let count = right.integer, operation == "*" {
      let total = max(count, 0).multipliedReportingOverflow(by: max(result.count, 1))
      guard !total.overflow, total.partialValue <= 1 << 16 else {
        throw CodeRefusal("repeats a list \(count) times")
      }
      result = (0..<max(count, 0)).flatMap { _ in result }
    } else {
      result += try elements(of: right)
    }
    try charge(result.count)
    return isTuple ? try tuple(result) : list(result)
  }

  // MARK: - Comparisons

  private func compare(
    _ first: PythonExpression, _ rest: [PythonComparison]
  ) throws -> CodeValue {
    var left = try evaluate(first)
    var result = CodeValue.boolean(true)
    for comparison in rest {
      let right = try evaluate(comparison.operand)
      result = try compare(comparison.operation, left, right)
      if rest.count > 1, try !truth(of: result) { return .boolean(false) }
      left = right
    }
    return result
  }

  /// The value of a comparison: a tensor where one is compared by value.
  func compare(_ operation: String, _ left: CodeValue, _ right: CodeValue) throws -> CodeValue {
    switch operation {
    case "is", "is not":
      let isSame = try isEqual(left, right)
      return .boolean(isSame == (operation == "is"))
    case "in", "not in":
      return .boolean(try contains(right, left) == (operation == "in"))
    default: break
    }
    if left.isTensor && !right.isNone || right.isTensor && !left.isNone,
      let name = Self.comparisons[operation]
    {
      let mirrored = ["lt": "gt", "gt": "lt", "le": "ge", "ge": "le"]
      return left.isTensor
        ? try operate(name, CodeArguments(positional: [left, right]))
        : try operate(mirrored[name] ?? name, CodeArguments(positional: [right, left]))
    }
    switch operation {
    case "==": return .boolean(try isEqual(left, right))
    case "!=": return .boolean(try !isEqual(left, right))
    default: return try CodeArithmetic.compare(operation, left, right)
    }
  }

  private func contains(_ container: CodeValue, _ value: CodeValue) throws -> Bool {
    switch container {
    case .dictionary(let index): return dictionaries[index][try key(value)] != nil
    case .text(let text): return value.text.map { text.contains($0) } ?? false
    case .module(let module):
      return module.children.contains { $0.name == value.text }
    default: return try elements(of: container).contains { try isEqual($0, value) }
    }
  }
}
