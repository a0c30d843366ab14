internal import PythonSyntax

/// A value of interpreted code.
///
/// What can be changed in place lies in the interpreter's heap, so that code can build no chain of values
/// whose release would take stack.
indirect enum CodeValue {
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case ellipsis
  /// `lower:upper:step` inside brackets.
  case slice(CodeValue, CodeValue, CodeValue)
  /// A tensor, by its name in the program.
  case tensor(String)
  case tuple([CodeValue])
  /// A list in the heap.
  case list(Int)
  /// A dictionary in the heap.
  case dictionary(Int)
  /// An object of a class that is no module, in the heap.
  case object(Int)
  case module(CodeModule)
  case type(CodeClass)
  case function(CodeFunction)
  /// Something of a library, by its full name like `torch.nn.functional.relu`.
  case library(String)
  /// A method of a tensor, list, text or dictionary.
  case method(CodeValue, String)
  /// An element type by PyTorch's name.
  case elementType(String)
  /// What has no influence on numbers, like a device.
  case setting(String)
  /// What cannot be used, and why.
  case missing(String)

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a boolean"
    case .integer: "a whole number"
    case .real: "a number"
    case .text: "a text"
    case .ellipsis: "an ellipsis"
    case .slice: "a slice"
    case .tensor: "a tensor"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .object: "an object"
    case .module(let module): "a module \(module.title)"
    case .type(let type): "the class \(type.name)"
    case .function(let function): "the function \(function.function.name)"
    case .library(let name): name
    case .method(_, let name): "the method \(name)"
    case .elementType(let name): "the element type \(name)"
    case .setting(let name): name
    case .missing(let reason): reason
    }
  }

  /// The whole number, where it is one.
  var integer: Int? {
    switch self {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The number, where it is one.
  var number: Double? {
    if case .real(let value) = self { value } else { integer.map { Double($0) } }
  }

  /// The text, where it is one.
  var text: String? { if case .text(let value) = self { value } else { nil } }

  /// Whether it is `None`.
  var isNone: Bool { if case .none = self { true } else { false } }

  /// Whether it is a tensor.
  var isTensor: Bool { if case .tensor = self { true } else { false } }
}

/// An object that is no module: attributes of a class.
struct CodeObject {
  /// Its class.
  let type: CodeClass
  /// Attributes by name.
  var attributes: [String: CodeValue]
}

/// A key of a dictionary.
enum CodeKey: Hashable {
  case integer(Int)
  case text(String)
}

/// A dictionary in the order of insertion.
struct CodeDictionary {
  private(set) var keys: [CodeKey] = []
  private var values: [CodeKey: CodeValue] = [:]

  subscript(key: CodeKey) -> CodeValue? {
    get { values[key] }
    set {
      if values[key] == nil, newValue != nil { keys.append(key) }
      if newValue == nil { keys.removeAll { $0 == key } }
      values[key] = newValue
    }
  }

  /// Values in the order of the keys.
  var elements: [CodeValue] { keys.compactMap { values[$0] } }
}

/// A function of interpreted code.
struct CodeFunction {
  /// Its text.
  let function: PythonFunction
  /// Where its names are looked up.
  let scope: CodeScope
  /// The class that it is a method of.
  let owner: CodeClass?
  /// What it is called on, where it is a method that was taken from a value.
  var receiver: CodeValue?
}

/// Why code has no meaning here: one line, with the place that the interpreter adds.
struct CodeRefusal: Error {
  /// What cannot be done.
  let reason: String
  /// Module and line of source.
  var place: String?

  init(_ reason: String, place: String? = nil) {
    self.reason = reason
    self.place = place
  }

  /// One line.
  var description: String { reason + (place.map { " (\($0))" } ?? "") }
}
