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
  /// Side of square images with as many patches as there are positions; nil where that is no square.
  let side: Int?

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
      let shown = EncoderTransformer(
        patch: ends.patch, width: block.width, layers: stack.prefixes.count, heads: 1,
        hidden: block.hidden, headUnits: ends.headUnits,
        options: block.options.union(ends.options).union(stack.tensors.optionsOfNames))
      let networks = shown.beginnings(normIsOfHead: ends.normIsOfHead)
      guard Set(names.values).count == tensors.count, !networks.isEmpty else { continue }
      let shapes = Dictionary(
        tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
      self.names = networks.map(\.name)
      tensorNames = names
      outputCount = names["head.weight"].flatMap { shapes[$0] }?[0] ?? 0
      let rows = names["positions"].flatMap { shapes[$0] }.map { $0[$0.rank - 2] }
      side = rows.flatMap {
        PatchEmbedding.side(ofSquare: $0 - (shown.options.contains(.notoken) ? 0 : 1))
      }.map { $0 * ends.patch }
      return
    }
    return nil
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
