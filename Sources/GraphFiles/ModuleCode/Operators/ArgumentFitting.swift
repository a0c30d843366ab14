internal import ModelImport

/// Fitting the arguments of a call to a schema.
extension CodeInterpreter {
  /// The element types by the numbers that TorchScript writes, `ScalarType` of c10.
  private static let elementTypes: [Int: String] = [
    0: "uint8", 1: "int8", 2: "int16", 3: "int32", 4: "int64", 5: "float16", 6: "float32",
    7: "float64", 11: "bool", 15: "bfloat16",
  ]

  /// The arguments by the names of a schema; nil where they do not fit.
  ///
  /// With `isLenient` numbers count as tensors, and tensors that are known as numbers.
  func fit(
    _ arguments: CodeArguments, to schema: ATenSchema, isLenient: Bool
  ) throws -> [ProgramArgument]? {
    var positional = arguments.positional[...]
    var named = arguments.named
    var result: [ProgramArgument] = []
    var isPositional = true
    for (index, parameter) in schema.parameters.enumerated() {
      let given: CodeValue
      if !parameter.isKeywordOnly, !positional.isEmpty {
        if let spread = spread(positional, parameter.kind, schema.parameters[(index + 1)...]) {
          given = list(spread)
          positional = []
        } else {
          given = positional.removeFirst()
        }
      } else if let place = named.firstIndex(where: { Self.isName($0.name, of: parameter.name) }) {
        given = named.remove(at: place).value
        isPositional = false
      } else {
        guard parameter.hasDefault else { return nil }
        isPositional = false
        continue
      }
      guard let value = try value(given, parameter.kind, isLenient: isLenient) else { return nil }
      result.append(
        ProgramArgument(
          name: parameter.name, isPositional: isPositional && !parameter.isKeywordOnly,
          value: value))
    }
    return positional.isEmpty && named.isEmpty ? result : nil
  }

  /// Python calls axes and sizes by NumPy's names too.
  private static func isName(_ given: String, of name: String) -> Bool {
    given == name || given == "axis" && name == "dim" || given == "keepdims" && name == "keepdim"
      || given == "input" && name == "self"
  }

  /// The numbers of `x.view(2, 3)`, which stand where a list belongs.
  private func spread(
    _ positional: ArraySlice<CodeValue>, _ kind: ATenSchema.Kind,
    _ rest: ArraySlice<ATenSchema.Parameter>
  ) -> [CodeValue]? {
    guard kind.isList, kind.name == "int", kind.size == nil, positional.first?.integer != nil,
      positional.count > 1 || rest.allSatisfy({ $0.isKeywordOnly })
    else { return nil }
    let isWhole = positional.allSatisfy { $0.integer != nil || isKnownNumber($0) }
    return isWhole ? Array(positional) : nil
  }

  private func isKnownNumber(_ value: CodeValue) -> Bool {
    if case .tensor(let name) = value { return tracer.numbers(of: name)?.count == 1 }
    return false
  }

  // MARK: - Values

  private func value(
    _ value: CodeValue, _ kind: ATenSchema.Kind, isLenient: Bool
  ) throws -> ArgumentValue? {
    if case .missing(let reason) = value { throw CodeRefusal(reason) }
    if value.isNone { return kind.isOptional ? ArgumentValue.none : nil }
    guard kind.isList else { return try element(value, kind.name, isLenient: isLenient) }
    let values: [CodeValue]
    switch value {
    case .list, .tuple: values = try elements(of: value)
    case .integer, .real, .boolean:
      guard let size = kind.size, size <= 8 else { return nil }
      values = [CodeValue](repeating: value, count: size)
    case .tensor:
      guard kind.size == 1 || isLenient, kind.name == "int" else { return nil }
      values = [value]
    default: return nil
    }
    var result: [ArgumentValue] = []
    for value in values {
      if value.isNone, kind.hasOptionalElements {
        result.append(.none)
      } else {
        guard let element = try element(value, kind.name, isLenient: isLenient) else { return nil }
        result.append(element)
      }
    }
    return .list(result)
  }

  private func element(
    _ value: CodeValue, _ kind: String, isLenient: Bool
  ) throws -> ArgumentValue? {
    switch (kind, value) {
    case (_, .missing(let reason)): throw CodeRefusal(reason)
    case ("Tensor", .tensor(let name)): return .value(name)
    case ("Tensor", _): return isLenient ? Self.number(value) : nil
    case ("int", .integer(let number)): return .integer(number)
    case ("int", .boolean(let flag)): return isLenient ? .integer(flag ? 1 : 0) : nil
    case ("int", .elementType): return nil
    case ("float", .real), ("float", .integer): return value.number.map { .real($0) }
    case ("Scalar", .integer), ("Scalar", .real), ("Scalar", .boolean): return Self.number(value)
    case ("bool", .boolean(let flag)): return .boolean(flag)
    case ("bool", .integer(let number)): return isLenient ? .boolean(number != 0) : nil
    case ("str", .text(let text)): return .text(text)
    case ("ScalarType", _): return try elementType(value).map { .elementType($0) }
    case ("Device", .setting), ("Device", .text), ("Layout", .setting), ("MemoryFormat", .setting),
      ("Generator", .setting):
      return ArgumentValue.none
    case ("Layout", .integer), ("MemoryFormat", .integer): return ArgumentValue.none
    case ("int", .tensor), ("float", .tensor), ("Scalar", .tensor):
      guard isLenient, isKnownNumber(value) else { return nil }
      return kind == "int" ? .integer(try integer(of: value)) : .real(try number(of: value))
    default: return nil
    }
  }

  private static func number(_ value: CodeValue) -> ArgumentValue? {
    switch value {
    case .integer(let number): .integer(number)
    case .real(let number): .real(number)
    case .boolean(let flag): .boolean(flag)
    default: nil
    }
  }

  /// An element type by name or by TorchScript's number; nil for something else.
  func elementType(_ value: CodeValue) throws -> String? {
    switch value {
    case .elementType(let name): return name
    case .integer(let code):
      guard let name = Self.elementTypes[code] else {
        throw CodeRefusal("numbers of the kind \(code)")
      }
      return name
    default: return nil
    }
  }
}
