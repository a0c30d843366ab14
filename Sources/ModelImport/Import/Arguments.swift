/// What a name of a program stands for while it is read.
enum Binding {
  /// A tensor, or a number as a tensor without axes.
  case tensor(LogicalTensor)
  /// Tensors in order.
  case sequence([LogicalTensor])
}

/// The arguments of one operator, looked up by name or place and checked for their kinds.
struct Arguments {
  /// A running statistic of the model, by the name of its value.
  let buffers: [String: BatchNormBuffer]
  /// Version of the operators, where they have versions.
  let opset: Int?
  private let node: ProgramNode
  private let positional: [ProgramArgument]
  private let bindings: [String: Binding]

  init(
    _ node: ProgramNode, bindings: [String: Binding], buffers: [String: BatchNormBuffer],
    opset: Int? = nil
  ) {
    self.node = node
    self.opset = opset
    self.bindings = bindings
    self.buffers = buffers
    positional = node.arguments.filter(\.isPositional)
  }

  /// Number of arguments that are given by place.
  var count: Int { positional.count }

  /// Number of results.
  var outputCount: Int { node.outputs.count }

  /// Whether a result has a name.
  func usesOutput(_ place: Int) -> Bool {
    node.outputs.indices.contains(place) && !node.outputs[place].isEmpty
  }

  // MARK: - Looking up

  private func find(_ name: String, _ place: Int?) -> ArgumentValue? {
    if let named = node.arguments.first(where: { $0.name == name }) { return named.value }
    guard let place, positional.indices.contains(place) else { return nil }
    return positional[place].value
  }

  /// Whether an argument is given and is not nothing.
  func has(_ name: String, _ place: Int? = nil) -> Bool {
    switch find(name, place) {
    case nil, .some(.none): false
    case .value(let value)?: bindings[value] != nil
    default: true
    }
  }

  /// The name of the value that is given.
  func valueName(_ name: String, _ place: Int) -> String? {
    if case .value(let value)? = find(name, place) { value } else { nil }
  }

  // MARK: - Tensors

  /// A tensor; a number counts as one.
  func tensor(_ name: String, _ place: Int) throws -> LogicalTensor {
    guard let tensor = try optionalTensor(name, place) else {
      throw Refusal("its argument \(name) is missing")
    }
    return tensor
  }

  /// The first argument as a tensor.
  func input() throws -> LogicalTensor { try tensor("self", 0) }

  /// A tensor, or nil where nothing is given.
  func optionalTensor(_ name: String, _ place: Int?) throws -> LogicalTensor? {
    guard let value = find(name, place) else { return nil }
    return try tensor(value, name)
  }

  private func tensor(_ value: ArgumentValue, _ name: String) throws -> LogicalTensor? {
    switch value {
    case .none: return nil
    case .value(let text):
      guard let binding = bindings[text] else {
        throw Refusal("its argument \(name) is the value \(text), which nothing computed")
      }
      guard case .tensor(let tensor) = binding else {
        throw Refusal("its argument \(name) is a list")
      }
      return tensor
    case .integer(let number):
      return LogicalTensor(HostArray(Double(number), element: .integer))
    case .real(let number): return LogicalTensor(HostArray(number))
    case .boolean(let flag): return LogicalTensor(HostArray(flag ? 1 : 0, element: .boolean))
    case .tensor(let element, let shape, let elements):
      guard try Extents.count(shape, known: true) == elements.count else {
        throw Refusal("its argument \(name) has \(elements.count) numbers for \(shape)")
      }
      return LogicalTensor(HostArray(elements, shape: shape, element: element))
    default: throw Refusal("its argument \(name) is no tensor")
    }
  }

  /// A list of tensors, nil for entries that are not given.
  func optionalTensors(_ name: String, _ place: Int) throws -> [LogicalTensor?] {
    switch find(name, place) {
    case .list(let values)?: return try values.map { try tensor($0, name) }
    case .value(let text)?:
      guard case .sequence(let tensors)? = bindings[text] else {
        throw Refusal("its argument \(name) is no list")
      }
      return tensors
    default: throw Refusal("its argument \(name) is no list")
    }
  }

  /// A list of tensors.
  func tensors(_ name: String, _ place: Int) throws -> [LogicalTensor] {
    try optionalTensors(name, place).map {
      guard let tensor = $0 else { throw Refusal("its argument \(name) lacks a tensor") }
      return tensor
    }
  }

  /// All arguments that are given by place, nil for those that are left out.
  func allTensors() throws -> [LogicalTensor?] {
    try positional.map { try tensor($0.value, "") }
  }

  // MARK: - Numbers

  /// A number that is known, if it is given.
  func real(_ name: String, _ place: Int?) throws -> Double? {
    guard let tensor = try optionalTensor(name, place) else { return nil }
    guard let number = tensor.scalar else {
      throw Refusal("its argument \(name) must be a number that is known")
    }
    return number
  }

  /// A whole number that is known, if it is given.
  func integer(_ name: String, _ place: Int?) throws -> Int? {
    guard let tensor = try optionalTensor(name, place) else { return nil }
    guard let numbers = tensor.host?.integers, numbers.count == 1 else {
      throw Refusal("its argument \(name) must be a whole number that is known")
    }
    return numbers[0]
  }

  /// Whole numbers that are known, if they are given: a list, one number, or a tensor.
  func integers(_ name: String, _ place: Int?) throws -> [Int]? {
    guard let value = find(name, place) else { return nil }
    if case .list(let entries) = value {
      return try entries.map {
        guard let numbers = try tensor($0, name)?.host?.integers, numbers.count == 1 else {
          throw Refusal("its argument \(name) must be whole numbers that are known")
        }
        return numbers[0]
      }
    }
    guard let tensor = try tensor(value, name) else { return nil }
    guard let numbers = tensor.host?.integers else {
      throw Refusal("its argument \(name) must be whole numbers that are known")
    }
    return numbers
  }

  /// Numbers that are known, if they are given.
  func reals(_ name: String, _ place: Int?) throws -> [Double]? {
    guard let value = find(name, place) else { return nil }
    if case .list(let entries) = value {
      return try entries.map {
        guard let number = try tensor($0, name)?.scalar else {
          throw Refusal("its argument \(name) must be numbers that are known")
        }
        return number
      }
    }
    guard let tensor = try tensor(value, name) else { return nil }
    guard let array = tensor.host else {
      throw Refusal("its argument \(name) must be numbers that are known")
    }
    return array.elements
  }

  /// Whether a flag is set.
  func flag(_ name: String, _ place: Int?, default usual: Bool = false) throws -> Bool {
    try real(name, place).map { $0 != 0 } ?? usual
  }

  /// A text, if one is given.
  func text(_ name: String, _ place: Int? = nil) -> String? {
    switch find(name, place) {
    case .text(let text)?: text
    default: nil
    }
  }

  /// Texts, if a list of them is given.
  func texts(_ name: String) -> [String] {
    guard case .list(let values)? = find(name, nil) else { return [] }
    return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// An element type that is named, if one is.
  func elementType(_ name: String = "dtype", _ place: Int? = nil) -> String? {
    if case .elementType(let type)? = find(name, place) { type } else { nil }
  }

  /// The first element type that is given, by name or place.
  func anyElementType() -> String? {
    for argument in node.arguments {
      if case .elementType(let type) = argument.value { return type }
    }
    return nil
  }
}

extension ProgramElement {
  /// The kind of numbers of an element type of PyTorch or NumPy; nil for complex and unknown ones.
  package init?(elementType: String) {
    switch elementType {
    case "bool": self = .boolean
    case "float16", "float32", "float64", "bfloat16", "half", "float", "double": self = .real
    case "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "long", "int",
      "short":
      self = .integer
    default: return nil
    }
  }
}

/// What an operator of a dialect means.
typealias Rule = @Sendable (inout TensorBuilder, Arguments) throws -> [LogicalTensor]

/// A rule with one result.
func one(
  _ body: @escaping @Sendable (inout TensorBuilder, Arguments) throws -> LogicalTensor
) -> Rule {
  { [try body(&$0, $1)] }
}
