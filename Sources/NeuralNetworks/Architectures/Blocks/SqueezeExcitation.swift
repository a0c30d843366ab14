internal import ComputationGraph

/// A gate per channel, computed from the means of all channels.
///
/// Hu et al. 2017, arXiv:1709.01507: `x gate(W2 activation(W1 mean(x)))`.
struct SqueezeExcitation {
  /// Names of both layers.
  let names: (reduce: String, expand: String)
  /// Numbers between both layers.
  let channels: Int
  var activation = ActivationFunction.relu
  var gate = ActivationFunction.sigmoid
  /// Whether the layers are linear ones, not 1x1 convolutions.
  var isLinear = false
}

extension ModelBuilder {
  /// Multiplies every channel by its gate.
  ///
  /// Parameters of two layers with biases.
  mutating func squeezeExcite(
    _ x: Value, _ block: SqueezeExcitation
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let mean = try graph.reduceMean(x, axes: [2, 3])
    let gates: Value
    if block.isLinear {
      let hidden = try block.activation.apply(
        linear(flatten(mean), block.names.reduce, outputs: block.channels), in: &graph)
      gates = try graph.reshape(
        linear(hidden, block.names.expand, outputs: shape[1]), to: [shape[0], shape[1], 1, 1])
    } else {
      let style = UnitStyle(activation: block.activation, hasBias: true)
      let hidden = try unit(
        mean, UnitNames(block.names.reduce, nil), channels: block.channels, style: style)
      gates = try unit(
        hidden, UnitNames(block.names.expand, nil), channels: shape[1],
        style: style.with(.identity))
    }
    return try graph.multiply(
      x, graph.broadcast(block.gate.apply(gates, in: &graph), to: shape))
  }
}
