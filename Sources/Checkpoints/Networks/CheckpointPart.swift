import FileFormats

/// A state dict, or a whole module, inside a checkpoint.
struct CheckpointPart {
  /// Keys and positions on the way to it; empty where it is the whole file.
  let path: [String]
  /// Its entries; what is no tensor lies among them.
  let entries: [CheckpointValue.Entry]
  /// The module, where it is one.
  let module: PickledModule?

  /// What the user calls it.
  var name: String { path.joined(separator: ".") }

  /// All state dicts and modules in a file, in its order.
  static func all(in root: CheckpointValue) -> [CheckpointPart] {
    let parts = parts(in: root, path: [])
    let weights = parts.filter(\.hasWeights)
    if !weights.isEmpty { return weights }
    return parts.isEmpty ? arrays(in: root, path: []) : parts
  }

  /// Whether it is more than a module without parameters, or a loss.
  private var hasWeights: Bool {
    guard let module else { return true }
    return !module.isLoss && entries.contains { $0.value.isWeight || $0.isQuantizedLayer }
  }

  /// Lists of tensors, as federated learning exchanges them: their order is all that names them.
  private static func arrays(in value: CheckpointValue, path: [String]) -> [CheckpointPart] {
    switch value {
    case .dictionary(let entries), .object(_, let entries):
      return entries.filter { !TrainingState.isKey($0.key) }
        .flatMap { arrays(in: $0.value, path: path + [$0.key]) }
    case .list(let values):
      guard values.count > 1, values.allSatisfy({ $0.tensor != nil }),
        values.contains(where: \.isWeight)
      else {
        return values.enumerated().flatMap {
          arrays(in: $0.element, path: path + ["\($0.offset)"])
        }
      }
      let entries = values.enumerated().map {
        CheckpointValue.Entry(key: "arr_\($0.offset)", value: $0.element)
      }
      return [CheckpointPart(path: path, entries: entries, module: nil)]
    default: return []
    }
  }

  private static func parts(in value: CheckpointValue, path: [String]) -> [CheckpointPart] {
    switch value {
    case .module(let module, let entries):
      return [CheckpointPart(path: path, entries: entries, module: module)]
    case .list(let values):
      return values.enumerated().flatMap { parts(in: $0.element, path: path + ["\($0.offset)"]) }
    case .dictionary(let entries), .object(_, let entries):
      return parts(in: entries, path: path)
    default: return []
    }
  }

  private static func parts(
    in entries: [CheckpointValue.Entry], path: [String]
  ) -> [CheckpointPart] {
    guard !TrainingState.isOptimizer(entries) else { return [] }
    let inner = entries.filter { !TrainingState.isKey($0.key) }
      .map { parts(in: $0.value, path: path + [$0.key]) }
    let own = CheckpointPart(path: path, entries: entries, module: nil)
    let weights = entries.filter {
      ($0.value.isWeight || $0.isQuantizedLayer) && !TrainingState.isKey($0.key)
    }
    if !weights.isEmpty {
      // Tensors beside state dicts, such as a mean and a deviation, are no network of their own.
      let isNetwork = weights.contains { $0.key.contains(".") }
      return inner.allSatisfy(\.isEmpty) ? [own] : (isNetwork ? [own] : []) + inner.flatMap(\.self)
    }
    let found = inner.flatMap(\.self)
    let layers = found.filter(\.isLayer)
    guard layers.count > 1, layers.count == found.count else { return found }
    // A dictionary for each layer: names of two or more levels, written as nested dictionaries.
    let flat = layers.flatMap { layer in
      layer.entries.map { entry in
        CheckpointValue.Entry(
          key: (layer.path.dropFirst(path.count) + [entry.key]).joined(separator: "."),
          value: entry.value)
      }
    }
    return [CheckpointPart(path: path, entries: flat, module: nil)]
  }

  /// Whether it holds the tensors of one layer, under names like `weight` and `bias`.
  private var isLayer: Bool {
    let names: Set<String> = [
      "weight", "bias", "running_mean", "running_var", "num_batches_tracked", "kernel", "scale",
      "w", "b",
    ]
    return module == nil && entries.allSatisfy { names.contains($0.key.lowercased()) }
  }
}

/// What training programs keep beside the weights.
enum TrainingState {
  /// Whether a key stands for what an optimizer, a callback or a generator keeps, which has tensors as
  /// well.
  static func isKey(_ key: String) -> Bool {
    let beginnings = [
      "optim", "scheduler", "lr_scheduler", "sched", "scaler", "grad_scaler", "callbacks", "loops",
      "amp", "rng", "torch_rng", "cuda_rng", "numpy_rng", "random", "native_amp",
    ]
    let lower = key.lowercased()
    return beginnings.contains { lower.hasPrefix($0) } || lower.hasSuffix("optimizer")
      || lower.hasSuffix("optimizer_state_dict") || lower.hasSuffix("rng_state")
  }

  /// Whether a dictionary is the state of an optimizer.
  static func isOptimizer(_ entries: [CheckpointValue.Entry]) -> Bool {
    let keys = Set(entries.map(\.key))
    return keys.contains("param_groups") && keys.contains("state")
  }
}

extension PickledModule {
  /// Whether it is a loss of PyTorch, whose tensors weigh classes.
  var isLoss: Bool { className.hasPrefix("torch.nn.modules.loss.") }
}

extension CheckpointValue.Entry {
  /// Whether it holds the weights of a quantised layer, packed together.
  var isQuantizedLayer: Bool { key.hasSuffix("_packed_params") }
}

extension CheckpointValue {
  /// The tensor, if this is one that is read.
  var tensor: NumericArray? { if case .tensor(let array) = self { array } else { nil } }

  /// Whether this is a tensor that may be part of a network: real numbers along axes.
  var isWeight: Bool {
    switch self {
    case .tensor(let array): array.type.isFloatingPoint && !array.shape.isEmpty
    case .unreadableTensor: true
    default: false
    }
  }

  /// The number, if this is one or a tensor of a single element.
  var singleNumber: Double? {
    switch self {
    case .number(let value): value
    case .tensor(let array) where array.count == 1: array.doubles()[0]
    default: nil
    }
  }
}
