import FileFormats

/// A checkpoint as nested dictionaries with tensors and scalars at the leaves.
indirect enum CheckpointValue {
  case dictionary([Entry])
  case tensor(NumericArray)
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
    case .tensor: "a tensor"
    case .number: "a number"
    case .text: "text"
    case .other(let text): text
    }
  }
}

/// Turns a pickle's values into dictionaries and tensors.
struct CheckpointValueBuilder {
  /// State dicts lie at most a few dictionaries deep; what is deeper is not looked at.
  private static let maximumDepth = 5
  /// More values than training states have; bounds the walk over shared dictionaries.
  private static let maximumValues = 1 << 20

  private let fileSize: Int
  private let rebuilder: TensorRebuilder

  /// Creates a builder; `storage` finds the bytes that a reference in the pickle means.
  init(fileSize: Int, storage: @escaping TensorRebuilder.StorageSource) {
    self.fileSize = fileSize
    rebuilder = TensorRebuilder(storage: storage)
  }

  /// The value that a pickle's root stands for.
  func value(_ root: PickleValue) throws(FileFormatError) -> CheckpointValue {
    var state = State(budget: TensorBudget(fileSize: fileSize))
    return try value(root, name: "", depth: 0, &state)
  }

  private struct State {
    var budget: TensorBudget
    var values = 0
  }

  private func value(
    _ source: PickleValue, name: String, depth: Int, _ state: inout State
  ) throws(FileFormatError) -> CheckpointValue {
    state.values += 1
    guard state.values < Self.maximumValues else {
      throw FileFormatError(
        .tooLarge, format: "checkpoint", "holds more than \(Self.maximumValues) values")
    }
    switch source {
    case .boolean(let value): return .number(value ? 1 : 0)
    case .integer(let value): return .number(Double(value))
    case .float(let value): return .number(value)
    case .string(let value): return .text(value)
    case .dictionary(let pairs):
      guard depth < Self.maximumDepth else { return .other("a dictionary") }
      return .dictionary(try entries(pairs, depth: depth, &state))
    case .object(let object):
      if let tensor = try rebuilder.tensor(object, name: name, budget: &state.budget) {
        return .tensor(tensor)
      }
      if let array = try NumericArray(pickled: source) {
        guard array.shape.isEmpty else { return .tensor(array) }
        return array.doubles().first.map { .number($0) } ?? .other("an empty scalar")
      }
      return .other(source.kind)
    default: return .other(source.kind)
    }
  }

  private func entries(
    _ pairs: [PicklePair], depth: Int, _ state: inout State
  ) throws(FileFormatError) -> [CheckpointValue.Entry] {
    var positions: [String: Int] = [:]
    var entries: [CheckpointValue.Entry] = []
    for pair in pairs {
      // State dicts have text keys; others, such as an optimizer's, are of no interest.
      guard let key = pair.key.text else { continue }
      let value = try value(pair.value, name: key, depth: depth + 1, &state)
      if let position = positions.updateValue(entries.count, forKey: key) {
        entries[position] = CheckpointValue.Entry(key: key, value: value)
        positions[key] = position
      } else {
        entries.append(CheckpointValue.Entry(key: key, value: value))
      }
    }
    return entries
  }
}
