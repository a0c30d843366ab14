import ComputationGraph
import NeuralNetworks

/// The transformers of the comparison: parameters in the order of the PyTorch side, made of the
/// composites that imported graphs are made of.
enum TransformerNetwork: String, CaseIterable {
  case vitTiny = "vit-tiny"
  case gptMini = "gpt-mini"
  case gpt2Small = "gpt2-small"

  /// Its definition.
  var definition: any ModelDefinition {
    switch self {
    case .vitTiny: VisionTransformer()
    case .gptMini:
      LanguageTransformer(
        modelName: rawValue, width: 384, depth: 6, heads: 6, vocabulary: 256, length: 256,
        positions: 256)
    case .gpt2Small:
      LanguageTransformer(
        modelName: rawValue, width: 768, depth: 12, heads: 12, vocabulary: 50257, length: 128,
        positions: 1024)
    }
  }
}

/// A block of a transformer with norms in front of attention and of the feed-forward layers.
private struct TransformerBlock {
  let name: String
  let heads: Int
  let mask: Value?

  func build(
    _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = network.graph.shape(of: x)
    let (batch, tokens, width) = (shape[0], shape[1], shape[2])
    let split: Shape = [batch, tokens, 3, heads, width / heads]
    let first = try norm(x, "norm1", in: &network)
    let joined = try linear(first, "qkv", outputs: 3 * width, in: &network)
    let (heads, mask) = (heads, mask)
    let attended = try network.apply { graph throws(ShapeError) in
      let parts = try graph.transpose(graph.reshape(joined, to: split), [0, 2, 3, 1, 4])
      var operands: [Value] = []
      for part in 0..<3 {
        operands.append(
          try graph.reshape(
            graph.slice(parts, axis: 1, start: part, size: 1),
            to: [batch, heads, tokens, width / heads]))
      }
      let mixed = try graph.attention(
        queries: operands[0], keys: operands[1], values: operands[2], mask: mask)
      return try graph.reshape(graph.transpose(mixed, [0, 2, 1, 3]), to: shape)
    }
    let projected = try linear(attended, "out", outputs: width, in: &network)
    let middle = try network.apply { graph throws(ShapeError) in try graph.add(x, projected) }
    let second = try norm(middle, "norm2", in: &network)
    let wide = try linear(second, "up", outputs: 4 * width, in: &network)
    let active = try network.apply { graph throws(ShapeError) in try graph.gelu(wide) }
    let narrow = try linear(active, "down", outputs: width, in: &network)
    return try network.apply { graph throws(ShapeError) in try graph.add(middle, narrow) }
  }

  private func norm(
    _ x: Value, _ part: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    try network.layerNorm(x, "\(name).\(part)")
  }

  private func linear(
    _ x: Value, _ part: String, outputs: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    try network.linearLayer(x, "\(name).\(part)", outputs: outputs)
  }
}

extension ModelBuilder {
  fileprivate mutating func layerNorm(_ x: Value, _ name: String) throws(ShapeError) -> Value {
    let width: Shape = [graph.shape(of: x).dimensions.last ?? 1]
    let scale = parameter("\(name).weight", width, .normScale)
    let shift = parameter("\(name).bias", width, .normShift)
    return try apply { graph throws(ShapeError) in
      try graph.layerNormalization(x, scale: scale, shift: shift, epsilon: 1e-5)
    }
  }

  fileprivate mutating func linearLayer(
    _ x: Value, _ name: String, outputs: Int
  ) throws(ShapeError) -> Value {
    let inputs = graph.shape(of: x).dimensions.last ?? 1
    let weight = parameter("\(name).weight", [outputs, inputs], .weight)
    let bias = parameter("\(name).bias", [outputs], .bias)
    return try apply { graph throws(ShapeError) in
      try graph.linear(x, weight: weight, bias: bias)
    }
  }
}

/// ViT-Tiny for 10 classes: width 192, 12 blocks, 3 heads, patches of 16 pixels.
private struct VisionTransformer: ModelDefinition {
  var modelName: String { "vit-tiny" }
  var inputs: [ModelInput] { [ModelInput("images", [3, 224, 224])] }

  func build(
    _ inputs: [Value], in network: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let (width, patch) = (192, 16)
    let batch = network.graph.shape(of: inputs[0])[0]
    let filters = network.parameter("patch.weight", [width, 3, patch, patch], .weight)
    let bias = network.parameter("patch.bias", [width], .bias)
    let token = network.parameter("token", [1, 1, width], .embedding)
    let tokens = (224 / patch) * (224 / patch) + 1
    let position = network.parameter("position", [1, tokens, width], .embedding)
    var x = try network.apply { graph throws(ShapeError) in
      let patches = try graph.addPerChannel(
        graph.convolution(inputs[0], filters, ConvolutionGeometry(stride: patch)), bias)
      let rows = try graph.transpose(
        graph.reshape(patches, to: [batch, width, tokens - 1]), [0, 2, 1])
      let all = try graph.concatenate(
        [graph.broadcast(token, to: [batch, 1, width]), rows], axis: 1)
      return try graph.add(all, graph.broadcast(position, to: [batch, tokens, width]))
    }
    for number in 0..<12 {
      x = try TransformerBlock(name: "blocks.\(number)", heads: 3, mask: nil)
        .build(x, in: &network)
    }
    let normal = try network.layerNorm(x, "norm")
    let first = try network.apply { graph throws(ShapeError) in
      try graph.reshape(
        graph.slice(normal, axis: 1, start: 0, size: 1), to: [batch, width])
    }
    return [try network.linearLayer(first, "head", outputs: 10)]
  }
}

/// A GPT whose head is its table of embeddings.
private struct LanguageTransformer: ModelDefinition {
  let modelName: String
  let width: Int
  let depth: Int
  let heads: Int
  let vocabulary: Int
  let length: Int
  /// Rows of the table of positions.
  let positions: Int

  var inputs: [ModelInput] { [ModelInput("ids", [length], kind: .index(bound: vocabulary))] }

  func build(
    _ inputs: [Value], in network: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let table = network.parameter("token.weight", [vocabulary, width], .embedding)
    let position = network.parameter("position.weight", [positions, width], .embedding)
    let batch = network.graph.shape(of: inputs[0])[0]
    let (length, width) = (length, width)
    var x = try network.apply { graph throws(ShapeError) in
      let rows = try graph.reshape(
        graph.slice(position, axis: 0, start: 0, size: length), to: [1, length, width])
      return try graph.add(
        graph.embedding(table, indices: inputs[0]),
        graph.broadcast(rows, to: [batch, length, width]))
    }
    let mask = try network.apply { graph throws(ShapeError) in
      try graph.causalMask(queries: length, keys: length, rank: 4)
    }
    for number in 0..<depth {
      x = try TransformerBlock(name: "blocks.\(number)", heads: heads, mask: mask)
        .build(x, in: &network)
    }
    let normal = try network.layerNorm(x, "norm")
    return [
      try network.apply { graph throws(ShapeError) in try graph.linear(normal, weight: table) }
    ]
  }
}
