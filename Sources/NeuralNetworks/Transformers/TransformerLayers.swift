internal import ComputationGraph

/// Parameters of a linear layer, registered before they are used: a state dict has its own order.
struct LinearLayer {
  let weight: Value
  let bias: Value?
  /// Whether the weight is `[inputs, outputs]`, as in the layers that GPT-2 calls Conv1D.
  let isTransposed: Bool
}

/// Parameters of a layer norm, or of an RMS norm, which has no shift.
struct NormLayer {
  let scale: Value
  let shift: Value?
  let epsilon: Double
}

extension ModelBuilder {
  /// Registers `name.weight`, `[outputs, inputs]` or transposed, and `name.bias` where there is one.
  mutating func linearLayer(
    _ name: String, inputs: Int, outputs: Int, bias: Bool = true, isTransposed: Bool = false
  ) -> LinearLayer {
    let shape: Shape = isTransposed ? [inputs, outputs] : [outputs, inputs]
    return LinearLayer(
      weight: parameter("\(name).weight", shape, .weight, filterAxis: isTransposed ? 1 : 0),
      bias: bias ? parameter("\(name).bias", [outputs], .bias) : nil, isTransposed: isTransposed)
  }

  /// Registers `name.weight` and `name.bias` of a layer norm.
  mutating func layerNorm(_ name: String, width: Int, epsilon: Double) -> NormLayer {
    NormLayer(
      scale: parameter("\(name).weight", [width], .normScale),
      shift: parameter("\(name).bias", [width], .normShift), epsilon: epsilon)
  }

  /// Registers `name.weight` of an RMS norm.
  mutating func rmsNorm(_ name: String, width: Int, epsilon: Double) -> NormLayer {
    NormLayer(
      scale: parameter("\(name).weight", [width], .normScale), shift: nil, epsilon: epsilon)
  }

  /// A linear layer of the last axis.
  mutating func apply(_ layer: LinearLayer, to x: Value) throws(ShapeError) -> Value {
    guard layer.isTransposed else {
      return try graph.linear(x, weight: layer.weight, bias: layer.bias)
    }
    let shape = graph.shape(of: x)
    let (inputs, outputs) = (shape[shape.rank - 1], graph.shape(of: layer.weight)[1])
    let rows = try graph.reshape(x, to: [shape.count / inputs, inputs])
    var y = try graph.matrixProduct(rows, layer.weight)
    if let bias = layer.bias { y = try graph.addPerChannel(y, bias) }
    return try graph.reshape(y, to: Shape(shape.dimensions.dropLast() + [outputs]))
  }

  /// A norm of the last axis.
  mutating func apply(_ norm: NormLayer, to x: Value) throws(ShapeError) -> Value {
    guard let shift = norm.shift else {
      return try graph.rmsNormalization(x, scale: norm.scale, epsilon: norm.epsilon)
    }
    return try graph.layerNormalization(
      x, scale: norm.scale, shift: shift, epsilon: norm.epsilon)
  }

  /// Rows of a table of positions, the first ones, for every sample: added to `x`, `[n, t, d]`.
  mutating func addPositions(_ table: Value, to x: Value) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let rows = graph.shape(of: table)
    guard rows[0] >= shape[1] else {
      throw ShapeError("positions", "\(shape[1]) tokens, but the table has \(rows[0]) rows")
    }
    let used = try graph.reshape(
      graph.slice(table, axis: 0, start: 0, size: shape[1]), to: [1, shape[1], rows[1]])
    return try graph.add(x, graph.broadcast(used, to: shape))
  }

  /// Attention between heads that lie behind one another along the last axis.
  ///
  /// - Parameters:
  ///   - queries: `[n, t, heads d]`.
  ///   - keys: `[n, s, keyHeads d]`; each serves `heads / keyHeads` neighbouring heads of queries.
  ///   - values: `[n, s, keyHeads d]`.
  ///   - heads: Number of heads.
  ///   - keyHeads: Number of heads of keys and values; nil for as many.
  ///   - rotation: What is done to queries and keys, `[n, h, t, d]`, before they meet.
  ///   - mask: Added to the scores, of rank 4.
  ///   - scale: Factor of the scores; nil for `1 / sqrt(d)`.
  ///   - dropout: Probability of a zero among the weights.
  /// - Returns: `[n, t, heads d]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  mutating func attention(
    queries: Value, keys: Value, values: Value, heads: Int, keyHeads: Int? = nil,
    rotation: RotaryTable? = nil, mask: Value?, scale: Double? = nil, dropout: Double
  ) throws(ShapeError) -> Value {
    var q = try splitHeads(queries, heads)
    var k = try splitHeads(keys, keyHeads ?? heads)
    if let rotation {
      q = try rotation.rotate(q, in: &graph)
      k = try rotation.rotate(k, in: &graph)
    }
    k = try repeatHeads(k, to: heads)
    let v = try repeatHeads(splitHeads(values, keyHeads ?? heads), to: heads)
    let shape = graph.shape(of: q)
    let factors = dropoutMask(
      [shape[0], heads, shape[2], graph.shape(of: k)[2]], rate: dropout)
    let mixed = try graph.attention(
      queries: q, keys: k, values: v, mask: mask, scale: scale, dropout: factors)
    return try graph.reshape(
      graph.transpose(mixed, [0, 2, 1, 3]), to: [shape[0], shape[2], heads * shape[3]])
  }

  /// `[n, t, h d]` as `[n, h, t, d]`.
  private mutating func splitHeads(_ x: Value, _ heads: Int) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    return try graph.transpose(
      graph.reshape(x, to: [shape[0], shape[1], heads, shape[2] / heads]), [0, 2, 1, 3])
  }

  /// Every head several times, one behind the other.
  private mutating func repeatHeads(_ x: Value, to heads: Int) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    guard shape[1] < heads else { return x }
    let (n, own, t, d) = (shape[0], shape[1], shape[2], shape[3])
    let several = try graph.broadcast(
      graph.reshape(x, to: [n, own, 1, t, d]), to: [n, own, heads / own, t, d])
    return try graph.reshape(several, to: [n, heads, t, d])
  }
}
