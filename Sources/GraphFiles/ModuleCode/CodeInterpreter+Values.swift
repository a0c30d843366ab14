internal import ModelImport

/// What values are to Python: true or false, sequences, texts, keys.
extension CodeInterpreter {
  /// Whether a value counts as true.
  ///
  /// - Throws: `CodeRefusal` for a tensor that depends on data.
  func truth(of value: CodeValue) throws -> Bool {
    switch value {
    case .none: return false
    case .boolean(let value): return value
    case .integer(let value): return value != 0
    case .real(let value): return value != 0
    case .text(let text): return !text.isEmpty
    case .tuple(let elements): return !elements.isEmpty
    case .list(let index): return !lists[index].isEmpty
    case .dictionary(let index): return !dictionaries[index].keys.isEmpty
    case .tensor(let name):
      guard let numbers = tracer.numbers(of: name), numbers.count == 1 else {
        throw CodeRefusal("the way of the network depends on data")
      }
      return numbers[0] != 0
    case .missing(let reason): throw CodeRefusal(reason)
    case .module(let module):
      // Containers are as true as they are full.
      return try !isContainer(module) || !module.children.isEmpty
    case .ellipsis, .slice, .object, .type, .function, .library, .method, .elementType, .setting:
      return true
    }
  }

  /// Whether a module is a container of PyTorch's.
  func isContainer(_ module: CodeModule) throws -> Bool {
    for name in ["Sequential", "ModuleList", "ModuleDict"]
    where try isInstance(module, of: name) {
      return true
    }
    return false
  }

  /// The elements of a sequence.
  func elements(of value: CodeValue) throws -> [CodeValue] {
    switch value {
    case .tuple(let elements): return elements
    case .list(let index):
      try charge(lists[index].count)
      return lists[index]
    case .dictionary(let index): return dictionaries[index].keys.map { Self.value(of: $0) }
    case .text(let text): return text.map { .text(String($0)) }
    case .tensor(let name):
      guard let first = tracer.shape(of: name)?.first else {
        throw CodeRefusal("takes a single number apart")
      }
      guard first <= 1 << 10 else { throw CodeRefusal("takes a tensor apart into \(first) parts") }
      return try elements(
        of: try operate("unbind", CodeArguments(positional: [value, .integer(0)])))
    case .module(let module):
      guard try isContainer(module) else {
        throw CodeRefusal("goes through the parts of \(module.title)")
      }
      if try isInstance(module, of: "ModuleDict") {
        return module.children.map { .text($0.name) }
      }
      return module.children.map { .module($0.module) }
    case .object(let index):
      let object = objects[index]
      guard object.type.hasBase("NamedTuple") else { break }
      return object.type.declarations.compactMap { object.attributes[$0.name] }
    default: break
    }
    throw CodeRefusal("goes through \(value.kind)")
  }

  /// A value as a key of a dictionary.
  func key(_ value: CodeValue) throws -> CodeKey {
    if let text = value.text { return .text(text) }
    if let integer = value.integer { return .integer(integer) }
    throw CodeRefusal("\(value.kind) as a key")
  }

  /// A key as a value.
  static func value(of key: CodeKey) -> CodeValue {
    switch key {
    case .integer(let value): .integer(value)
    case .text(let text): .text(text)
    }
  }

  /// Whether two values are equal; tensors are where they are the same one.
  func isEqual(_ left: CodeValue, _ right: CodeValue, depth: Int = 0) throws -> Bool {
    try charge()
    guard depth < 16 else { throw CodeRefusal("compares values nested more than 16 deep") }
    switch (left, right) {
    case (.none, .none), (.ellipsis, .ellipsis): return true
    case (.text(let a), .text(let b)): return a == b
    case (.elementType(let a), .elementType(let b)): return a == b
    case (.tensor(let a), .tensor(let b)): return a == b
    case (.module(let a), .module(let b)): return a === b
    case (.type(let a), .type(let b)): return a === b
    case (.library(let a), .library(let b)), (.setting(let a), .setting(let b)): return a == b
    // Extents are tuples here and lists in TorchScript.
    case (.tuple, .tuple), (.list, .list), (.tuple, .list), (.list, .tuple):
      if case .list(let a) = left, case .list(let b) = right, a == b { return true }
      let (first, second) = (try elements(of: left), try elements(of: right))
      guard first.count == second.count else { return false }
      for (a, b) in zip(first, second) where try !isEqual(a, b, depth: depth + 1) { return false }
      return true
    case (.missing(let reason), _), (_, .missing(let reason)): throw CodeRefusal(reason)
    default:
      guard let a = left.number, let b = right.number else { return false }
      return a == b
    }
  }

  /// A value as a text, as in a message.
  func text(of value: CodeValue, depth: Int = 0) throws -> String {
    try charge()
    switch value {
    case .none: return "None"
    case .boolean(let value): return value ? "True" : "False"
    case .integer(let value): return String(value)
    case .real(let value): return String(value)
    case .text(let text): return text
    case .tuple, .list:
      guard depth < 8 else { return "..." }
      let parts = try elements(of: value).prefix(64).map { try text(of: $0, depth: depth + 1) }
      return "[" + parts.joined(separator: ", ") + "]"
    case .tensor(let name): return "a tensor \(tracer.shape(of: name) ?? [])"
    default: return value.kind
    }
  }

  /// A known number as a tensor.
  func scalarTensor(_ value: CodeValue) throws -> CodeValue {
    if value.isTensor { return value }
    guard value.number != nil else { throw CodeRefusal("\(value.kind) where a tensor belongs") }
    let type = value.integer == nil ? "float32" : "int64"
    return try operate(
      "scalar_tensor",
      CodeArguments(positional: [value], named: [("dtype", .elementType(type))]))
  }

  /// A whole number: one that is, or a tensor that is known.
  func integer(of value: CodeValue) throws -> Int {
    if let integer = value.integer { return integer }
    return try CodeArithmetic.integer(try number(of: value))
  }

  /// A number: one that is, or a tensor that is known.
  func number(of value: CodeValue) throws -> Double {
    if let number = value.number { return number }
    switch value {
    case .tensor(let name):
      guard let numbers = tracer.numbers(of: name), numbers.count == 1 else {
        throw CodeRefusal("takes a number out of data")
      }
      return numbers[0]
    case .text(let text):
      let special: [String: Double] = ["inf": .infinity, "-inf": -.infinity, "nan": .nan]
      if let number = special[text] ?? Double(text) { return number }
      throw CodeRefusal("the text \"\(text.prefix(40))\" as a number")
    case .missing(let reason): throw CodeRefusal(reason)
    default: throw CodeRefusal("\(value.kind) as a number")
    }
  }
}
