internal import ModelImport
internal import PythonSyntax

/// Follows the code of a network for one sample and writes down what it does to tensors.
///
/// Numbers, texts and lists are computed; tensors are names in a program, of which shapes are known.
/// Nothing of the code is executed by anybody else, and steps, depth and sizes are bounded.
final class CodeInterpreter {
  /// Expressions and statements of one run; a ResNet-152 takes some 20,000.
  static let maximumSteps = 1 << 18
  /// Functions inside functions.
  static let maximumDepth = 64
  /// Operators of one program.
  static let maximumNodes = 1 << 13

  /// Where classes and functions are found.
  let library: any CodeLibrary
  /// The program so far.
  var tracer: ProgramTracer
  /// Constants that the code names by number.
  let constants: [CodeValue]
  var lists: [[CodeValue]] = []
  var dictionaries: [CodeDictionary] = []
  var objects: [CodeObject] = []
  /// The functions that are running, the innermost one last.
  private(set) var frames: [CodeFrame] = []
  private var steps = 0
  private var bodies: [ObjectIdentifier: [PythonStatement]] = [:]
  private var readAttributes: Set<String> = []

  /// Begins with the tensors that are known.
  init(library: any CodeLibrary, tracer: ProgramTracer, constants: [CodeValue] = []) {
    self.library = library
    self.tracer = tracer
    self.constants = constants
  }

  // MARK: - Bounds and places

  /// Counts steps, so that code without end is refused.
  func charge(_ count: Int = 1) throws {
    steps += min(max(count, 0), Self.maximumSteps)
    guard steps <= Self.maximumSteps else {
      throw CodeRefusal("takes more than \(Self.maximumSteps) steps")
    }
  }

  /// The function that is running.
  var frame: CodeFrame {
    get { frames[frames.count - 1] }
    set { frames[frames.count - 1] = newValue }
  }

  /// Path of the innermost module whose code is running.
  var modulePath: String {
    frames.last { $0.module != nil }?.module?.path ?? ""
  }

  /// The line of source that is running: the innermost one of a file.
  var sourceLine: String {
    frames.last { $0.function.scope.kind != .library }.map { $0.function.scope.text.line($0.line) }
      ?? ""
  }

  private var place: String {
    let module = modulePath
    let line = sourceLine
    return [module.isEmpty ? nil : "module \(module)", line.isEmpty ? nil : "\"\(line)\""]
      .compactMap { $0 }.joined(separator: ", ")
  }

  // MARK: - Functions

  /// Runs a function.
  func call(_ function: CodeFunction, _ arguments: CodeArguments) throws -> CodeValue {
    guard frames.count < Self.maximumDepth else {
      throw CodeRefusal("calls functions more than \(Self.maximumDepth) deep")
    }
    var given = arguments
    if let receiver = function.receiver,
      !function.function.decorators.contains("staticmethod")
    {
      given.positional.insert(receiver, at: 0)
    }
    var module: CodeModule?
    if case .module(let receiver)? = function.receiver { module = receiver }
    frames.append(CodeFrame(function: function, module: module))
    defer { frames.removeLast() }
    do {
      try bind(given, to: function)
      if case .result(let value) = try run(try body(of: function)) { return value }
      return .none
    } catch var refusal as CodeRefusal {
      if refusal.place == nil { refusal.place = place }
      throw refusal
    }
  }

  /// The value of an expression where the names are those of a function.
  func evaluate(_ expression: PythonExpression, in function: CodeFunction) throws -> CodeValue {
    guard frames.count < Self.maximumDepth else {
      throw CodeRefusal("calls functions more than \(Self.maximumDepth) deep")
    }
    frames.append(CodeFrame(function: function, module: nil))
    defer { frames.removeLast() }
    return try evaluate(expression)
  }

  private func body(of function: CodeFunction) throws -> [PythonStatement] {
    let key = ObjectIdentifier(function.function)
    if let body = bodies[key] { return body }
    do {
      let body = try function.function.body()
      bodies[key] = body
      return body
    } catch {
      throw CodeRefusal("\(function.function.name): \(error)")
    }
  }

  private func bind(_ arguments: CodeArguments, to function: CodeFunction) throws {
    let title = function.function.name
    var positional = arguments.positional[...]
    var named = arguments.named
    var isKeywordOnly = false
    for parameter in function.function.parameters {
      if parameter.stars == 1 {
        isKeywordOnly = true
        if !parameter.name.isEmpty {
          frame.variables[parameter.name] = .tuple(Array(positional))
          positional = []
        }
      } else if parameter.stars == 2 {
        frame.variables[parameter.name] = dictionary(named.map { (.text($0.name), $0.value) })
        named = []
      } else if !isKeywordOnly, let value = positional.popFirst() {
        frame.variables[parameter.name] = value
      } else if let place = named.firstIndex(where: { $0.name == parameter.name }) {
        frame.variables[parameter.name] = named.remove(at: place).value
      } else if let value = parameter.defaultValue {
        frame.variables[parameter.name] = try evaluate(value)
      } else {
        throw CodeRefusal("\(title) is called without \(parameter.name)")
      }
    }
    guard positional.isEmpty, named.isEmpty else {
      throw CodeRefusal("\(title) is called with more arguments than it has")
    }
  }

  // MARK: - Modules

  /// Reads an attribute that code may also write.
  func noteRead(_ module: CodeModule, _ name: String) {
    readAttributes.insert("\(module.path)\u{0}\(name)")
  }

  /// Writes an attribute of a module for the rest of the pass.
  ///
  /// - Throws: `CodeRefusal` where the pass has read it before: what it reads then depends on the pass
  ///   before it.
  func set(_ module: CodeModule, _ name: String, _ value: CodeValue) throws {
    guard !readAttributes.contains("\(module.path)\u{0}\(name)") else {
      throw CodeRefusal("reads self.\(name) and writes it: a pass depends on the pass before it")
    }
    guard !module.children.contains(where: { $0.name == name }) else {
      throw CodeRefusal("replaces the module \(name) in a pass")
    }
    module.attributes[name] = value
  }

  // MARK: - The heap

  /// A new list.
  func list(_ elements: [CodeValue]) -> CodeValue {
    lists.append(elements)
    return .list(lists.count - 1)
  }

  /// A new dictionary.
  func dictionary(_ pairs: [(CodeKey, CodeValue)]) -> CodeValue {
    var result = CodeDictionary()
    for (key, value) in pairs { result[key] = value }
    dictionaries.append(result)
    return .dictionary(dictionaries.count - 1)
  }

  /// A tuple.
  ///
  /// - Throws: `CodeRefusal` for tuples nested too deep.
  func tuple(_ elements: [CodeValue]) throws -> CodeValue {
    try charge(elements.count)
    guard elements.allSatisfy({ Self.tupleDepth($0, limit: 16) < 16 }) else {
      throw CodeRefusal("nests tuples more than 16 deep")
    }
    return .tuple(elements)
  }

  private static func tupleDepth(_ value: CodeValue, limit: Int) -> Int {
    guard limit > 0, case .tuple(let elements) = value else { return 0 }
    return 1 + (elements.map { tupleDepth($0, limit: limit - 1) }.max() ?? 0)
  }
}

/// A function that is running.
struct CodeFrame {
  /// The function.
  let function: CodeFunction
  /// The module that it was called on.
  let module: CodeModule?
  /// Its variables.
  var variables: [String: CodeValue] = [:]
  /// What imports inside it bind names to.
  var imports: [String: String] = [:]
  /// Functions defined inside it.
  var functions: [String: PythonFunction] = [:]
  /// The line that is running.
  var line = 0
}

/// The arguments of a call.
struct CodeArguments {
  /// Those by place.
  var positional: [CodeValue] = []
  /// Those by name.
  var named: [(name: String, value: CodeValue)] = []

  /// An argument by place or name; nil where it is not given.
  func value(_ place: Int?, _ name: String) -> CodeValue? {
    if let place, positional.indices.contains(place) { return positional[place] }
    return named.first { $0.name == name }?.value
  }

  /// An argument that must be given.
  func required(_ place: Int, _ name: String) throws -> CodeValue {
    guard let value = value(place, name) else {
      throw CodeRefusal("the argument \(name) is missing")
    }
    return value
  }
}
