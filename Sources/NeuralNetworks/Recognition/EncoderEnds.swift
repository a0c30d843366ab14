internal import ComputationGraph

/// The tensors before and behind the blocks.
struct EncoderEnds {
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
