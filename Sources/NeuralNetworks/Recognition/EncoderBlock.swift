internal import ComputationGraph

/// The tensors of one block.
struct EncoderBlock {
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
