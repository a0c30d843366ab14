import FileFormats

/// Turns a pickle's values into dictionaries, modules and tensors.
struct CheckpointValueBuilder {
  /// State dicts lie at most a few dictionaries deep; what is deeper is not looked at.
  private static let maximumDepth = 8
  /// More values than training states have; bounds the walk over shared dictionaries.
  private static let maximumValues = 1 << 20
  /// As many of these values as a module counts: a network has some thousands of them.
  private static let valuesOfModule = 64

  private let rebuilder: TensorRebuilder
  private let state: State

  private final class State {
    var budget: TensorBudget
    private var values = 0
    /// Elements of lists that may still be looked at.
    private var elements: Int

    init(fileSize: Int) {
      budget = TensorBudget(fileSize: fileSize)
      elements = fileSize.multipliedReportingOverflow(by: 16).partialValue + (1 << 20)
    }

    func count(_ more: Int = 1) throws(FileFormatError) {
      values += more
      guard values < CheckpointValueBuilder.maximumValues else {
        throw FileFormatError(
          .tooLarge, format: "checkpoint",
          "holds more than \(CheckpointValueBuilder.maximumValues) values")
      }
    }

    /// Counts the elements of a list, which a file may repeat with two bytes.
    func look(at count: Int) throws(FileFormatError) {
      elements -= count
      guard elements >= 0 else {
        throw FileFormatError(
          .tooLarge, format: "checkpoint", "repeats its lists more often than any training does")
      }
    }
  }

  /// Creates a builder; `storage` finds the bytes that a reference in the pickle means.
  init(fileSize: Int, storage: @escaping TensorRebuilder.StorageSource) {
    rebuilder = TensorRebuilder(storage: storage)
    state = State(fileSize: fileSize)
  }

  /// The value that a pickle's root stands for.
  func value(_ root: PickleValue) throws(FileFormatError) -> CheckpointValue {
    try value(root, name: "", depth: 0)
  }

  private func value(
    _ source: PickleValue, name: String, depth: Int
  ) throws(FileFormatError) -> CheckpointValue {
    try state.count()
    switch source {
    case .boolean(let value): return .number(value ? 1 : 0)
    case .integer(let value): return .number(Double(value))
    case .float(let value): return .number(value)
    case .string(let value): return .text(value)
    case .dictionary(let pairs):
      guard depth < Self.maximumDepth else { return .other("a dictionary") }
      return .dictionary(try entries(pairs, depth: depth))
    case .list(let values), .tuple(let values):
      guard depth < Self.maximumDepth else { return .other(source.kind) }
      return try list(values, source.kind, name: name, depth: depth)
    case .object(let object): return try value(of: object, name: name, depth: depth)
    default: return .other(source.kind)
    }
  }

  /// A list of what has tensors; lists of anything else are of no interest.
  private func list(
    _ values: [PickleValue], _ kind: String, name: String, depth: Int
  ) throws(FileFormatError) -> CheckpointValue {
    try state.look(at: values.count)
    if !values.isEmpty, values.count <= CheckpointNotes.maximumListCount {
      let numbers = values.compactMap(\.number)
      if numbers.count == values.count { return .numbers(numbers) }
    }
    guard values.contains(where: Self.mayHoldTensors) else { return .other(kind) }
    var elements: [CheckpointValue] = []
    for value in values { elements.append(try self.value(value, name: name, depth: depth + 1)) }
    return .list(elements)
  }

  private static func mayHoldTensors(_ value: PickleValue) -> Bool {
    switch value {
    case .object, .dictionary: true
    default: false
    }
  }

  private func value(
    of object: PickleObject, name: String, depth: Int
  ) throws(FileFormatError) -> CheckpointValue {
    if let tensor = try rebuilder.tensor(object, name: name, budget: &state.budget) {
      return tensor
    }
    if let array = try NumericArray(pickled: .object(object)) {
      guard array.shape.isEmpty else { return .tensor(array) }
      return array.doubles().first.map { .number($0) } ?? .other("an empty scalar")
    }
    guard ModuleReader.isModule(object) else { return try plainObject(object, depth: depth) }
    let reader = ModuleReader(
      read: { (source, name) throws(FileFormatError) in
        try value(source, name: name, depth: Self.maximumDepth)
      },
      attributes: AttributeReader { object in
        // A copy of the budget: what is too large or damaged is no attribute.
        var budget = TensorBudget(fileSize: 0)
        guard case .tensor(let array)? = try? rebuilder.tensor(object, name: "", budget: &budget)
        else { return nil }
        return array
      },
      count: { () throws(FileFormatError) in try state.count(Self.valuesOfModule) })
    let (module, tensors) = try reader.module(object)
    return .module(module, tensors)
  }

  /// A dictionary of a class of its own, or an object with its attributes.
  private func plainObject(
    _ object: PickleObject, depth: Int
  ) throws(FileFormatError) -> CheckpointValue {
    let className = ModuleReader.className(object)
    guard depth < Self.maximumDepth else { return .other("an object of \(quoted(className))") }
    // What is made of a module, as torch.compile's is, has its parameters.
    if let first = object.arguments.first, case .object(let inner) = first,
      ModuleReader.isModule(inner)
    {
      return try value(first, name: "", depth: depth + 1)
    }
    if !object.pairs.isEmpty { return .dictionary(try entries(object.pairs, depth: depth)) }
    guard let pairs = ModuleReader.state(of: object)?.pairs else {
      return .other("an object of \(quoted(className))")
    }
    return .object(className, try entries(pairs, depth: depth))
  }

  private func entries(
    _ pairs: [PicklePair], depth: Int
  ) throws(FileFormatError) -> [CheckpointValue.Entry] {
    var positions: [String: Int] = [:]
    var entries: [CheckpointValue.Entry] = []
    for pair in pairs {
      // Keys are names, or numbers of folds; others are of no interest.
      guard let key = pair.key.text ?? pair.key.integer.map({ "\($0)" }) else { continue }
      let value = try value(pair.value, name: key, depth: depth + 1)
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

extension PickleValue {
  /// The number, whole or not.
  fileprivate var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }
}
