internal import ComputationGraph

/// Tensors that have no place yet.
struct TensorsLeft {
  private(set) var tensors: [NamedTensor]

  init(_ tensors: [NamedTensor]) { self.tensors = tensors }

  var isEmpty: Bool { tensors.isEmpty }

  func contains(_ tensor: NamedTensor) -> Bool { tensors.contains { $0.name == tensor.name } }

  /// Gives a weight its place, and its bias where there is one of its shape.
  ///
  /// - Returns: Whether it has one.
  mutating func take(
    _ weight: NamedTensor, as role: String, into names: inout [String: String]
  ) -> Bool {
    tensors.removeAll { $0.name == weight.name }
    names["\(role).weight"] = weight.name
    guard let bias = weight.bias(in: tensors) else { return false }
    tensors.removeAll { $0.name == bias.name }
    names["\(role).bias"] = bias.name
    return true
  }

  /// Weights of norms over `width` numbers, in the order of the file.
  func norms(width: Int) -> [NamedTensor] {
    tensors.filter { $0.shape == [width] && $0.hasBias(in: tensors) }
  }
}

extension NamedTensor {
  /// Everything before the last component.
  var module: String { Self.dropLast(name) }

  /// How many of the modules around it are around another one too; more where its name says that it is the attention's.
  func nearness(to scope: String) -> Int {
    let shared = zip(name.split(separator: "."), scope.split(separator: ".")).prefix { $0 == $1 }
    let own = name.lowercased()
    let isNamed = ["att", "msa", "mha"].contains { own.contains($0) }
    return 2 * shared.count + (isNamed ? 1 : 0)
  }

  /// The module that has the one it belongs to.
  var parent: String { Self.dropLast(module) }

  private static func dropLast(_ path: String) -> String {
    path.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// The tensor beside it with a number for each of its rows.
  func bias(in tensors: [NamedTensor]) -> NamedTensor? {
    guard suffix.hasSuffix("weight"), let rows = shape.dimensions.first else { return nil }
    let name = name.dropLast("weight".count) + "bias"
    return tensors.first { $0.name == name && $0.shape == [rows] }
  }

  func hasBias(in tensors: [NamedTensor]) -> Bool { bias(in: tensors) != nil }

  /// Whether the name says that it makes queries, keys and values.
  var isProjection: Bool {
    let name = name.lowercased()
    return name.contains("qkv") || name.contains("in_proj") || name.contains("att")
  }

  /// Whether the last component of its module is a letter, like `q`, `w_q`, `wq` or `q_proj`, or contains a word.
  func isCalled(_ letter: String, _ word: String) -> Bool {
    let last = module.split(separator: ".").last?.lowercased() ?? ""
    return last.contains(word)
      || last.split(separator: "_").contains { $0 == letter || $0 == "w" + letter }
  }
}
