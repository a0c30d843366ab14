internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's recurrent layers.
enum ATenRecurrences {
  static let rules: [String: Rule] = [
    "lstm": { try recurrence(&$0, $1, .lstm) },
    "gru": { try recurrence(&$0, $1, .gru(resetsAfter: true)) },
    "rnn_tanh": { try recurrence(&$0, $1, .plain(.tanh)) },
    "rnn_relu": { try recurrence(&$0, $1, .plain(.relu)) },
  ]

  // MARK: - Recurrences

  private static func recurrence(
    _ b: inout TensorBuilder, _ a: Arguments, _ cell: RecurrentCell
  ) throws -> [LogicalTensor] {
    var x = try a.tensor("input", 0)
    let isLSTM: Bool
    if case .lstm = cell { isLSTM = true } else { isLSTM = false }
    let initial = isLSTM ? try a.tensors("hx", 1) : [try a.tensor("hx", 1)]
    let parameters = try a.tensors("params", 2)
    let (hasBias, layers) = (try a.flag("has_biases", 3), try a.integer("num_layers", 4) ?? 1)
    let dropout = try a.real("dropout", 5) ?? 0
    let directions = try a.flag("bidirectional", 7) ? 2 : 1
    let batchFirst = try a.flag("batch_first", 8)
    let hasProjection =
      isLSTM && initial.count == 2 && initial[0].shape.last != initial[1].shape.last
    let perDirection = (hasBias ? 4 : 2) + (hasProjection ? 1 : 0)
    guard x.rank == 3, layers >= 1, parameters.count == layers * directions * perDirection,
      initial.allSatisfy({ $0.rank == 3 && $0.shape[0] == layers * directions })
    else { throw Refusal("a recurrence over \(x.shape) with \(parameters.count) weights") }
    if batchFirst { x = try b.swapAxes(x, 0, 1) }
    var last: [[LogicalTensor]] = initial.map { _ in [] }
    for layer in 0..<layers {
      if layer > 0 { x = try b.dropout(x, rate: dropout) }
      var outputs: [LogicalTensor] = []
      for direction in 0..<directions {
        let index = layer * directions + direction
        let own = Array(parameters[index * perDirection..<(index + 1) * perDirection])
        let weights = RecurrentWeights(
          input: own[0], state: own[1], inputBias: hasBias ? own[2] : nil,
          stateBias: hasBias ? own[3] : nil, projection: hasProjection ? own.last : nil)
        let states = try initial.map { try b.select($0, axis: 0, index: index) }
        let result = try b.recurrence(
          cell, x, states: states, weights, isReversed: direction == 1)
        outputs.append(result.all)
        for (place, state) in result.last.enumerated() {
          last[place].append(try b.unsqueeze(state, axis: 0))
        }
      }
      x = try b.concatenate(outputs, axis: -1)
    }
    let all = batchFirst ? try b.swapAxes(x, 0, 1) : x
    return [all] + (try last.map { try b.concatenate($0, axis: 0) })
  }
}
