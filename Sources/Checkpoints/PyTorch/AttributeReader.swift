import FileFormats

/// Reads the plain values among the attributes of a pickled module.
struct AttributeReader {
  /// What holds more values is no setting of a layer.
  private static let maximumCount = 64

  /// Reads a small tensor; nil for a large one.
  let tensor: (PickleObject) -> NumericArray?

  /// The value, or nil for something that is no plain value.
  func value(_ source: PickleValue) -> AttributeValue? {
    var left = Self.maximumCount
    return value(source, &left)
  }

  private func value(_ source: PickleValue, _ left: inout Int) -> AttributeValue? {
    left -= 1
    guard left >= 0 else { return nil }
    switch source {
    case .none: return AttributeValue.none
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .number(value)
    case .string(let text): return .text(text)
    case .bytes: return source.text.map { .text($0) }
    case .list(let values), .tuple(let values): return list(values, &left)
    case .global(let global): return .name(global.description)
    case .persistent(let identifier):
      return ModuleReference(identifier).map { .name($0.className) }
    case .object(let object): return value(of: object, &left)
    default: return nil
    }
  }

  private func list(_ values: [PickleValue], _ left: inout Int) -> AttributeValue? {
    var elements: [AttributeValue] = []
    for value in values {
      guard let element = self.value(value, &left) else { return nil }
      elements.append(element)
    }
    return .list(elements)
  }

  private func value(of object: PickleObject, _ left: inout Int) -> AttributeValue? {
    switch object.callable.description {
    case "torch.Size":
      guard let extents = object.arguments.first else { return nil }
      return value(extents, &left)
    case "functools.partial":
      guard case .global(let global)? = object.arguments.first else { return nil }
      return .name(global.description)
    case "builtins.getattr", "__builtin__.getattr":
      // Built-in functions such as torch.relu are methods of a class without a public name.
      guard object.arguments.count == 2, case .global(let owner) = object.arguments[0],
        let name = object.arguments[1].text
      else { return nil }
      let isFunction = owner.description.hasPrefix("torch._C._VariableFunctions")
      return .name("\(isFunction ? "torch" : owner.description).\(name)")
    default: break
    }
    let scalar = try? NumericArray(pickled: .object(object))
    guard let array = scalar ?? tensor(object), array.count <= Self.maximumCount else { return nil }
    let numbers = array.doubles().map { value in
      array.type == .bool
        ? AttributeValue.boolean(value != 0)
        : array.type.isFloatingPoint
          ? .number(value) : Int(exactly: value).map { .integer($0) } ?? .number(value)
    }
    return array.shape.isEmpty ? numbers.first : .list(numbers)
  }
}

/// A class as the legacy format refers to it: `("module", class, file, source)`.
struct ModuleReference {
  let className: String
  /// Text of the class, if the writer found it.
  let source: String?

  /// Reads an identifier; nil for that of something else.
  init?(_ identifier: PickleValue) {
    guard let fields = identifier.elements, fields.count >= 2, fields[0].text == "module",
      case .global(let global) = fields[1]
    else { return nil }
    className = global.description
    source = fields.count > 3 ? fields[3].text : nil
  }
}
