internal import ComputationGraph

/// Kinds of recurrent layers, with the gates of PyTorch.
enum RecurrentKind: String, CaseIterable {
  /// Gates `i f g o`: `c' = f c + i g`, `h' = o tanh(c')` (Hochreiter and Schmidhuber 1997).
  case lstm
  /// Gates `r z n`: `h' = (1 - z) n + z h`, where `r` acts on the product with the state (Cho et al. 2014).
  case gru
  /// `h' = tanh(gate)` (Elman 1990).
  case rnn

  /// Number of gates, which is the number of parts of each weight.
  var gates: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .rnn: 1
    }
  }
}

extension ModelBuilder {
  /// One direction of a recurrent layer over `[n, steps, features]`, from a state of zeros.
  ///
  /// Parameters `name.weight_ih` and so on with `suffix` behind them, as `torch.nn.LSTM` names them.
  ///
  /// - Returns: The states `[n, width]`, in the order of the steps.
  mutating func recurrentLayer(
    _ kind: RecurrentKind, _ x: Value, _ name: String, suffix: String, width: Int,
    activation: ActivationFunction = .tanh, isReversed: Bool
  ) throws(ShapeError) -> [Value] {
    let shape = graph.shape(of: x)
    let (count, steps, features) = (shape[0], shape[1], shape[2])
    let rows = kind.gates * width
    let inputWeight = parameter("\(name).weight_ih\(suffix)", [rows, features], .weight)
    let stateWeight = parameter("\(name).weight_hh\(suffix)", [rows, width], .weight)
    let inputBias = parameter("\(name).bias_ih\(suffix)", [rows], .bias)
    let stateBias = parameter("\(name).bias_hh\(suffix)", [rows], .bias)
    // The products with the inputs of all steps are one product.
    let inputs = try graph.linear(x, weight: inputWeight, bias: inputBias)
    let bias = try graph.broadcast(graph.reshape(stateBias, to: [1, rows]), to: [count, rows])
    // Nothing yet, which counts as zero: a product with zeros would have derivatives too.
    var (state, memory): (Value?, Value?) = (nil, nil)
    var states: [Value] = []
    for step in isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
      let input = try graph.reshape(
        graph.slice(inputs, axis: 1, start: step, size: 1), to: [count, rows])
      let own =
        if let state {
          try graph.linear(state, weight: stateWeight, bias: stateBias)
        } else {
          bias
        }
      let next: Value
      switch kind {
      case .lstm:
        let gates = try graph.add(input, own)
        var cell = try graph.multiply(
          gate(gates, 0, .sigmoid, width), gate(gates, 2, .tanh, width))
        if let memory {
          cell = try graph.add(
            graph.multiply(gate(gates, 1, .sigmoid, width), memory), cell)
        }
        memory = cell
        next = try graph.multiply(gate(gates, 3, .sigmoid, width), graph.unary(.tanh, cell))
      case .gru:
        func sum(_ place: Int) throws(ShapeError) -> Value {
          try graph.add(part(input, place, width), part(own, place, width))
        }
        let reset = try graph.unary(.sigmoid, sum(0))
        let update = try graph.unary(.sigmoid, sum(1))
        let new = try graph.unary(
          .tanh, graph.add(part(input, 2, width), graph.multiply(reset, part(own, 2, width))))
        if let state {
          next = try graph.add(new, graph.multiply(update, graph.subtract(state, new)))
        } else {
          next = try graph.subtract(new, graph.multiply(update, new))
        }
      case .rnn:
        next = try activation.apply(graph.add(input, own), in: &graph)
      }
      state = next
      states.append(next)
    }
    return isReversed ? states.reversed() : states
  }

  /// Some columns of `[n, gates width]`.
  private mutating func part(_ x: Value, _ place: Int, _ width: Int) throws(ShapeError) -> Value {
    try graph.slice(x, axis: 1, start: place * width, size: width)
  }

  private mutating func gate(
    _ x: Value, _ place: Int, _ function: UnaryFunction, _ width: Int
  ) throws(ShapeError) -> Value {
    try graph.unary(function, part(x, place, width))
  }
}
