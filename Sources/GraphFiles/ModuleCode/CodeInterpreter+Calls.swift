internal import PythonSyntax

/// Calls.
extension CodeInterpreter {
  /// Packages of PyTorch that hold its operators under their own names.
  private static let operatorPackages: Set<String> = [
    "torch", "ops.aten", "torch.ops.aten", "torch.special", "torch.functional", "torch.Tensor",
    "torch.linalg", "torch._C._nn",
  ]

  /// Calls a value.
  func call(_ callee: CodeValue, _ arguments: CodeArguments) throws -> CodeValue {
    switch callee {
    case .function(let function): return try call(function, arguments)
    case .module(let module): return try forward(module, arguments)
    case .library(let path): return try callLibrary(path, arguments)
    case .method(let receiver, let name): return try callMethod(name, of: receiver, arguments)
    case .type(let type): return try make(type, arguments)
    case .missing(let reason): throw CodeRefusal(reason)
    case .setting(let name): return .setting(name)
    default: throw CodeRefusal("calls \(callee.kind)")
    }
  }

  /// Runs a module.
  func forward(_ module: CodeModule, _ arguments: CodeArguments) throws -> CodeValue {
    if case .text(let hooks)? = module.attributes[CodeModule.refusedHooks] {
      throw CodeRefusal("\(module.title) has \(hooks), which a file does not hold")
    }
    guard let type = module.type,
      case .function(let function)? = try method("forward", of: type, receiver: .module(module))
    else { throw CodeRefusal("\(module.title): the file does not hold its forward") }
    return try call(function, arguments)
  }

  private func callLibrary(_ path: String, _ arguments: CodeArguments) throws -> CodeValue {
    if let function = CodeFunctions.all[path] { return try function(self, arguments) }
    if path.hasPrefix("builtins."), let function = PythonBuiltins.all[String(path.dropFirst(9))] {
      return try function(self, arguments)
    }
    if let function = try library.function(named: path) { return try call(function, arguments) }
    if path.hasPrefix("torch.nn."), let type = try library.type(named: path) {
      return try make(type, arguments)
    }
    guard let dot = path.lastIndex(of: ".") else { throw CodeRefusal("calls \(path)") }
    let name = String(path[path.index(after: dot)...])
    let package = String(path[..<dot])
    if package == "__torch__" || path.hasPrefix("__torch__.") {
      throw CodeRefusal("the file does not hold \(path)")
    }
    if package == "torch.linalg" { return try operate("linalg_\(name)", arguments) }
    guard Self.operatorPackages.contains(package) else {
      throw CodeRefusal("calls \(path), which is not supported")
    }
    return try operate(name, arguments)
  }

  // MARK: - Objects

  /// Makes an object of a class.
  private func make(_ type: CodeClass, _ arguments: CodeArguments) throws -> CodeValue {
    if type.hasBase("NamedTuple") {
      var attributes: [String: CodeValue] = [:]
      for (place, field) in type.declarations.enumerated() {
        attributes[field.name] =
          try arguments.value(place, field.name)
          ?? optionalAttribute(field.name, of: .type(type))
      }
      objects.append(CodeObject(type: type, attributes: attributes))
      return .object(objects.count - 1)
    }
    if type.scope.kind == .script {
      guard !type.hasBase("Module") else { throw CodeRefusal("makes a module in a pass") }
      objects.append(CodeObject(type: type, attributes: [:]))
      let object = CodeValue.object(objects.count - 1)
      if case .function(let function)? = try method("__init__", of: type, receiver: object) {
        _ = try call(function, arguments)
      }
      return object
    }
    guard type.scope.kind == .library else { throw CodeRefusal("makes a \(type.name) in a pass") }
    let module = CodeModule(typeName: type.name, type: type, path: modulePath)
    guard
      case .function(let function)? = try method("__init__", of: type, receiver: .module(module))
    else { throw CodeRefusal("makes a \(type.name) in a pass") }
    _ = try call(function, arguments)
    return .module(module)
  }

  // MARK: - Methods of values

  private func callMethod(
    _ name: String, of receiver: CodeValue, _ arguments: CodeArguments
  ) throws -> CodeValue {
    switch receiver {
    case .tensor: return try callTensorMethod(name, of: receiver, arguments)
    case .list, .tuple, .dictionary, .text:
      guard let function = PythonMethods.all[name] else {
        throw CodeRefusal("the method \(name) of \(receiver.kind)")
      }
      return try function(self, receiver, arguments)
    default: throw CodeRefusal("the method \(name) of \(receiver.kind)")
    }
  }
}

extension CodeModule {
  /// The attribute that says which hooks of a module change what it does.
  static let refusedHooks = "(hooks)"
}
