internal import ModelImport

/// Attributes and methods of tensors; those that are no operators are known here.
extension CodeInterpreter {
  private static let sameTensor: Set<String> = [
    "cuda", "cpu", "requires_grad_", "contiguous", "pin_memory", "is_contiguous_", "to_dense",
  ]
  private static let casts: [String: String] = [
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16",
    "long": "int64", "int": "int32", "short": "int16", "bool": "bool",
  ]

  /// What the numbers of a tensor are; nil for something else.
  func elementKind(_ value: CodeValue) -> ProgramElement? {
    if case .tensor(let name) = value { tracer.element(of: name) } else { nil }
  }

  /// A known number: one that is, or a tensor of one.
  func known(_ value: CodeValue) throws -> CodeValue {
    guard value.isTensor else { return value }
    let number = try number(of: value)
    switch elementKind(value) {
    case .integer?: return .integer(try CodeArithmetic.integer(number))
    case .boolean?: return .boolean(number != 0)
    default: return .real(number)
    }
  }

  /// An attribute of a tensor, or a method of it.
  func tensorAttribute(_ name: String, of tensor: String) throws -> CodeValue {
    let value = CodeValue.tensor(tensor)
    switch name {
    case "shape": return try callTensorMethod("size", of: value, CodeArguments())
    case "ndim": return try callTensorMethod("dim", of: value, CodeArguments())
    case "dtype":
      switch tracer.element(of: tensor) {
      case .integer?: return .elementType("int64")
      case .boolean?: return .elementType("bool")
      default: return .elementType("float32")
      }
    case "device", "layout": return .setting(name)
    case "is_cuda", "is_quantized", "is_sparse", "is_nested", "is_mkldnn": return .boolean(false)
    case "requires_grad": return .boolean(true)
    case "grad": return .none
    case "data": return try operate("detach", CodeArguments(positional: [value]))
    case "T": return try operate("numpy_T", CodeArguments(positional: [value]))
    case "mT": return try operate("mT", CodeArguments(positional: [value]))
    default: return .method(value, name)
    }
  }

  /// Calls a method of a tensor.
  func callTensorMethod(
    _ name: String, of receiver: CodeValue, _ arguments: CodeArguments
  ) throws -> CodeValue {
    guard case .tensor(let tensor) = receiver else {
      // A number that tracing made a tensor of.
      if name == "dim" { return .integer(0) }
      if name == "size" { return try tuple([]) }
      throw CodeRefusal("the method \(name) of \(receiver.kind)")
    }
    guard let shape = tracer.shape(of: tensor) else { throw CodeRefusal("an unknown tensor") }
    switch name {
    case "size":
      guard let axis = arguments.value(0, "dim"), !axis.isNone else {
        return try tuple(shape.map { .integer($0) })
      }
      return .integer(shape[try place(axis, count: shape.count)])
    case "dim", "ndimension": return .integer(shape.count)
    case "numel", "nelement": return .integer(shape.reduce(1, *))
    case "item", "tolist": return try known(receiver)
    case "is_floating_point": return .boolean(elementKind(receiver) == .real)
    case "is_contiguous": return .boolean(true)
    case "type":
      if let type = try arguments.value(0, "dtype").flatMap({ try elementType($0) }) {
        return try cast(receiver, to: type)
      }
    case "new_tensor": return try operate("tensor", arguments)
    default: break
    }
    if Self.sameTensor.contains(name) { return receiver }
    if let type = Self.casts[name], arguments.positional.isEmpty {
      return try cast(receiver, to: type)
    }
    if name == "to", arguments.positional.first?.text != nil { return receiver }
    var all = arguments
    all.positional.insert(receiver, at: 0)
    if let function = CodeFunctions.all["torch.\(name)"] { return try function(self, all) }
    if let function = try library.function(named: "torch.Tensor.\(name)") {
      return try call(function, all)
    }
    return try operate(name, all)
  }

  private func cast(_ value: CodeValue, to type: String) throws -> CodeValue {
    try operate("to", CodeArguments(positional: [value, .elementType(type)]))
  }
}
