internal import ModelImport

/// Operators of PyTorch: the overload that the arguments fit becomes a node of the program.
extension CodeInterpreter {
  /// Applies an operator.
  ///
  /// - Parameters:
  ///   - name: Its name without namespace, like `conv2d`.
  ///   - arguments: Operands and settings as the code gives them.
  /// - Returns: A tensor, a tuple or a list of them.
  /// - Throws: `CodeRefusal` where no overload fits, or no rule can read it.
  func operate(_ name: String, _ arguments: CodeArguments) throws -> CodeValue {
    if name == "tensor" || name == "as_tensor" { return try constantTensor(arguments) }
    let overloads = ATenSchema.overloads(of: name)
    guard !overloads.isEmpty else {
      throw CodeRefusal("aten.\(name): \(SupportedOperators.reason(againstATen: name))")
    }
    for isLenient in [false, true] {
      for schema in overloads {
        guard let fitted = try fit(arguments, to: schema, isLenient: isLenient) else { continue }
        return try emit(schema, name: name, fitted)
      }
    }
    let kinds =
      arguments.positional.map(\.kind) + arguments.named.map { "\($0.name): \($0.value.kind)" }
    throw CodeRefusal("aten.\(name): takes no \(kinds.joined(separator: ", "))")
  }

  private func emit(
    _ schema: ATenSchema, name: String, _ arguments: [ProgramArgument]
  ) throws -> CodeValue {
    try charge(16)
    guard tracer.program.nodes.count < Self.maximumNodes else {
      throw CodeRefusal("has more than \(Self.maximumNodes) operators")
    }
    let names: [String]
    do throws(ImportError) {
      names = try tracer.append(
        "aten.\(name).\(schema.overload)", arguments, resultCount: schema.resultCount,
        module: modulePath, source: sourceLine)
    } catch {
      // The error names module and line itself.
      throw CodeRefusal(error.description, place: "")
    }
    let results: [CodeValue] = names.map {
      $0.isEmpty ? .missing("\(name): one of its results is not supported") : .tensor($0)
    }
    guard let count = schema.resultCount else { return list(results) }
    guard count > 1, let first = results.first else { return results.first ?? .none }
    return name.hasSuffix("_") && results.count == 1 ? first : try tuple(results)
  }

  /// `torch.tensor` of known numbers.
  private func constantTensor(_ arguments: CodeArguments) throws -> CodeValue {
    let data = try arguments.required(0, "data")
    if data.isTensor { return data }
    var numbers: [Double] = []
    var isWhole = true
    var isBoolean = true
    let shape = try shape(of: data, into: &numbers, &isWhole, &isBoolean, depth: 0)
    let usual = isBoolean ? "bool" : isWhole ? "int64" : "float32"
    let type = try arguments.value(1, "dtype").flatMap { try elementType($0) } ?? usual
    guard let element = ProgramElement(elementType: type) else {
      throw CodeRefusal("numbers of the kind \(type)")
    }
    let names: [String]
    do throws(ImportError) {
      names = try tracer.append(
        "aten.lift_fresh_copy.default",
        [
          ProgramArgument(
            name: "self", isPositional: true,
            value: .tensor(element, shape: shape, elements: numbers))
        ], resultCount: 1, module: modulePath, source: sourceLine)
    } catch {
      throw CodeRefusal(error.description, place: "")
    }
    return .tensor(names[0])
  }

  private func shape(
    of value: CodeValue, into numbers: inout [Double], _ isWhole: inout Bool,
    _ isBoolean: inout Bool, depth: Int
  ) throws -> [Int] {
    switch value {
    case .list, .tuple:
      guard depth < 8 else { throw CodeRefusal("a tensor of more than 8 axes") }
      let elements = try elements(of: value)
      var inner: [Int]?
      for element in elements {
        let shape = try shape(of: element, into: &numbers, &isWhole, &isBoolean, depth: depth + 1)
        guard inner == nil || inner == shape else { throw CodeRefusal("a tensor of ragged lists") }
        inner = shape
      }
      return [elements.count] + (inner ?? [])
    default:
      if value.integer == nil { isWhole = false }
      if case .boolean = value {} else { isBoolean = false }
      numbers.append(try number(of: value))
      return []
    }
  }
}
