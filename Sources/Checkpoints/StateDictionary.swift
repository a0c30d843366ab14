import FileFormats

/// The search for the state dict inside a training state.
struct StateDictionary {
  /// The tensors found, and the scalars beside them or beside a dictionary around them.
  struct Found {
    var tensors: [StoredTensor]
    var metadata: [String: String]
    var scalars: [String: Double]
    var module: PickledModule?
  }

  /// The keys under which training programs keep the weights, likeliest first.
  private static let usualKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module",
    "weights", "params", "parameters", "net_state_dict", "state",
  ]

  private static let format = "checkpoint"
  private let root: CheckpointValue

  init(_ root: CheckpointValue) {
    self.root = root
  }

  /// Finds the state dict: under a usual key, else the dictionary itself if it holds tensors,
  /// else the only dictionary inside that has one.
  func locate() throws(FileFormatError) -> Found {
    if case .module(let module, let entries) = root {
      return Found(
        tensors: try Self.tensors(entries), metadata: [:], scalars: [:], module: module)
    }
    guard case .dictionary(let entries) = root else {
      throw FileFormatError(
        .unsupported, format: Self.format,
        "holds \(root.kind) instead of a state dict; save model.state_dict() instead")
    }
    var found = Found(tensors: [], metadata: [:], scalars: [:])
    guard let dictionary = try search(entries, &found) else {
      let keys = entries.prefix(10).map { quoted($0.key) }.joined(separator: ", ")
      throw FileFormatError(
        .unsupported, format: Self.format,
        entries.isEmpty ? "is empty" : "holds no state dict; its keys are \(keys)")
    }
    found.tensors = try Self.tensors(dictionary)
    return found
  }

  private static func tensors(
    _ entries: [CheckpointValue.Entry]
  ) throws(FileFormatError) -> [StoredTensor] {
    var tensors: [StoredTensor] = []
    for entry in entries {
      switch entry.value {
      case .tensor(let array): tensors.append(StoredTensor(name: entry.key, array: array))
      case .unreadableTensor(let kind), .other(let kind):
        guard kind != "None" else { continue }
        throw FileFormatError(
          .unsupported, format: "\(Self.format), entry \(quoted(entry.key))",
          "is \(kind) where a tensor belongs")
      default: break
      }
    }
    return tensors
  }

  private func search(
    _ entries: [CheckpointValue.Entry], _ found: inout Found
  ) throws(FileFormatError) -> [CheckpointValue.Entry]? {
    for entry in entries {
      switch entry.value {
      case .number(let value): found.scalars[entry.key] = value
      case .text(let text): found.metadata[entry.key] = text
      default: break
      }
    }
    for key in Self.usualKeys {
      guard let entry = entries.first(where: { $0.key == key }) else { continue }
      switch entry.value {
      case .dictionary(let inner):
        if let dictionary = try search(inner, &found) {
          Self.noteScalarTensors(entries, &found)
          return dictionary
        }
      case .module(let module, let entries):
        found.module = module
        return entries
      case .other(let kind) where kind.hasPrefix("an object"):
        throw FileFormatError(
          .unsupported, format: "\(Self.format), entry \(quoted(key))",
          "is \(kind); save its state_dict() instead")
      default: break
      }
    }
    if entries.contains(where: { $0.value.isTensor }) { return entries }
    return try onlyInner(entries, &found)
  }

  /// Keeps tensors without axes that lie beside the state dict, such as a best accuracy.
  private static func noteScalarTensors(_ entries: [CheckpointValue.Entry], _ found: inout Found) {
    for entry in entries {
      guard case .tensor(let array) = entry.value, array.shape.isEmpty else { continue }
      found.scalars[entry.key] = array.doubles().first
    }
  }

  private func onlyInner(
    _ entries: [CheckpointValue.Entry], _ found: inout Found
  ) throws(FileFormatError) -> [CheckpointValue.Entry]? {
    var candidates: [(key: String, found: Found, entries: [CheckpointValue.Entry])] = []
    for entry in entries {
      guard case .dictionary(let inner) = entry.value, !isTrainingState(entry.key) else { continue }
      var trial = found
      if let dictionary = try search(inner, &trial) {
        candidates.append((entry.key, trial, dictionary))
      }
    }
    guard candidates.count <= 1 else {
      let keys = candidates.map { quoted($0.key) }.joined(separator: ", ")
      throw FileFormatError(
        .unsupported, format: Self.format,
        "holds several state dicts (\(keys)); save the one to use in a file of its own")
    }
    guard let only = candidates.first else { return nil }
    found = only.found
    return only.entries
  }

  /// Whether a key stands for what an optimizer or a callback keeps, which has tensors as well.
  private func isTrainingState(_ key: String) -> Bool {
    ["optim", "scheduler", "lr_scheduler", "scaler", "callbacks", "loops", "amp", "rng"].contains {
      key.hasPrefix($0)
    }
  }
}

extension CheckpointValue {
  fileprivate var isTensor: Bool {
    if case .tensor = self { true } else { false }
  }
}
