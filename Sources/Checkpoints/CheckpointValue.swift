import FileFormats

/// A checkpoint as nested dictionaries with tensors and scalars at the leaves.
indirect enum CheckpointValue {
  case dictionary([Entry])
  /// A list with something in it that has tensors.
  case list([CheckpointValue])
  /// A whole module with the entries of its state dict.
  case module(PickledModule, [Entry])
  case tensor(NumericArray)
  /// A tensor of a kind that is not read; the text says which: "a complex tensor".
  case unreadableTensor(String)
  case number(Double)
  case text(String)
  /// Something without tensors of its own; the text says what.
  case other(String)

  struct Entry {
    let key: String
    let value: CheckpointValue
  }

  /// The tensors and metadata of a safetensors file.
  init(_ file: Safetensors) {
    self = .dictionary(
      file.tensors.map { Entry(key: $0.name, value: .tensor($0.array)) }
        + file.metadata.sorted { $0.key < $1.key }
        .map { Entry(key: $0.key, value: .text($0.value)) })
  }

  /// The arrays of an npz file.
  init(_ file: NPZFile) throws(FileFormatError) {
    var entries: [Entry] = []
    for name in file.names {
      entries.append(Entry(key: name, value: .tensor(try file.array(name))))
    }
    self = .dictionary(entries)
  }

  /// What this is, for error messages.
  var kind: String {
    switch self {
    case .dictionary: "a dictionary"
    case .list: "a list"
    case .module(let module, _): "a module of class \(quoted(module.className))"
    case .tensor: "a tensor"
    case .unreadableTensor(let text): text
    case .number: "a number"
    case .text: "text"
    case .other(let text): text
    }
  }
}
