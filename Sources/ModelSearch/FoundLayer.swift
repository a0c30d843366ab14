internal import Checkpoints

/// A layer of a file as its tensors show it.
struct FoundLayer: Hashable {
  /// What the shapes say.
  enum Kind: Hashable {
    case convolution(outputs: Int, inputs: Int, kernel: [Int])
    case linear(outputs: Int, inputs: Int)
    /// A norm; without running statistics it is no batch norm.
    case norm(channels: Int, hasStatistics: Bool, isAffine: Bool)
    /// Learned slopes.
    case slope(count: Int)
  }

  /// Name of the layer: what the names of its tensors share.
  let path: String
  /// What the shapes say.
  let kind: Kind
  /// Whether there is a bias.
  let hasBias: Bool
  /// Names of its tensors in the file by those of PyTorch: `weight`, `bias`, `running_mean`,
  /// `running_var`.
  let tensorNames: [String: String]

  /// Whether it is a convolution or a matrix.
  var isWeight: Bool { outputs != nil }

  /// Number of outputs of a convolution or matrix.
  var outputs: Int? {
    switch kind {
    case .convolution(let outputs, _, _), .linear(let outputs, _): outputs
    default: nil
    }
  }

  /// Number of inputs of a convolution or matrix; for a convolution those of one group.
  var inputs: Int? {
    switch kind {
    case .convolution(_, let inputs, _), .linear(_, let inputs): inputs
    default: nil
    }
  }

  /// Height and width of the filters of a convolution.
  var kernel: [Int]? {
    if case .convolution(_, _, let kernel) = kind { kernel } else { nil }
  }

  /// Number of channels of a norm.
  var channels: Int? {
    if case .norm(let channels, _, _) = kind { channels } else { nil }
  }
}

extension FoundLayer {
  /// The layers that the tensors of a file belong to, in the order of their first tensors.
  ///
  /// - Returns: The layers, or the name of a tensor that belongs to no layer that is known.
  static func layers(of tensors: [StoredTensor]) -> Result<[FoundLayer], UnknownTensor> {
    let real = tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }
    let roles = real.map { TensorRole(name: $0.name) }
    let groups =
      roles.allSatisfy({ $0 != nil })
      ? groupedByName(real, roles.compactMap(\.self)) : groupedByShape(real)
    var layers: [FoundLayer] = []
    for group in groups {
      guard let layer = FoundLayer(group) else {
        return .failure(UnknownTensor(group.tensors[0].tensor))
      }
      layers.append(layer)
    }
    return .success(layers)
  }

  /// Tensors of one layer with their roles.
  private struct Group {
    let path: String
    var tensors: [(role: String, tensor: StoredTensor)]
  }

  private static func groupedByName(_ tensors: [StoredTensor], _ roles: [TensorRole]) -> [Group] {
    var groups: [Group] = []
    var places: [String: Int] = [:]
    for (tensor, role) in zip(tensors, roles) {
      if let place = places[role.path] {
        groups[place].tensors.append((role.name, tensor))
      } else {
        places[role.path] = groups.count
        groups.append(Group(path: role.path, tensors: [(role.name, tensor)]))
      }
    }
    return groups
  }

  /// Where names say nothing: a tensor with axes begins a layer; vectors behind it are its bias, or four
  /// of them a norm.
  private static func groupedByShape(_ tensors: [StoredTensor]) -> [Group] {
    var groups: [Group] = []
    let tensors = tensors.filter { !$0.shape.isEmpty }.sorted {
      NaturalOrder.precedes($0.name, $1.name)
    }
    var place = 0
    while place < tensors.count {
      let first = tensors[place]
      place += 1
      if first.shape.count >= 2 {
        groups.append(Group(path: first.name, tensors: [("weight", first)]))
        let vectors = tensors[place...].prefix { $0.shape.count == 1 }
        if vectors.count % 4 == 1 || (vectors.count == 1), let bias = vectors.first,
          bias.shape[0] == first.shape[0]
        {
          groups[groups.count - 1].tensors.append(("bias", bias))
          place += 1
        }
      } else {
        let names = ["weight", "bias", "running_mean", "running_var"]
        let vectors = ([first] + tensors[place...]).prefix { $0.shape == first.shape }.prefix(4)
        groups.append(Group(path: first.name, tensors: Array(zip(names, vectors))))
        place += vectors.count - 1
      }
    }
    return groups
  }

  private init?(_ group: Group) {
    let byRole = Dictionary(group.tensors.map { ($0.role, $0.tensor) }) { first, _ in first }
    path = group.path
    tensorNames = byRole.mapValues(\.name)
    guard tensorNames.count == group.tensors.count else { return nil }
    let weight = byRole["weight"]
    hasBias = byRole["bias"] != nil
    let vectors = byRole.filter { $0.key != "weight" }.values
    switch weight?.shape.count {
    case 4?:
      guard let shape = weight?.shape, vectors.allSatisfy({ $0.shape == [shape[0]] }),
        vectors.count <= (hasBias ? 1 : 0)
      else { return nil }
      kind = .convolution(outputs: shape[0], inputs: shape[1], kernel: Array(shape[2...]))
    case 2?:
      guard let shape = weight?.shape, vectors.allSatisfy({ $0.shape == [shape[0]] }),
        vectors.count <= (hasBias ? 1 : 0)
      else { return nil }
      kind = .linear(outputs: shape[0], inputs: shape[1])
    case 1?, nil:
      let hasStatistics = byRole["running_mean"] != nil && byRole["running_var"] != nil
      guard let shape = (weight ?? byRole["running_mean"])?.shape, shape.count == 1,
        group.tensors.allSatisfy({ $0.tensor.shape == shape })
      else { return nil }
      if weight != nil, group.tensors.count == 1 {
        kind = .slope(count: shape[0])
      } else {
        guard (weight != nil) == hasBias, weight != nil || hasStatistics else { return nil }
        kind = .norm(channels: shape[0], hasStatistics: hasStatistics, isAffine: hasBias)
      }
    default: return nil
    }
  }
}

/// A tensor that is no part of a layer that lists have.
struct UnknownTensor: Error, CustomStringConvertible {
  let name: String
  let shape: [Int]

  /// One line for the user.
  var description: String {
    "the tensor \(name) of shape \(shape) belongs to no layer that lists have"
  }

  init(_ tensor: StoredTensor) {
    (name, shape) = (tensor.name, tensor.shape)
  }
}
