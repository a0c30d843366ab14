internal import ModelImport
internal import PythonSyntax

/// Names and attributes.
extension CodeInterpreter {
  /// What authors call PyTorch's packages in the text above a class, which files do not hold.
  private static let usualNames: [String: String] = [
    "torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "math": "math", "np": "numpy",
    "numpy": "numpy", "functional": "torch.nn.functional", "Tensor": "torch.Tensor",
    "Variable": "torch.autograd.Variable", "Parameter": "torch.nn.Parameter",
    "_assert": "torch._assert", "checkpoint": "torch.utils.checkpoint.checkpoint",
    "cp": "torch.utils.checkpoint",
  ]
  private static let elementTypes: Set<String> = [
    "float16", "float32", "float64", "bfloat16", "half", "float", "double", "bool", "int8", "int16",
    "int32", "int64", "uint8", "long", "int", "short",
  ]

  /// What a name stands for.
  func lookUp(_ name: String) throws -> CodeValue {
    if let value = frame.variables[name] { return value }
    let scope = frame.function.scope
    if let function = frame.functions[name] {
      return .function(
        CodeFunction(function: function, scope: scope, owner: frame.function.owner, receiver: nil))
    }
    if let path = frame.imports[name] ?? scope.imports[name] { return try library(path) }
    if let function = scope.functions[name], scope.kind != .script {
      return .function(
        CodeFunction(function: function, scope: scope, owner: nil, receiver: nil))
    }
    if let type = scope.types[name], scope.kind != .script { return .type(type) }
    if PythonBuiltins.types.contains(name) { return .library("typing.\(name)") }
    if PythonBuiltins.all[name] != nil { return .library("builtins.\(name)") }
    switch scope.kind {
    case .script:
      if name == "Tensor" { return .library("typing.Tensor") }
      if ["torch", "ops", "CONSTANTS", "__torch__"].contains(name) { return .library(name) }
      if name == "inf" || name == "nan" { return .real(name == "inf" ? .infinity : .nan) }
    case .source, .library:
      if let path = Self.usualNames[name] { return try library(path) }
      if let type = try library.type(named: name) { return .type(type) }
      for package in ["torch.nn.functional", "torch"] {
        if let function = try library.function(named: "\(package).\(name)") {
          return .function(function)
        }
      }
    }
    throw CodeRefusal("uses the name \(name), which the file does not explain")
  }

  /// Something of a library by its full name.
  func library(_ path: String) throws -> CodeValue {
    let parts = path.split(separator: ".")
    guard let last = parts.last.map(String.init) else { return .library(path) }
    switch parts.dropLast().joined(separator: ".") {
    case "torch":
      if Self.elementTypes.contains(last) { return .elementType(last) }
      if last == "inf" || last == "nan" { return .real(last == "inf" ? .infinity : .nan) }
      if last == "pi" { return .real(.pi) }
      if ["contiguous_format", "channels_last", "preserve_format", "strided"].contains(last) {
        return .setting("torch.\(last)")
      }
    case "math", "numpy":
      if let value = ["pi": Double.pi, "inf": .infinity, "e": 2.718281828459045][last] {
        return .real(value)
      }
    case "CONSTANTS":
      guard let index = Int(last.dropFirst()), last.hasPrefix("c"),
        constants.indices.contains(index)
      else { throw CodeRefusal("the constant \(last) is missing") }
      return constants[index]
    default: break
    }
    if path.hasPrefix("__torch__."), let type = try library.type(named: path) { return .type(type) }
    return .library(path)
  }

  // MARK: - Attributes

  /// An attribute of a value.
  func attribute(_ name: String, of value: CodeValue) throws -> CodeValue {
    guard let result = try optionalAttribute(name, of: value) else {
      if case .module(let module) = value {
        throw CodeRefusal("\(module.title) has no \(name)")
      }
      throw CodeRefusal("the attribute \(name) of \(value.kind)")
    }
    return result
  }

  /// An attribute of a value; nil where it has none of this name.
  func optionalAttribute(_ name: String, of value: CodeValue) throws -> CodeValue? {
    switch value {
    case .library(let path): return try library("\(path).\(name)")
    case .module(let module): return try attribute(name, of: module)
    case .object(let index):
      let object = objects[index]
      if let value = object.attributes[name] { return value }
      return try method(name, of: object.type, receiver: value)
    case .type(let type):
      if let expression = type.values[name] { return try constant(expression, of: type) }
      return try method(name, of: type, receiver: nil)
    case .tensor(let tensor): return try tensorAttribute(name, of: tensor)
    case .tuple(let elements) where elements.count == 2 && ["values", "indices"].contains(name):
      return elements[name == "values" ? 0 : 1]
    case .list, .dictionary, .text, .tuple: return .method(value, name)
    case .method(let receiver, "super()"): return try inheritedMethod(name, receiver)
    case .missing(let reason): throw CodeRefusal(reason)
    case .setting: return .setting(name)
    default: return nil
    }
  }

  private func attribute(_ name: String, of module: CodeModule) throws -> CodeValue? {
    if name == "training" { return .boolean(false) }
    if let value = module.attributes[name] {
      noteRead(module, name)
      return value
    }
    if let child = module.children.last(where: { $0.name == name }) { return .module(child.module) }
    guard let type = module.type else { return nil }
    if let value = try inherited(name, type) { return value }
    return try method(name, of: type, receiver: .module(module))
  }

  /// A value that the body of a class or of one of its bases gives to a name.
  private func inherited(_ name: String, _ type: CodeClass) throws -> CodeValue? {
    for type in try type.lineage(in: library) {
      if let expression = type.values[name] { return try constant(expression, of: type) }
      if type.functions[name] != nil { return nil }
    }
    return nil
  }

  private func constant(_ expression: PythonExpression, of type: CodeClass) throws -> CodeValue {
    try evaluate(
      expression,
      in: CodeFunction(function: .none, scope: type.scope, owner: type, receiver: nil))
  }

  /// A method of a class or of its bases, of a receiver.
  func method(
    _ name: String, of type: CodeClass, receiver: CodeValue?
  ) throws -> CodeValue? {
    for type in try type.lineage(in: library) {
      guard let function = type.functions[name] else { continue }
      let method = CodeFunction(
        function: function, scope: type.scope, owner: type, receiver: receiver)
      return function.decorators.contains("property") && receiver != nil
        ? try call(method, CodeArguments()) : .function(method)
    }
    return nil
  }

  /// A method of the bases of the class whose method is running.
  private func inheritedMethod(_ name: String, _ receiver: CodeValue) throws -> CodeValue? {
    guard let owner = frame.function.owner else { return nil }
    for base in try owner.bases(in: library) {
      if let method = try method(name, of: base, receiver: receiver) { return method }
    }
    return nil
  }

  /// Whether a module is of a class, or of one made from it.
  func isInstance(_ module: CodeModule, of name: String) throws -> Bool {
    if module.typeName.split(separator: ".").last.map(String.init) == name { return true }
    guard let type = module.type else { return false }
    return try type.lineage(in: library).contains {
      $0.name.split(separator: ".").last.map(String.init) == name || $0.hasBase(name)
    }
  }
}
