internal import ComputationGraph

/// Vision transformer of the usual layers, whatever their authors called them: its name says how they are joined.
///
/// Dosovitskiy et al. 2020, arXiv:2010.11929, and the layers of `torch.nn.TransformerEncoderLayer` (norms behind
/// the sums, ReLU). `EncoderTensors` finds which tensors of a file are whose.
struct EncoderTransformer: ArchitectureDefinition {
  var patch: Int
  var width: Int
  var layers: Int
  var heads: Int
  /// Units of the hidden layer of each block.
  var hidden: Int
  /// Units of a hidden layer before the last one; nil for none.
  var headUnits: Int?
  var options: Set<Option>

  private static let epsilon = 1e-5

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try embedded(images, in: &network)
    let count = network.graph.shape(of: x)[0]
    for layer in 0..<layers { x = try block(x, "layers.\(layer)", in: &network) }
    let norm =
      options.contains(.nonorm)
      ? nil : network.layerNorm("norm", width: width, epsilon: Self.epsilon)
    func normalized(_ x: Value) throws(ShapeError) -> Value {
      if let norm { try network.apply(norm, to: x) } else { x }
    }
    if options.contains(.mean) {
      x = try network.graph.reduceMean(normalized(x), axes: [1])
    } else if options.contains(.meannorm) {
      x = try normalized(network.graph.reduceMean(x, axes: [1]))
    } else {
      x = try normalized(network.graph.slice(x, axis: 1, start: 0, size: 1))
    }
    x = try network.graph.reshape(x, to: [count, width])
    if let headUnits {
      x = try network.linear(x, "hidden", outputs: headUnits)
      x =
        options.contains(.headrelu)
        ? try network.relu(x)
        : options.contains(.headgelu)
          ? try network.graph.gelu(x) : try network.graph.unary(.tanh, x)
    }
    return try network.linear(x, "head", outputs: architecture.classCount)
  }

  /// Patches with their token and positions.
  private func embedded(
    _ images: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let extents = network.graph.shape(of: images)
    guard extents[2] >= patch, extents[3] >= patch else {
      throw ShapeError(
        "patches", "images of \(extents[2]) x \(extents[3]) pixels have no patch of \(patch)")
    }
    let patches = (extents[2] / patch) * (extents[3] / patch)
    let count = options.contains(.notoken) ? patches : patches + 1
    let token =
      options.contains(.notoken)
      ? nil
      : network.parameter(
        "token",
        options.contains(.token1)
          ? [width] : options.contains(.token2) ? [1, width] : [1, 1, width],
        .embedding)
    let isFlat = options.contains(.positions2)
    let table =
      options.contains(.nopositions)
      ? nil
      : network.parameter(
        "positions", isFlat ? [count, width] : [1, count, width], .embedding,
        filterAxis: isFlat ? 0 : 1)
    var x: Value
    if options.contains(.rows) || options.contains(.pixels) {
      let rows = try network.patchRows(
        images, extent: patch, channelsLast: options.contains(.pixels))
      x = try network.linear(rows, "embedding", outputs: width)
    } else {
      x = try network.patches(images, "embedding", width: width, extent: patch)
    }
    func repeated(_ value: Value, rows: Int) throws(ShapeError) -> Value {
      try network.graph.broadcast(
        network.graph.reshape(value, to: [1, rows, width]), to: [extents[0], rows, width])
    }
    if let token {
      x = try network.graph.concatenate([repeated(token, rows: 1), x], axis: 1)
    }
    guard let table else { return x }
    return try network.add(x, repeated(table, rows: count))
  }

  private func block(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let norms = ["norm1", "norm2"].map {
      network.layerNorm("\(name).\($0)", width: width, epsilon: Self.epsilon)
    }
    let inner: (inout ModelBuilder, Value) throws(ShapeError) -> Value = {
      network, x throws(ShapeError) in
      let first = try network.linear(x, "\(name).linear1", outputs: hidden)
      let active = try activated(first, in: &network)
      let second = try network.linear(active, "\(name).linear2", outputs: width)
      return options.contains(.twice) ? try activated(second, in: &network) : second
    }
    guard options.contains(.post) else {
      let sum = try network.add(
        x, attention(network.apply(norms[0], to: x), "\(name).attention", in: &network))
      return try network.add(sum, inner(&network, network.apply(norms[1], to: sum)))
    }
    let sum = try network.apply(
      norms[0], to: network.add(x, attention(x, "\(name).attention", in: &network)))
    return try network.apply(norms[1], to: network.add(sum, inner(&network, sum)))
  }

  private func activated(
    _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    options.contains(.relu) ? try network.relu(x) : try network.graph.gelu(x)
  }

  private func attention(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let parts = try projections(of: x, name, in: &network)
    let mixed = try network.attention(
      queries: parts[0], keys: parts[1], values: parts[2], heads: heads, mask: nil,
      scale: options.contains(.widescale) ? 1 / Double(width).squareRoot() : nil, dropout: 0)
    guard !options.contains(.nooutput) else { return mixed }
    return try network.linear(mixed, "\(name).output", outputs: width)
  }

  /// Queries, keys and values, each `[n, t, width]`.
  private func projections(
    of x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let hasBias = !options.contains(.nobias)
    guard !options.contains(.split) else {
      var parts: [Value] = []
      for part in ["queries", "keys", "values"] {
        let layer = network.linearLayer(
          "\(name).\(part)", inputs: width, outputs: width, bias: hasBias)
        parts.append(try network.apply(layer, to: x))
      }
      return parts
    }
    let layer = network.linearLayer(
      "\(name).projections", inputs: width, outputs: 3 * width, bias: hasBias)
    var all = try network.apply(layer, to: x)
    let shape = network.graph.shape(of: all)
    if options.contains(.headwise) {
      let size = width / heads
      let byHeads = try network.graph.reshape(all, to: [shape[0], shape[1], heads, 3, size])
      all = try network.graph.reshape(
        network.graph.transpose(byHeads, [0, 1, 3, 2, 4]), to: shape)
    }
    var parts: [Value] = []
    for part in 0..<3 {
      parts.append(try network.graph.slice(all, axis: 2, start: part * width, size: width))
    }
    return parts
  }
}
