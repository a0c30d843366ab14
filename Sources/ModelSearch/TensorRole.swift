package import Checkpoints

/// What a tensor is in its layer, by its name.
struct TensorRole {
  let path: String
  let name: String

  /// Last words of names, in PyTorch's and in others' spelling.
  private static let words: [String: String] = [
    "weight": "weight", "bias": "bias", "running_mean": "running_mean",
    "running_var": "running_var", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
    "moving_variance": "running_var", "kernel": "weight", "w": "weight", "b": "bias",
  ]

  init?(name: String) {
    for separator: Character in [".", "/", "_"] {
      guard let end = name.lastIndex(of: separator) else { continue }
      // `running_mean` has an underscore of its own.
      for (suffix, role) in Self.words where name.hasSuffix("\(separator)\(suffix)") {
        self.path = String(name.dropLast(suffix.count + 1))
        self.name = role
        return
      }
      if separator == ".", end > name.startIndex { return nil }
    }
    // `W1`, `b1` and the like: the number is the layer.
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let stem = name.dropLast(digits)
    guard digits > 0, let role = Self.numbered[stem.lowercased()] else { return nil }
    self.path = String(name.suffix(digits))
    self.name = role
  }

  /// Words before numbers of layers.
  private static let numbered: [String: String] = [
    "w": "weight", "b": "bias", "weight": "weight", "bias": "bias", "weights": "weight",
    "biases": "bias", "w_": "weight", "b_": "bias", "weight_": "weight", "bias_": "bias",
    "weights_": "weight", "biases_": "bias",
  ]
}

/// Names for tensors whose own names say nothing.
package enum TensorRoles {
  /// Names by shapes and order for the tensors of a file in which these are all there is, like `arr_0`.
  ///
  /// - Returns: For each name of the file one like `arr_0.weight`; empty where the names say what tensors
  ///   are, or shapes do not.
  package static func names(of tensors: [StoredTensor]) -> [String: String] {
    let saysNothing = tensors.allSatisfy { TensorRole(name: $0.name) == nil }
    guard saysNothing, case .success(let layers) = FoundLayer.layers(of: tensors) else {
      return [:]
    }
    var names: [String: String] = [:]
    for layer in layers {
      for (role, name) in layer.tensorNames { names[name] = "\(layer.path).\(role)" }
    }
    return names
  }
}
