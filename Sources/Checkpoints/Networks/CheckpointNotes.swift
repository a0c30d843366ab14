import FileFormats

/// Numbers and texts that a checkpoint keeps beside the weights.
struct CheckpointNotes {
  /// Numbers by name; those of nested dictionaries and objects as `args.lr`.
  private(set) var scalars: [String: Double] = [:]
  /// Texts by name.
  private(set) var texts: [String: String] = [:]
  /// Short lists of numbers and short tensors by name.
  private(set) var lists: [String: [Double]] = [:]
  /// Objects beside the weights, of classes that say nothing here: name and class.
  private(set) var objects: [(name: String, kind: String)] = []

  /// More is no set of notes.
  private static let maximumCount = 4096
  /// Longer lists are no setting.
  static let maximumListCount = 16
  /// Packages whose objects are usual in training states.
  private static let usualPackages: Set<Substring> = [
    "torch", "argparse", "pathlib", "datetime", "collections", "numpy", "enum", "omegaconf",
    "pytorch_lightning", "lightning", "lightning_fabric", "torchmetrics", "uuid", "yacs",
    "easydict", "addict", "ml_collections", "typing", "torchvision",
  ]

  /// Collects what lies beside a part.
  ///
  /// Entries of the dictionaries around it keep their names, others those of the way to them.
  init(in root: CheckpointValue, beside part: CheckpointPart) {
    collect(root, prefix: "", path: part.path[...])
  }

  private mutating func collect(
    _ value: CheckpointValue, prefix: String, path: ArraySlice<String>?
  ) {
    let entries: [CheckpointValue.Entry]
    switch value {
    case .dictionary(let all), .object(_, let all): entries = all
    case .list(let values):
      guard let index = path?.first.flatMap({ Int($0) }), values.indices.contains(index) else {
        return
      }
      return collect(values[index], prefix: prefix, path: path?.dropFirst())
    default: return
    }
    // Inside the part all tensors are its own.
    let isPart = path?.isEmpty == true
    for entry in entries where scalars.count + texts.count < Self.maximumCount {
      let name = prefix + entry.key
      if entry.key.hasPrefix("callbacks") {
        collectScores(entry.value)
      }
      if TrainingState.isKey(entry.key) { continue }
      switch entry.value {
      case .number(let number): scalars[name] = number
      case .text(let text): texts[name] = text
      case .numbers(let numbers): lists[name] = numbers
      case .tensor(let array) where !isPart:
        if array.count == 1 { scalars[name] = array.doubles()[0] }
        if array.count <= Self.maximumListCount { lists[name] = array.doubles() }
      case .dictionary, .object, .list:
        note(entry, isTensorExpected: isPart)
        if path?.first == entry.key {
          collect(entry.value, prefix: prefix, path: path?.dropFirst())
        } else if !entry.value.holdsWeights {
          collect(entry.value, prefix: name + ".", path: nil)
        }
      default: note(entry, isTensorExpected: isPart)
      }
    }
  }

  /// The score of the epoch that Lightning's ModelCheckpoint keeps, under the name of what it watches.
  private mutating func collectScores(_ value: CheckpointValue) {
    guard case .dictionary(let callbacks) = value else { return }
    for callback in callbacks {
      guard case .dictionary(let entries) = callback.value else { continue }
      func value(_ key: String) -> CheckpointValue? { entries.first { $0.key == key }?.value }
      guard case .text(let monitor)? = value("monitor"),
        let score = value("current_score")?.singleNumber ?? value("best_model_score")?.singleNumber
      else { continue }
      scalars["callbacks.\(monitor)"] = score
    }
  }

  /// Notes an object, of any class where tensors belong and of a class of the program's own elsewhere.
  private mutating func note(_ entry: CheckpointValue.Entry, isTensorExpected: Bool) {
    let kind: String
    switch entry.value {
    case .object(let className, _): kind = "an object of \(quoted(className))"
    case .other(let text): kind = text
    default: return
    }
    guard kind.hasPrefix("an object of '") else { return }
    let package = kind.dropFirst(14).prefix { $0 != "." && $0 != "'" }
    if isTensorExpected || !Self.usualPackages.contains(package) {
      objects.append((entry.key, kind))
    }
  }
}

extension CheckpointValue {
  /// Whether tensors with axes lie directly inside, or deeper.
  fileprivate var holdsWeights: Bool {
    switch self {
    case .module: true
    case .dictionary(let entries), .object(_, let entries):
      entries.contains { entry in
        if case .tensor(let array) = entry.value { return array.shape.count > 1 }
        return entry.value.holdsWeights
      }
    case .list(let values): values.contains(where: \.holdsWeights)
    default: false
    }
  }
}
