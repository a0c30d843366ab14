internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' recurrent layers; their gates come in another order than PyTorch's.
enum ONNXRecurrences {
  static let rules: [String: Rule] = [
    "LSTM": { b, a in
      guard try !a.flag("input_forget", nil) else { throw Refusal("an LSTM with joined gates") }
      return try layer(&b, a, .lstm, order: [0, 2, 3, 1], usual: ["sigmoid", "tanh", "tanh"])
    },
    "GRU": { b, a in
      let resetsAfter = try a.flag("linear_before_reset", nil)
      return try layer(
        &b, a, .gru(resetsAfter: resetsAfter), order: [1, 0, 2], usual: ["sigmoid", "tanh"])
    },
    "RNN": { b, a in
      let names = texts(a, "activations")
      let activation = names.first?.lowercased() ?? "tanh"
      guard activation == "tanh" || activation == "relu" else {
        throw Refusal("a recurrence with \(activation)")
      }
      return try layer(
        &b, a, .plain(activation == "tanh" ? .tanh : .relu), order: [0], usual: [activation])
    },
  ]

  private static func texts(_ a: Arguments, _ name: String) -> [String] { a.texts(name) }

  /// One layer, forward, reverse or both.
  ///
  /// Weights `[directions, gates h, inputs]` and `[directions, gates h, h]`, biases of both behind one another
  /// `[directions, 2 gates h]`; results `[t, directions, b, h]` and last states `[directions, b, h]`.
  private static func layer(
    _ b: inout TensorBuilder, _ a: Arguments, _ cell: RecurrentCell, order: [Int],
    usual: [String]
  ) throws -> [LogicalTensor] {
    var x = try a.operand(0)
    let (w, r) = (try a.operand(1), try a.operand(2))
    guard x.rank == 3, w.rank == 3, r.rank == 3, try a.real("clip", nil) == nil else {
      throw Refusal("a recurrence over \(x.shape), or one that is clipped")
    }
    let batchFirst = try a.flag("layout", nil)
    if batchFirst { x = try b.swapAxes(x, 0, 1) }
    let (directions, gates) = (w.shape[0], cell.gates)
    guard (1...2).contains(directions), r.shape[0] == directions, r.shape[1] % gates == 0,
      r.shape[1] == w.shape[1]
    else {
      throw Refusal("weights \(w.shape) and \(r.shape)")
    }
    let h = r.shape[1] / gates
    let names = texts(a, "activations").map { $0.lowercased() }
    guard names.isEmpty || names == (0..<directions).flatMap({ _ in usual }) else {
      throw Refusal("a recurrence with \(names.joined(separator: ", "))")
    }
    if let lengths = try a.optionalOperand(4) {
      guard let numbers = lengths.host?.integers, numbers.allSatisfy({ $0 == x.shape[0] }) else {
        throw Refusal("sequences of different lengths")
      }
    }
    let direction = a.text("direction") ?? "forward"
    b.note(w, .weight, filterAxis: 1)
    b.note(r, .weight, filterAxis: 1)
    let bias = try a.optionalOperand(3)
    b.note(bias, .bias)
    // The gates i o f.
    let peepholes = try a.optionalOperand(7)
    b.note(peepholes, .weight, filterAxis: 1)
    if let peepholes, peepholes.shape != [directions, 3 * h] {
      throw Refusal("peepholes \(peepholes.shape)")
    }
    let isLSTM: Bool
    if case .lstm = cell { isLSTM = true } else { isLSTM = false }
    let zeros = try b.expand(b.number(0), to: [directions, x.shape[1], h])
    var initial = [try a.optionalOperand(5) ?? zeros]
    if isLSTM { initial.append(try a.optionalOperand(6) ?? zeros) }
    if batchFirst {
      initial = try initial.map { $0.shape == zeros.shape ? $0 : try b.swapAxes($0, 0, 1) }
    }

    func sorted(_ x: LogicalTensor, _ b: inout TensorBuilder) throws -> LogicalTensor {
      if order == Array(0..<gates) { return x }
      return try b.concatenate(
        order.map { try b.slice(x, axis: 0, start: $0 * h, count: h) }, axis: 0)
    }
    var outputs: [LogicalTensor] = []
    var last: [[LogicalTensor]] = initial.map { _ in [] }
    for index in 0..<directions {
      let own = try bias.map { try b.select($0, axis: 0, index: index) }
      var weights = RecurrentWeights(
        input: try sorted(b.select(w, axis: 0, index: index), &b),
        state: try sorted(b.select(r, axis: 0, index: index), &b),
        inputBias: try own.map { try sorted(b.slice($0, axis: 0, start: 0, count: gates * h), &b) },
        stateBias: try own.map {
          try sorted(b.slice($0, axis: 0, start: gates * h, count: gates * h), &b)
        })
      weights.peepholes = try peepholes.map {
        let own = try b.reshape(b.select($0, axis: 0, index: index), to: [3, h])
        return try b.gather(own, axis: 0, indices: [0, 2, 1])
      }
      let states = try initial.map { try b.select($0, axis: 0, index: index) }
      let result = try b.recurrence(
        cell, x, states: states, weights,
        isReversed: direction == "reverse" || index == 1)
      outputs.append(try b.unsqueeze(result.all, axis: 1))
      for (place, state) in result.last.enumerated() {
        last[place].append(try b.unsqueeze(state, axis: 0))
      }
    }
    var all = try b.concatenate(outputs, axis: 1)
    var final = try last.map { try b.concatenate($0, axis: 0) }
    if batchFirst {
      all = try b.permute(all, [2, 0, 1, 3])
      final = try final.map { try b.swapAxes($0, 0, 1) }
    }
    return [all] + final
  }
}
