internal import PythonSyntax

/// Statements.
extension CodeInterpreter {
  /// How a block ends.
  enum Flow {
    case onward
    case result(CodeValue)
    case leave
    case next
  }

  /// Runs statements up to a result or the end of a loop's turn.
  func run(_ statements: [PythonStatement]) throws -> Flow {
    for statement in statements {
      try charge()
      frame.line = statement.line
      let flow = try run(statement)
      guard case .onward = flow else { return flow }
    }
    return .onward
  }

  private func run(_ statement: PythonStatement) throws -> Flow {
    switch statement.kind {
    case .expression(let expression): _ = try evaluate(expression)
    case .assignment(let targets, let value):
      let result = try evaluate(value)
      for target in targets { try assign(result, to: target) }
    case .declaration(let target, _, let value?): try assign(try evaluate(value), to: target)
    case .declaration(_, _, nil): break
    case .update(let target, let operation, let value):
      try update(target, operation, try evaluate(value))
    case .result(let value): return .result(try value.map { try evaluate($0) } ?? .none)
    case .condition(let condition, let body, let rest):
      return try run(try isTrue(condition) ? body : rest)
    case .loop(let target, let sequence, let body):
      for value in try elements(of: try evaluate(sequence)) {
        try charge()
        try assign(value, to: target)
        switch try run(body) {
        case .result(let value): return .result(value)
        case .leave: return .onward
        case .onward, .next: break
        }
      }
    case .repetition(let condition, let body):
      while try isTrue(condition) {
        try charge()
        switch try run(body) {
        case .result(let value): return .result(value)
        case .leave: return .onward
        case .onward, .next: break
        }
      }
    case .scope(let items, let body):
      try enter(items)
      return try run(body)
    case .pass: break
    case .leave: return .leave
    case .next: return .next
    case .assertion(let condition, let message):
      guard try !isTrue(condition) else { break }
      let text = try message.map { try self.text(of: try evaluate($0)) } ?? "a condition"
      throw CodeRefusal("the network asserts otherwise: \(text.prefix(200))")
    case .failure(let error): throw CodeRefusal("the network stops here: \(try reason(error))")
    case .imports(let items): for item in items { frame.imports[item.name] = item.path }
    case .function(let function): frame.functions[function.name] = function
    case .type: throw CodeRefusal("defines a class in a pass")
    case .unsupported(let word): throw CodeRefusal("uses \(word), which has no meaning here")
    }
    return .onward
  }

  private func isTrue(_ expression: PythonExpression) throws -> Bool {
    let line = frame.line
    let value = try evaluate(expression)
    frame.line = line
    return try truth(of: value)
  }

  /// What an exception says.
  private func reason(_ error: PythonExpression?) throws -> String {
    guard let error else { return "an exception" }
    guard case .call(let type, let arguments) = error else { return "an exception" }
    let texts = arguments.compactMap { argument in
      (try? evaluate(argument.value)).flatMap { try? text(of: $0) }
    }
    if let first = texts.first { return String(first.prefix(200).filter { !$0.isNewline }) }
    if case .name(let name) = type { return name }
    return "an exception"
  }

  /// Contexts that change no numbers.
  private func enter(_ items: [PythonExpression]) throws {
    let harmless: Set<String> = [
      "torch.enable_grad", "torch.autograd.profiler.record_function",
      "torch.profiler.record_function", "torch.set_grad_enabled",
    ]
    for item in items {
      guard case .call(let function, let arguments) = item,
        case .library(let name) = try evaluate(function), harmless.contains(name)
      else { throw CodeRefusal("uses with, which has no meaning here") }
      if name == "torch.set_grad_enabled", let first = arguments.first {
        guard try truth(of: try evaluate(first.value)) else {
          throw CodeRefusal("stops derivatives in a part of the network")
        }
      }
    }
  }

  // MARK: - Assignment

  /// Gives a value to a variable, attribute or element, or its parts to several of them.
  func assign(_ value: CodeValue, to target: PythonExpression) throws {
    switch target {
    case .name(let name): frame.variables[name] = value
    case .tuple(let targets), .list(let targets): try unpack(value, to: targets)
    case .attribute(let base, let name):
      switch try evaluate(base) {
      case .module(let module): try set(module, name, value)
      case .object(let index): objects[index].attributes[name] = value
      default: throw CodeRefusal("writes the attribute \(name) of something that has none")
      }
    case .element(let base, let index):
      try setElement(of: try evaluate(base), at: try evaluate(index), to: value)
    default: throw CodeRefusal("assigns to something that is no variable")
    }
  }

  private func unpack(_ value: CodeValue, to targets: [PythonExpression]) throws {
    let values = try elements(of: value)
    let star = targets.firstIndex { if case .starred = $0 { true } else { false } }
    guard star == nil ? values.count == targets.count : values.count >= targets.count - 1 else {
      throw CodeRefusal("takes \(values.count) values apart into \(targets.count)")
    }
    guard let star, case .starred(let inner) = targets[star] else {
      for (target, value) in zip(targets, values) { try assign(value, to: target) }
      return
    }
    let count = values.count - (targets.count - 1)
    for (target, value) in zip(targets[..<star], values) { try assign(value, to: target) }
    try assign(list(Array(values[star..<star + count])), to: inner)
    for (target, value) in zip(targets[(star + 1)...], values[(star + count)...]) {
      try assign(value, to: target)
    }
  }

  private func update(
    _ target: PythonExpression, _ operation: String, _ value: CodeValue
  ) throws {
    let old = try evaluate(target)
    // A tensor is changed in place, and so is a list.
    if case .tensor = old, let name = Self.operators[operation] {
      let result = try operate("\(name)_", CodeArguments(positional: [old, value]))
      return try assign(result, to: target)
    }
    if case .list(let index) = old, operation == "+" {
      lists[index] += try elements(of: value)
      return try charge(lists[index].count)
    }
    try assign(try binary(operation, old, value), to: target)
  }
}
