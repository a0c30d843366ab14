package import Checkpoints
internal import FileFormats
internal import ModelImport
internal import NeuralNetworks

extension CheckpointContents {
  /// The network of a file that holds a whole module, by the code of its classes.
  ///
  /// PyTorch's own classes are known; others where a legacy file holds their sources. Nothing is executed.
  ///
  /// - Returns: nil for a file that holds no module.
  /// - Throws: `CheckpointError` saying which class, hook or tensor is in the way.
  package func networkCode() throws(CheckpointError) -> CodeFile? {
    guard let module else { return nil }
    do {
      let sources = ModuleSources(sources)
      var reader = PickledModuleReader(self, sources)
      let network = try reader.module(module, path: "", depth: 0)
      let code = try NetworkCode(network, library: sources, tensors: reader.tensors, heap: ([], []))
      return CodeFile(path: path, format: format, sha256: sha256, code: code)
    } catch let error as CodeRefusal {
      throw CheckpointError(path, error.description)
    } catch let error as FileFormatError {
      throw CheckpointError(path, error)
    } catch {
      throw CheckpointError(path, "\(error)")
    }
  }
}

/// Makes the modules of interpreted code from those that a pickle records.
struct PickledModuleReader {
  private let sources: ModuleSources
  /// Tensors by the path of their module, in the order of the state dict.
  private var byModule: [String: [(name: String, tensor: StoredTensor)]] = [:]
  /// What stands for the tensors so far, by their names.
  private var values: [String: CodeValue] = [:]
  /// What the names of the tensors lack.
  private let prefix: String
  /// The tensors so far.
  private(set) var tensors = CodeTensors(fileSize: 0)

  /// Begins with the tensors of a checkpoint.
  init(_ contents: CheckpointContents, _ sources: ModuleSources) {
    self.sources = sources
    prefix = contents.strippedPrefix
    for tensor in contents.tensors {
      let parts = tensor.name.split(separator: ".")
      let path = parts.dropLast().joined(separator: ".")
      byModule[path, default: []].append((parts.last.map(String.init) ?? "", tensor))
    }
  }

  /// A module with what lies inside.
  mutating func module(_ source: PickledModule, path: String, depth: Int) throws -> CodeModule {
    guard depth < 100 else { throw CodeRefusal("nests modules more than 100 deep") }
    let module = CodeModule(
      typeName: source.className, type: sources.type(named: source.className), path: path)
    for name in source.absent { module.attributes[name] = CodeValue.none }
    for (name, value) in source.attributes {
      if let value = try Self.value(value, depth: 0) { module.attributes[name] = value }
    }
    for (name, tensor) in byModule[path] ?? [] {
      module.attributes[name] = try add(tensor, name: name, of: source)
    }
    let foreign = source.hooks.filter { !$0.hasPrefix("torch.nn.utils.") }
    if let hook = foreign.first {
      module.attributes[CodeModule.refusedHooks] = .text("the hook \(hook)")
    }
    for child in source.children {
      let inner = path.isEmpty ? child.name : "\(path).\(child.name)"
      module.children.append(
        (child.name, try self.module(child.module, path: inner, depth: depth + 1)))
    }
    return module
  }

  /// A tensor, or the same one under a further name.
  private mutating func add(
    _ tensor: StoredTensor, name: String, of source: PickledModule
  ) throws -> CodeValue {
    if let first = source.aliases[name].map({ String($0.dropFirst(prefix.count)) }),
      let value = values[first]
    {
      tensors.addAlias(tensor.name, of: first)
      return value
    }
    let isBuffer = source.buffers.contains(name) || !tensor.type.isFloatingPoint
    let value = try tensors.add(
      tensor.array, name: tensor.name,
      kind: isBuffer ? .buffer : source.frozen.contains(name) ? .frozen : .parameter)
    values[tensor.name] = value
    return value
  }

  private static func value(_ source: AttributeValue, depth: Int) throws -> CodeValue? {
    switch source {
    case .none: return CodeValue.none
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .real(value)
    case .text(let text): return .text(text)
    case .name(let name): return .library(name)
    case .list(let values):
      guard depth < 8 else { return nil }
      let elements = try values.compactMap { try value($0, depth: depth + 1) }
      return elements.count == values.count ? .tuple(elements) : nil
    }
  }
}
