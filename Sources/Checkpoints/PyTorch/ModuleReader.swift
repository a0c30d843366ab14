import FileFormats

/// Reads `torch.nn.Module` objects of any class.
///
/// The state of such an object is the dictionary of its attributes; among them are `_parameters`,
/// `_buffers`, `_non_persistent_buffers_set` and `_modules`. Source: torch/nn/modules/module.py.
struct ModuleReader {
  /// Deeper nesting of modules is refused.
  private static let maximumDepth = 100
  /// Attributes that every module has for its own purposes.
  private static let internalNames: Set<String> = [
    "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "_is_full_backward_hook",
  ]

  /// A module with its tensors by their names in the state dict.
  typealias Result = (module: PickledModule, tensors: [CheckpointValue.Entry])
  /// Reads a parameter or buffer called by its name in the state dict; counts what it reads.
  typealias Reader = (PickleValue, String) throws(FileFormatError) -> CheckpointValue

  let read: Reader
  let attributes: AttributeReader
  /// Called for each module, which may lie at many places; throws when there are too many.
  let count: () throws(FileFormatError) -> Void

  /// Whether an object is a module: these two dictionaries are what all have.
  static func isModule(_ object: PickleObject) -> Bool {
    let state = Self.state(of: object)
    return state?["_parameters"]?.pairs != nil && state?["_modules"]?.pairs != nil
  }

  /// The attributes of an object, where a pickle gives them as a dictionary.
  static func state(of object: PickleObject) -> PickleValue? {
    switch object.state {
    case .dictionary?: object.state
    // Of a class with slots: those of the dictionary, those of the slots.
    case .tuple(let parts)? where parts.count == 2: parts[0].pairs == nil ? parts[1] : parts[0]
    default: nil
    }
  }

  /// The class of an object, also where Python 2's way of making objects hides it.
  static func className(_ object: PickleObject) -> String {
    if ["copyreg", "copy_reg"].contains(object.callable.module),
      case .global(let global)? = object.arguments.first
    {
      return global.description
    }
    return object.callable.description
  }

  /// Reads a module and what lies inside.
  ///
  /// The order of the tensors is that of `state_dict()`: parameters, persistent buffers, modules.
  ///
  /// - Throws: `FileFormatError` for a damaged tensor, and for nesting without end.
  func module(_ object: PickleObject) throws(FileFormatError) -> Result {
    var tensors: [CheckpointValue.Entry] = []
    var names: [ObjectIdentifier: String] = [:]
    let module = try self.module(object, path: "", depth: 0, &tensors, &names)
    return (module, tensors)
  }

  private func module(
    _ object: PickleObject, path: String, depth: Int, _ tensors: inout [CheckpointValue.Entry],
    _ names: inout [ObjectIdentifier: String]
  ) throws(FileFormatError) -> PickledModule {
    guard depth < Self.maximumDepth else {
      throw FileFormatError(
        .tooLarge, format: "checkpoint", "nests modules more than \(Self.maximumDepth) deep")
    }
    try count()
    let className = Self.className(object)
    guard let state = Self.state(of: object) else { return PickledModule(className: className) }
    let transient = Self.names(in: state["_non_persistent_buffers_set"])
    for (name, value) in Self.entries(state["_parameters"]) {
      try append(value, path + name, &tensors)
    }
    for (name, value) in Self.entries(state["_buffers"]) where !transient.contains(name) {
      try append(value, path + name, &tensors)
    }
    // The same object at two places is one tensor.
    var aliases: [String: String] = [:]
    for (name, value) in Self.entries(state["_parameters"]) {
      guard case .object(let tensor) = value else { continue }
      if let first = names[ObjectIdentifier(tensor)] {
        aliases[name] = first
      } else {
        names[ObjectIdentifier(tensor)] = path + name
      }
    }
    var children: [PickledModule.Child] = []
    for (name, value) in Self.entries(state["_modules"]) {
      switch value {
      case .object(let inner):
        let module = try module(inner, path: "\(path)\(name).", depth: depth + 1, &tensors, &names)
        children.append(PickledModule.Child(name: name, module: module))
      case .opaque(let global):
        children.append(
          PickledModule.Child(name: name, module: PickledModule(className: global.description)))
      default: break
      }
    }
    return PickledModule(
      className: className, attributes: plainAttributes(state), children: children,
      buffers: Set(Self.entries(state["_buffers"]).map(\.name)), frozen: Self.frozenNames(state),
      aliases: aliases, absent: Self.absentNames(state),
      hooks: Self.hooks(state))
  }

  /// Parameters that were written with `requires_grad` off.
  private static func frozenNames(_ state: PickleValue) -> Set<String> {
    var result: Set<String> = []
    for (name, value) in entries(state["_parameters"]) {
      guard case .object(let object) = value, object.callable.name.hasPrefix("_rebuild_parameter"),
        object.arguments.count > 1, case .boolean(false) = object.arguments[1]
      else { continue }
      result.insert(name)
    }
    return result
  }

  private static func absentNames(_ state: PickleValue) -> Set<String> {
    var result: Set<String> = []
    for key in ["_parameters", "_buffers", "_modules"] {
      for (name, value) in entries(state[key]) { if case .none = value { result.insert(name) } }
    }
    return result
  }

  /// What is called before or after `forward`, by class or name.
  private static func hooks(_ state: PickleValue) -> [String] {
    ["_forward_pre_hooks", "_forward_hooks"].flatMap { key in
      (state[key]?.pairs ?? []).map { pair in
        switch pair.value {
        case .object(let object): className(object)
        case .global(let global): global.description
        default: pair.value.kind
        }
      }
    }
  }

  private func append(
    _ value: PickleValue, _ name: String, _ tensors: inout [CheckpointValue.Entry]
  ) throws(FileFormatError) {
    // A bias that is switched off is there as None.
    if case .none = value { return }
    tensors.append(CheckpointValue.Entry(key: name, value: try read(value, name)))
  }

  private func plainAttributes(_ state: PickleValue) -> [String: AttributeValue] {
    var result: [String: AttributeValue] = [:]
    for (name, value) in Self.entries(state) where !Self.internalNames.contains(name) {
      // Hooks that are not set.
      if name.hasPrefix("_"), case .none = value { continue }
      result[name] = attributes.value(value)
    }
    return result
  }

  private static func names(in set: PickleValue?) -> Set<String> {
    guard case .set(let values)? = set else { return [] }
    return Set(values.compactMap(\.text))
  }

  /// Entries of a dictionary with text keys, each once, in the order of first mention.
  private static func entries(_ value: PickleValue?) -> [(name: String, value: PickleValue)] {
    var positions: [String: Int] = [:]
    var entries: [(name: String, value: PickleValue)] = []
    for pair in value?.pairs ?? [] {
      guard let name = pair.key.text else { continue }
      if let position = positions[name] {
        entries[position].value = pair.value
      } else {
        positions[name] = entries.count
        entries.append((name, pair.value))
      }
    }
    return entries
  }
}
