internal import ComputationGraph

/// Which tensors of a file are whose in an `EncoderTransformer`, whatever its authors called them.
///
/// Shapes say what most are. Names say which of several equal matrices are queries, keys and values, and the order of
/// the file which norm comes first.
struct EncoderTensors {
  /// Networks with such tensors, the likelier first; `EncoderTransformer.lookalikes` are the others.
  let names: [String]
  /// For each name in the layout of these networks the one in the file.
  let tensorNames: [String: String]
  /// Rows of the last layer.
  let outputCount: Int

  /// Reads tensors; nil where they are not, all of them, those of such a network.
  ///
  /// - Parameters:
  ///   - tensors: All of the file, in its order.
  ///   - channels: Those of the images; nil where they are not known.
  init?(_ tensors: [NamedTensor], channels: Int?) {
    for stack in EncoderStack.stacks(of: tensors) {
      guard let block = EncoderBlock(stack.tensors),
        let ends = EncoderEnds(
          tensors.filter { stack.places[$0.name] == nil }, width: block.width, channels: channels)
      else { continue }
      var names = ends.tensorNames
      for number in 0..<stack.prefixes.count {
        for (role, name) in block.tensorNames {
          names["layers.\(number).\(role)"] = stack.prefixes[number] + name
        }
      }
      guard Set(names.values).count == tensors.count,
        let head = tensors.first(where: { $0.name == names["head.weight"] })
      else { continue }
      outputCount = head.shape[0]
      tensorNames = names
      self.names = EncoderTransformer.likely(
        patch: ends.patch, width: block.width, layers: stack.prefixes.count, hidden: block.hidden,
        headUnits: ends.headUnits,
        shown: block.options.union(ends.options).union(stack.tensors.optionsOfNames),
        normIsOfHead: ends.normIsOfHead)
      return
    }
    return nil
  }

  /// Side of square images with as many patches as there are positions; nil where there are none.
  static func side(_ tensors: [NamedTensor], of name: String, _ names: [String: String]) -> Int? {
    guard let encoder = EncoderTransformer(name: name), let table = names["positions"],
      let shape = tensors.first(where: { $0.name == table })?.shape
    else { return nil }
    let rows = shape[shape.rank - 2] - (encoder.options.contains(.notoken) ? 0 : 1)
    return PatchEmbedding.side(ofSquare: rows).map { $0 * encoder.patch }
  }
}

/// Equal blocks under the same names but for a number.
private struct EncoderStack {
  /// What stands before the names of each block, in order.
  let prefixes: [String]
  /// Tensors of one block, without what stands before.
  let tensors: [NamedTensor]
  /// The number of the block of each tensor of the file.
  let places: [String: Int]

  /// All of a file, those of the most tensors first.
  static func stacks(of tensors: [NamedTensor]) -> [EncoderStack] {
    // By what stands before the number: the blocks by their numbers, each with its tensors.
    var groups: [String: [Int: [(prefix: String, rest: NamedTensor)]]] = [:]
    for tensor in tensors {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      for place in parts.indices.dropLast() {
        let stem = parts[place].prefix { !($0.isASCII && $0.isNumber) }
        guard let number = Int(parts[place].dropFirst(stem.count)) else { continue }
        let prefix = parts[...place].joined(separator: ".") + "."
        let rest = parts[(place + 1)...].joined(separator: ".")
        let key = (parts[..<place] + [stem]).joined(separator: ".")
        groups[key, default: [:]][number, default: []].append(
          (prefix, NamedTensor(name: rest, shape: tensor.shape)))
      }
    }
    let stacks = groups.sorted { $0.key < $1.key }.compactMap { _, blocks -> EncoderStack? in
      let sorted = blocks.sorted { $0.key < $1.key }.map(\.value)
      let first = sorted[0].map(\.rest)
      let wanted = Dictionary(first.map { ($0.name, $0.shape) }, uniquingKeysWith: { a, _ in a })
      var places: [String: Int] = [:]
      for (number, block) in sorted.enumerated() {
        let own = Dictionary(
          block.map { ($0.rest.name, $0.rest.shape) }, uniquingKeysWith: { a, _ in a })
        guard own == wanted, Set(block.map(\.prefix)).count == 1 else { return nil }
        for tensor in block { places[tensor.prefix + tensor.rest.name] = number }
      }
      return EncoderStack(
        prefixes: sorted.map { $0[0].prefix }, tensors: first, places: places)
    }
    return stacks.enumerated().sorted {
      ($1.element.places.count, $0.offset) < ($0.element.places.count, $1.offset)
    }.map(\.element)
  }
}

/// The tensors of one block.
private struct EncoderBlock {
  let width: Int
  let hidden: Int
  let options: Set<EncoderTransformer.Option>
  /// For each name in the layout, without `layers.N.`, the one in the file.
  let tensorNames: [String: String]

  init?(_ tensors: [NamedTensor]) {
    var left = TensorsLeft(tensors)
    let matrices = tensors.filter { $0.shape.rank == 2 }
    let common = matrices.dropFirst().reduce(Set(matrices.first?.shape.dimensions ?? [])) {
      $0.intersection($1.shape.dimensions)
    }
    guard matrices.count >= 3, let width = common.min() else { return nil }
    var names: [String: String] = [:]
    var options: Set<EncoderTransformer.Option> = []

    // Queries, keys and values.
    let scope: String
    var hasBias: [Bool] = []
    func take(_ role: String, _ tensor: NamedTensor) {
      let bias = left.take(tensor, as: role, into: &names)
      hasBias.append(bias)
    }
    let fused = matrices.filter { $0.shape == [3 * width, width] }
    if let all = fused.count == 1 ? fused[0] : fused.first(where: \.isProjection) {
      take("attention.projections", all)
      scope = all.suffix == "in_proj_weight" ? all.module : all.parent
    } else {
      options.insert(.split)
      let squares = matrices.filter { $0.shape == [width, width] }
      let parts = [("queries", "q", "quer"), ("keys", "k", "key"), ("values", "v", "val")]
      let found = parts.map { part in squares.filter { $0.isCalled(part.1, part.2) } }
      guard found.allSatisfy({ $0.count == 1 }) else { return nil }
      for (part, tensors) in zip(parts, found) { take("attention.\(part.0)", tensors[0]) }
      scope = found[0][0].parent
    }
    guard Set(hasBias).count == 1 else { return nil }
    if !hasBias[0] { options.insert(.nobias) }
    hasBias = []

    // What mixes the heads, and the two layers; as wide as the rows they can be told apart by their place alone.
    let rest = matrices.filter(left.contains)
    let squares = rest.filter { $0.shape == [width, width] }
    let output =
      rest.count == 3 ? squares.count == 1 ? squares[0] : squares.first { $0.parent == scope } : nil
    if let output {
      take("attention.output", output)
    } else {
      options.insert(.nooutput)
    }
    let layers = rest.filter(left.contains)
    guard layers.count == 2,
      let pair = [(layers[0], layers[1]), (layers[1], layers[0])].first(where: {
        $0.0.shape[1] == width && $0.1.shape == [width, $0.0.shape[0]]
      })
    else { return nil }
    take("linear1", pair.0)
    take("linear2", pair.1)
    guard hasBias.allSatisfy(\.self) else { return nil }

    let norms = left.norms(width: width)
    guard norms.count == 2 else { return nil }
    // The one that stands nearer to the attention is the first, where they do not stand in order.
    let isSwapped = norms[1].nearness(to: scope) > norms[0].nearness(to: scope)
    for (number, norm) in (isSwapped ? norms.reversed() : norms).enumerated() {
      _ = left.take(norm, as: "norm\(number + 1)", into: &names)
    }
    guard left.isEmpty else { return nil }
    (self.width, self.hidden) = (width, pair.0.shape[0])
    (self.options, tensorNames) = (options, names)
  }
}

/// The tensors before and behind the blocks.
private struct EncoderEnds {
  let patch: Int
  /// Units of a hidden layer before the last one.
  let headUnits: Int?
  /// Whether the norm is in one module with the last layer, which reads its outputs then.
  let normIsOfHead: Bool
  let options: Set<EncoderTransformer.Option>
  let tensorNames: [String: String]

  init?(_ tensors: [NamedTensor], width: Int, channels: Int?) {
    var left = TensorsLeft(tensors)
    var names: [String: String] = [:]
    var options: Set<EncoderTransformer.Option> = []
    var layers = tensors.filter { $0.shape.rank == 2 && $0.hasBias(in: tensors) }
    if let filters = tensors.first(where: { $0.shape.rank == 4 }) {
      guard filters.shape[0] == width, filters.shape[2] == filters.shape[3],
        left.take(filters, as: "embedding", into: &names)
      else { return nil }
      patch = filters.shape[2]
    } else {
      // A square matrix may be that of the head instead.
      let fitting = layers.indices.filter {
        layers[$0].shape[0] == width
          && PatchEmbedding.side(ofRows: layers[$0].shape[1], channels: channels) != nil
      }
      guard let place = fitting.first(where: { layers[$0].shape[1] != width }) ?? fitting.first,
        let patch = PatchEmbedding.side(ofRows: layers[place].shape[1], channels: channels),
        left.take(layers.remove(at: place), as: "embedding", into: &names)
      else { return nil }
      self.patch = patch
      options.insert(.rows)
    }
    // The last layer, maybe with a hidden one, in whichever order the file has them.
    for pair in [layers, layers.reversed()] where pair.count == 2 {
      guard names["head.weight"] == nil, pair[0].shape[1] == width,
        pair[1].shape[1] == pair[0].shape[0]
      else { continue }
      _ = left.take(pair[0], as: "hidden", into: &names)
      _ = left.take(pair[1], as: "head", into: &names)
    }
    if layers.count == 1, layers[0].shape[1] == width {
      _ = left.take(layers[0], as: "head", into: &names)
    }
    guard let head = tensors.first(where: { $0.name == names["head.weight"] }) else { return nil }
    headUnits = layers.first { $0.name == names["hidden.weight"] }?.shape[0]
    let norms = left.norms(width: width)
    guard norms.count <= 1 else { return nil }
    normIsOfHead = norms.first.map { !$0.parent.isEmpty && $0.parent == head.parent } ?? false
    if let norm = norms.first {
      _ = left.take(norm, as: "norm", into: &names)
    } else {
      options.insert(.nonorm)
    }
    for tensor in left.tensors {
      let shape = tensor.shape
      guard shape.rank > 0, shape[shape.rank - 1] == width,
        shape.dimensions.dropLast(2).allSatisfy({ $0 == 1 })
      else { return nil }
      if shape.count == width, shape.rank <= 3, names["token"] == nil {
        names["token"] = tensor.name
        if shape.rank < 3 { options.insert(shape.rank == 1 ? .token1 : .token2) }
      } else if (2...3).contains(shape.rank), names["positions"] == nil {
        names["positions"] = tensor.name
        if shape.rank == 2 { options.insert(.positions2) }
      } else {
        return nil
      }
    }
    if names["token"] == nil { options.insert(.notoken) }
    if names["positions"] == nil { options.insert(.nopositions) }
    (self.options, tensorNames) = (options, names)
  }
}

extension [NamedTensor] {
  /// What is usual for blocks of these names.
  fileprivate var optionsOfNames: Set<EncoderTransformer.Option> {
    func have(_ names: String...) -> Bool {
      names.allSatisfy { name in contains { $0.name == name + ".weight" } }
    }
    // torch.nn.TransformerEncoderLayer takes ReLU unless it is told otherwise.
    if have("self_attn.out_proj", "linear1", "linear2", "norm1", "norm2") { return [.relu] }
    // omihub777/ViT-CIFAR.
    if have("la1", "msa.q", "msa.k", "msa.v", "msa.o", "la2", "mlp.0", "mlp.3") {
      return [.twice, .widescale]
    }
    return []
  }
}

/// Tensors that have no place yet.
private struct TensorsLeft {
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
  fileprivate var module: String { Self.dropLast(name) }

  /// How many of the modules around it are around another one too; more where its name says that it is the attention's.
  fileprivate func nearness(to scope: String) -> Int {
    let shared = zip(name.split(separator: "."), scope.split(separator: ".")).prefix { $0 == $1 }
    let own = name.lowercased()
    let isNamed = ["att", "msa", "mha"].contains { own.contains($0) }
    return 2 * shared.count + (isNamed ? 1 : 0)
  }

  /// The module that has the one it belongs to.
  fileprivate var parent: String { Self.dropLast(module) }

  private static func dropLast(_ path: String) -> String {
    path.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// The tensor beside it with a number for each of its rows.
  fileprivate func bias(in tensors: [NamedTensor]) -> NamedTensor? {
    guard suffix.hasSuffix("weight"), let rows = shape.dimensions.first else { return nil }
    let name = name.dropLast("weight".count) + "bias"
    return tensors.first { $0.name == name && $0.shape == [rows] }
  }

  fileprivate func hasBias(in tensors: [NamedTensor]) -> Bool { bias(in: tensors) != nil }

  /// Whether the name says that it makes queries, keys and values.
  fileprivate var isProjection: Bool {
    let name = name.lowercased()
    return name.contains("qkv") || name.contains("in_proj") || name.contains("att")
  }

  /// Whether the last component of its module is a letter, like `q`, `w_q`, `wq` or `q_proj`, or contains a word.
  fileprivate func isCalled(_ letter: String, _ word: String) -> Bool {
    let last = module.split(separator: ".").last?.lowercased() ?? ""
    return last.contains(word)
      || last.split(separator: "_").contains { $0 == letter || $0 == "w" + letter }
  }
}
