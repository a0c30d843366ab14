internal import ComputationGraph
internal import NeuralNetworks

/// Kinds of recurrent layers.
enum RecurrentCell {
  case lstm
  /// `resetsAfter`: whether the reset gate acts on the product with the state, as in PyTorch.
  case gru(resetsAfter: Bool)
  case plain(UnaryFunction)

  /// Number of gates, which is the number of parts of each weight.
  var gates: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .plain: 1
    }
  }
}

/// Weights of one direction of one layer, with PyTorch's order of the gates.
struct RecurrentWeights {
  var input: LogicalTensor
  var state: LogicalTensor
  var inputBias: LogicalTensor?
  var stateBias: LogicalTensor?
  /// What a state is multiplied by after the layer; nil for nothing.
  var projection: LogicalTensor?
  /// Weights of the memory in the gates `i f o` of an LSTM, `[3, h]`; nil for none.
  var peepholes: LogicalTensor?
}

/// Recurrent layers, one step after the other.
extension TensorBuilder {
  /// One direction of a layer over `[t, b, features]`.
  ///
  /// LSTM: `c' = f c + i g`, `h' = o tanh(c')` with the gates `i f g o` (Hochreiter and Schmidhuber 1997);
  /// with peepholes also `i += p_i c`, `f += p_f c`, `o += p_o c'` before the sigmoids (Gers and others
  /// 2002); GRU: `h' = (1 - z) n + z h` with the gates `r z n` (Cho and others 2014).
  ///
  /// - Returns: All states `[t, b, h]`, and the last ones, `[b, h]` each.
  mutating func recurrence(
    _ cell: RecurrentCell, _ x: LogicalTensor, states: [LogicalTensor],
    _ weights: RecurrentWeights, isReversed: Bool
  ) throws -> (all: LogicalTensor, last: [LogicalTensor]) {
    guard x.rank == 3, !states.isEmpty, weights.state.rank == 2,
      weights.state.shape[0] % cell.gates == 0
    else { throw Refusal("a recurrence over \(x.shape)") }
    try Extents.parts(x.shape[0])
    let width = weights.state.shape[0] / cell.gates
    if x.shape[0] == 1, x.isSampled { hasRecurrenceOfOneStep = true }
    // The products with the inputs of all steps are one product.
    let inputs = try linear(x, weight: weights.input, bias: weights.inputBias)
    var states = states
    var outputs: [LogicalTensor] = []
    let steps = isReversed ? Array((0..<x.shape[0]).reversed()) : Array(0..<x.shape[0])
    for step in steps {
      let input = try select(inputs, axis: 0, index: step)
      states = try advance(cell, input, states, weights, width)
      outputs.append(try unsqueeze(states[0], axis: 0))
    }
    if isReversed { outputs.reverse() }
    return (try concatenate(outputs, axis: 0), states)
  }

  private mutating func advance(
    _ cell: RecurrentCell, _ input: LogicalTensor, _ states: [LogicalTensor],
    _ weights: RecurrentWeights, _ width: Int
  ) throws -> [LogicalTensor] {
    func part(_ x: LogicalTensor, _ index: Int, _ builder: inout TensorBuilder) throws
      -> LogicalTensor
    {
      try builder.slice(x, axis: -1, start: index * width, count: width)
    }
    switch cell {
    case .lstm:
      let state = try linear(states[0], weight: weights.state, bias: weights.stateBias)
      let gates = try add(input, state)
      func gate(
        _ index: Int, _ peephole: Int, _ memory: LogicalTensor, _ builder: inout TensorBuilder
      ) throws -> LogicalTensor {
        var sum = try part(gates, index, &builder)
        if let peepholes = weights.peepholes {
          let own = try builder.select(peepholes, axis: 0, index: peephole)
          sum = try builder.add(sum, builder.multiply(memory, own))
        }
        return try builder.unary(.sigmoid, sum)
      }
      let i = try gate(0, 0, states[1], &self)
      let f = try gate(1, 1, states[1], &self)
      let g = try unary(.tanh, part(gates, 2, &self))
      let memory = try add(multiply(f, states[1]), multiply(i, g))
      let o = try gate(3, 2, memory, &self)
      var output = try multiply(o, unary(.tanh, memory))
      if let projection = weights.projection {
        output = try linear(output, weight: projection, bias: nil)
      }
      return [output, memory]
    case .gru(resetsAfter: true):
      let state = try linear(states[0], weight: weights.state, bias: weights.stateBias)
      let r = try unary(.sigmoid, add(part(input, 0, &self), part(state, 0, &self)))
      let z = try unary(.sigmoid, add(part(input, 1, &self), part(state, 1, &self)))
      let n = try unary(
        .tanh, add(part(input, 2, &self), multiply(r, part(state, 2, &self))))
      return [try add(multiply(z, subtract(states[0], n)), n)]
    case .gru(resetsAfter: false):
      let count = 2 * width
      let first = try slice(weights.state, axis: 0, start: 0, count: count)
      let last = try slice(weights.state, axis: 0, start: count, count: width)
      let firstBias = try weights.stateBias.map { try slice($0, axis: 0, start: 0, count: count) }
      let lastBias = try weights.stateBias.map {
        try slice($0, axis: 0, start: count, count: width)
      }
      let state = try linear(states[0], weight: first, bias: firstBias)
      let r = try unary(.sigmoid, add(part(input, 0, &self), part(state, 0, &self)))
      let z = try unary(.sigmoid, add(part(input, 1, &self), part(state, 1, &self)))
      let reset = try linear(multiply(r, states[0]), weight: last, bias: lastBias)
      let n = try unary(.tanh, add(part(input, 2, &self), reset))
      return [try add(multiply(z, subtract(states[0], n)), n)]
    case .plain(let activation):
      let state = try linear(states[0], weight: weights.state, bias: weights.stateBias)
      return [try unary(activation, add(input, state))]
    }
  }
}
