internal import Checkpoints
internal import FileFormats
internal import ModelImport

/// Makes the modules and tensors of a network from the objects that an archive holds.
struct ScriptObjects {
  private static let maximumDepth = 100
  private static let maximumValues = 1 << 20

  /// The tensors found so far.
  private(set) var tensors: CodeTensors
  private let archive: ScriptArchive
  private var lists: [[CodeValue]] = []
  private var dictionaries: [CodeDictionary] = []
  private var modules: [ObjectIdentifier: CodeModule] = [:]
  private var values = 0

  /// Begins with no tensors.
  init(_ archive: ScriptArchive, fileSize: Int) {
    self.archive = archive
    tensors = CodeTensors(fileSize: fileSize)
  }

  /// Lists and dictionaries that the values refer to.
  var heap: (lists: [[CodeValue]], dictionaries: [CodeDictionary]) { (lists, dictionaries) }

  /// The network.
  ///
  /// - Throws: `FileFormatError` for damaged tensors, `CodeRefusal` for what is no network.
  mutating func network() throws -> CodeModule {
    guard case .object(let object) = try archive.pickle("data"),
      case .module(let module) = try value(of: object, path: "", depth: 0)
    else { throw CodeRefusal("holds no network") }
    try tensors.checkOverlaps()
    return module
  }

  /// The constants that the code names by number.
  mutating func constants() throws -> [CodeValue] {
    guard let elements = try archive.pickle("constants").elements else { return [] }
    return try elements.enumerated().map { place, element in
      if case .object(let object) = element,
        let described = try PickledTensor(object, name: "constant \(place)")
      {
        return try tensors.add(
          described, name: "CONSTANTS.c\(place)", kind: .constant, storageKey: "constants"
        ) {
          (key) throws(FileFormatError) in try archive.storage(key, of: "constants")
        }
      }
      return try value(of: element, path: "CONSTANTS.c\(place)", depth: 0)
    }
  }

  private mutating func value(
    of object: PickleObject, path: String, depth: Int
  ) throws -> CodeValue {
    guard depth < Self.maximumDepth else { throw CodeRefusal("nests modules more than 100 deep") }
    let typeName = object.callable.description
    if let described = try PickledTensor(object, name: path) {
      return try tensors.add(described, name: path, kind: .buffer, storageKey: "data") {
        (key) throws(FileFormatError) in try archive.storage(key, of: "data")
      }
    }
    if object.callable.module == "torch.jit._pickle" || object.callable.name == "restore_type_tag" {
      guard let inner = object.arguments.first else { return .none }
      return try value(of: inner, path: path, depth: depth + 1)
    }
    guard typeName.hasPrefix("__torch__.") else {
      return .missing("\(path) is an object of \(typeName), which is not supported")
    }
    if let known = modules[ObjectIdentifier(object)] { return .module(known) }
    guard let type = try archive.type(named: typeName) else {
      throw CodeRefusal("the file does not hold the class \(typeName)")
    }
    guard let pairs = object.state?.pairs else {
      return .missing("\(path) is an object of \(typeName), which is not supported")
    }
    let module = CodeModule(typeName: typeName, type: type, path: path)
    modules[ObjectIdentifier(object)] = module
    try fill(module, pairs, depth: depth)
    return .module(module)
  }

  /// Reads the attributes: parameters, buffers, then modules, as in a state dict.
  private mutating func fill(_ module: CodeModule, _ pairs: [PicklePair], depth: Int) throws {
    let parameters = Set(module.type?.texts("__parameters__") ?? [])
    let buffers = Set(module.type?.texts("__buffers__") ?? [])
    func rank(_ pair: PicklePair) -> Int {
      let name = pair.key.text ?? ""
      return parameters.contains(name) ? 0 : buffers.contains(name) ? 1 : 2
    }
    let prefix = module.path.isEmpty ? "" : module.path + "."
    for wanted in 0...2 {
      for pair in pairs where rank(pair) == wanted {
        guard let name = pair.key.text else { continue }
        values += 1
        guard values < Self.maximumValues else { throw CodeRefusal("has too many attributes") }
        let path = prefix + name
        if wanted < 2, case .object(let object) = pair.value,
          let described = try PickledTensor(object, name: path)
        {
          module.attributes[name] = try tensors.add(
            described, name: path, kind: wanted == 0 ? .parameter : .buffer, storageKey: "data"
          ) { (key) throws(FileFormatError) in try archive.storage(key, of: "data") }
          continue
        }
        let value = try value(of: pair.value, path: path, depth: depth + 1)
        if case .module(let child) = value, child.type?.hasBase("Module") == true {
          module.children.append((name, child))
        } else {
          module.attributes[name] = value
        }
      }
    }
  }

  private mutating func value(
    of source: PickleValue, path: String, depth: Int
  ) throws -> CodeValue {
    values += 1
    guard values < Self.maximumValues, depth < Self.maximumDepth else {
      throw CodeRefusal("has too many attributes")
    }
    switch source {
    case .none: return .none
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .real(value)
    case .string(let text): return .text(text)
    case .list(let elements):
      let read = try elements.enumerated().map {
        try value(of: $0.element, path: "\(path).\($0.offset)", depth: depth + 1)
      }
      lists.append(read)
      return .list(lists.count - 1)
    case .tuple(let elements):
      guard depth < 16 else { throw CodeRefusal("nests tuples more than 16 deep") }
      return .tuple(
        try elements.enumerated().map {
          try value(of: $0.element, path: "\(path).\($0.offset)", depth: depth + 1)
        })
    case .dictionary(let pairs):
      var result = CodeDictionary()
      for pair in pairs {
        let key: CodeKey
        if let text = pair.key.text {
          key = .text(text)
        } else if let number = pair.key.integer {
          key = .integer(number)
        } else {
          return .missing("\(path) is a dictionary of other keys, which is not supported")
        }
        result[key] = try value(of: pair.value, path: "\(path).\(key)", depth: depth + 1)
      }
      dictionaries.append(result)
      return .dictionary(dictionaries.count - 1)
    case .object(let object): return try value(of: object, path: path, depth: depth + 1)
    default: return .missing("\(path) is \(source.kind), which is not supported")
    }
  }
}
