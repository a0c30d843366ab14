internal import ModelImport

/// A function that the interpreter knows by itself.
typealias CodePrimitive = @Sendable (CodeInterpreter, CodeArguments) throws -> CodeValue

/// Python's own functions, with the forms that TorchScript adds.
enum PythonBuiltins {
  /// Names of types in annotations, which have no influence.
  static let types: Set<String> = [
    "List", "Optional", "Dict", "Tuple", "Union", "Any", "Final", "Callable", "NoneType", "Set",
    "NamedTuple", "number", "Sequence", "Iterable", "Device", "Future", "object",
  ]

  static let all: [String: CodePrimitive] = [
    // TorchScript.
    "annotate": { _, a in try a.required(1, "value") },
    "unchecked_cast": { _, a in try a.required(1, "value") },
    "uninitialized": { _, _ in .missing("a value that was never given") },
    "isinstance": { i, a in
      .boolean(try i.isInstance(try a.required(0, "object"), try a.required(1, "class")))
    },

    // Numbers and texts.
    "int": { i, a in
      guard let value = a.value(0, "x") else { return .integer(0) }
      if case .text(let text) = value {
        guard let number = Int(text) else {
          throw CodeRefusal("the text \"\(text.prefix(40))\" as a number")
        }
        return .integer(number)
      }
      return .integer(try i.integer(of: value))
    },
    "float": { i, a in .real(try a.value(0, "x").map { try i.number(of: $0) } ?? 0) },
    "bool": { i, a in .boolean(try a.value(0, "x").map { try i.truth(of: $0) } ?? false) },
    "str": { i, a in .text(try a.value(0, "object").map { try i.text(of: $0) } ?? "") },
    "repr": { i, a in .text(try i.text(of: try a.required(0, "object"))) },
    "abs": { i, a in
      let value = try a.required(0, "x")
      if value.isTensor { return try i.operate("abs", a) }
      guard let number = value.number else { throw CodeRefusal("the size of \(value.kind)") }
      return number < 0 ? try CodeArithmetic.unary("-", value) : value
    },
    "round": { i, a in
      .integer(
        try CodeArithmetic.integer(
          try i.number(of: try a.required(0, "number")).rounded(.toNearestOrEven)))
    },
    "min": { i, a in try extremum(i, a, "<") },
    "max": { i, a in try extremum(i, a, ">") },
    "sum": { i, a in
      try i.elements(of: try a.required(0, "iterable")).reduce(a.value(1, "start") ?? .integer(0)) {
        try i.binary("+", $1, $0)
      }
    },
    "pow": { i, a in try i.binary("**", try a.required(0, "base"), try a.required(1, "exp")) },

    // Sequences.
    "len": { i, a in
      let value = try a.required(0, "object")
      switch value {
      case .text(let text): return .integer(text.count)
      case .dictionary(let index): return .integer(i.dictionaries[index].keys.count)
      case .module(let module): return .integer(module.children.count)
      case .tensor(let name):
        guard let first = i.tracer.shape(of: name)?.first else {
          throw CodeRefusal("the length of a number")
        }
        return .integer(first)
      default: return .integer(try i.elements(of: value).count)
      }
    },
    "range": { i, a in
      let bounds = try a.positional.map { try i.integer(of: $0) }
      guard (1...3).contains(bounds.count) else { throw CodeRefusal("a range without an end") }
      let (start, end) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
      let step = bounds.count == 3 ? bounds[2] : 1
      guard step != 0 else { throw CodeRefusal("a range by 0") }
      var result: [CodeValue] = []
      var place = start
      while step > 0 ? place < end : place > end {
        try i.charge()
        result.append(.integer(place))
        let (next, overflow) = place.addingReportingOverflow(step)
        if overflow { break }
        place = next
      }
      return i.list(result)
    },
    "enumerate": { i, a in
      let start = try a.value(1, "start").map { try i.integer(of: $0) } ?? 0
      guard (-(1 << 40)..<1 << 40).contains(start) else {
        throw CodeRefusal("counts from \(start)")
      }
      let values = try i.elements(of: try a.required(0, "iterable"))
      return i.list(
        try values.enumerated().map { try i.tuple([.integer($0.offset + start), $0.element]) })
    },
    "zip": { i, a in
      let columns = try a.positional.map { try i.elements(of: $0) }
      let count = columns.map(\.count).min() ?? 0
      return i.list(try (0..<count).map { row in try i.tuple(columns.map { $0[row] }) })
    },
    "reversed": { i, a in i.list(try i.elements(of: try a.required(0, "sequence")).reversed()) },
    "list": { i, a in i.list(try a.value(0, "iterable").map { try i.elements(of: $0) } ?? []) },
    "tuple": { i, a in try i.tuple(try a.value(0, "iterable").map { try i.elements(of: $0) } ?? [])
    },
    "dict": { i, a in
      guard a.positional.isEmpty else { throw CodeRefusal("makes a dictionary of another value") }
      return i.dictionary(a.named.map { (.text($0.name), $0.value) })
    },
    "any": { i, a in
      .boolean(try i.elements(of: try a.required(0, "iterable")).contains { try i.truth(of: $0) })
    },
    "all": { i, a in
      .boolean(try i.elements(of: try a.required(0, "iterable")).allSatisfy { try i.truth(of: $0) })
    },

    // Objects.
    "print": { _, _ in .none },
    "getattr": { i, a in
      guard let name = try a.required(1, "name").text else {
        throw CodeRefusal("an attribute without a name")
      }
      if let value = try i.optionalAttribute(name, of: try a.required(0, "object")) { return value }
      guard let usual = a.value(2, "default") else {
        throw CodeRefusal("the attribute \(name) is missing")
      }
      return usual
    },
    "hasattr": { i, a in
      guard let name = try a.required(1, "name").text else {
        throw CodeRefusal("an attribute without a name")
      }
      return .boolean(try i.optionalAttribute(name, of: try a.required(0, "object")) != nil)
    },
    "callable": { _, a in
      switch try a.required(0, "object") {
      case .function, .module, .library, .type, .method: return .boolean(true)
      default: return .boolean(false)
      }
    },
    "super": { i, _ in
      guard case .module? = i.frame.function.receiver, let receiver = i.frame.function.receiver
      else {
        throw CodeRefusal("uses super outside a method")
      }
      return .method(receiver, "super()")
    },
  ]

  private static func extremum(
    _ i: CodeInterpreter, _ a: CodeArguments, _ operation: String
  ) throws -> CodeValue {
    let values = a.positional.count == 1 ? try i.elements(of: a.positional[0]) : a.positional
    guard var best = values.first else { throw CodeRefusal("the extremum of nothing") }
    for value in values.dropFirst() {
      guard !value.isTensor, !best.isTensor else { throw CodeRefusal("the extremum of tensors") }
      if try i.truth(of: try CodeArithmetic.compare(operation, value, best)) { best = value }
    }
    return best
  }
}

extension CodeInterpreter {
  /// Whether a value is of a type, or of one of several.
  func isInstance(_ value: CodeValue, _ type: CodeValue) throws -> Bool {
    if case .tuple(let types) = type { return try types.contains { try isInstance(value, $0) } }
    if case .list = type { return try elements(of: type).contains { try isInstance(value, $0) } }
    if case .type(let type) = type {
      switch value {
      case .module(let module):
        return try isInstance(
          module, of: type.name.split(separator: ".").last.map(String.init) ?? "")
      case .object(let index): return objects[index].type === type
      default: return false
      }
    }
    guard case .library(let path) = type else {
      throw CodeRefusal("asks for the type \(type.kind)")
    }
    let name = path.split(separator: ".").last.map(String.init) ?? ""
    switch (name, value) {
    case (_, .missing(let reason)): throw CodeRefusal(reason)
    case ("Tensor", .tensor), ("int", .integer), ("float", .real), ("bool", .boolean),
      ("int", .boolean), ("str", .text), ("list", .list), ("List", .list), ("tuple", .tuple),
      ("Tuple", .tuple), ("dict", .dictionary), ("Dict", .dictionary), ("NoneType", .none),
      ("Size", .tuple), ("Sequence", .list), ("Sequence", .tuple), ("Iterable", .list),
      ("Iterable", .tuple), ("number", .integer), ("number", .real), ("OrderedDict", .dictionary),
      ("Number", .integer), ("Number", .real):
      return true
    case ("Module", .module): return true
    case (_, .module(let module)): return try isInstance(module, of: name)
    default: return false
    }
  }
}
