/// Numbers of tensors of a network.
struct TensorCounts: Hashable {
  /// Weights, biases, scales and shifts.
  let parameters: Int
  /// Running means and variances.
  let buffers: Int
}

/// What tells at a glance whether tensors could be those of a network of fixed depth.
struct KnownNetwork {
  let name: String
  let counts: TensorCounts
  /// Whether a width belongs behind the name.
  let takesWidth: Bool

  /// Height and width of the images that it was made for.
  var usualExtent: Int {
    if name == "inception-v3-imagenet" { return 299 }
    return name.contains("-imagenet") || name.hasSuffix("-timm") ? 224 : 32
  }

  /// All networks whose names families list.
  static let all: [KnownNetwork] = ArchitectureFamily.all.flatMap { family in
    family.names.compactMap { name in
      tensorCounts[name].map { parameters, buffers in
        KnownNetwork(
          name: name, counts: TensorCounts(parameters: parameters, buffers: buffers),
          takesWidth: family.takesWidth)
      }
    }
  }
}
