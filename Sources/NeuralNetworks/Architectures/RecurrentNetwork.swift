internal import ComputationGraph

/// Recurrent layers over the rows of an image, then a linear layer: the usual network of tutorials for MNIST.
///
/// The numbers of a sample, in their order, are cut into steps of as many numbers as the first layer reads. Names are
/// those of `torch.nn.LSTM`, `GRU` and `RNN`, and `fc`.
struct RecurrentNetwork: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    (
      "lstm-fF-hH-lL",
      "L recurrent layers of H units over the rows of an image, F numbers each, then a linear layer of the last step; "
        + "gru, rnn and rnn-relu in place of lstm; behind it -bidirectional, then -mean (over the steps), -all (all steps "
        + "behind one another) or -ends (last states of both directions)"
    )
  ]

  /// What the linear layer reads.
  enum End: String, CaseIterable {
    case mean, all, ends
  }

  let kind: RecurrentKind
  let isReLU: Bool
  /// Numbers of a step.
  let features: Int
  let width: Int
  let layers: Int
  let isBidirectional: Bool
  /// Nil for the last step.
  let end: End?

  var name: String {
    "\(kind.rawValue)\(isReLU ? "-relu" : "")-f\(features)-h\(width)-l\(layers)"
      + (isBidirectional ? "-bidirectional" : "") + (end.map { "-\($0.rawValue)" } ?? "")
  }

  /// Every step of every layer has nodes of its own.
  private static let mostSteps = 4096

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard let kind = parts.take(RecurrentKind.self) else { return nil }
    isReLU = parts.take("relu")
    guard !isReLU || kind == .rnn, let features = parts.takeNumber(after: "f", in: 1...65_536),
      let width = parts.takeNumber(after: "h", in: 1...65_536),
      let layers = parts.takeNumber(after: "l", in: 1...100)
    else { return nil }
    (self.kind, self.features, self.width, self.layers) = (kind, features, width, layers)
    isBidirectional = parts.take("bidirectional")
    end = parts.take(End.self)
    guard parts.isEmpty, end != .ends || isBidirectional else { return nil }
  }

  func accepts(_ input: Architecture.Input) -> Bool {
    if case .tokens = input { false } else { true }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = network.graph.shape(of: images)
    let count = shape[0]
    let numbers = shape.count / count
    let steps = numbers / features
    guard numbers % features == 0, steps * layers <= Self.mostSteps else {
      throw ShapeError(
        "recurrence",
        "\(numbers) numbers of a sample are not steps of \(features), at most \(Self.mostSteps) in all layers"
      )
    }
    var x = try network.graph.reshape(images, to: [count, steps, features])
    var directions: [[Value]] = []
    for layer in 0..<layers {
      if layer > 0 { x = try joined(directions, in: &network) }
      directions = [try states(x, suffix: "_l\(layer)", isReversed: false, in: &network)]
      if isBidirectional {
        directions.append(
          try states(x, suffix: "_l\(layer)_reverse", isReversed: true, in: &network))
      }
    }
    return try network.linear(
      ending(directions, in: &network), "fc", outputs: architecture.classCount)
  }

  private func states(
    _ x: Value, suffix: String, isReversed: Bool, in network: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    try network.recurrentLayer(
      kind, x, kind.rawValue, suffix: suffix, width: width,
      activation: isReLU ? .relu : .tanh, isReversed: isReversed)
  }

  /// States `[n, width]` of each direction as `[n, steps, directions width]`.
  private func joined(
    _ directions: [[Value]], in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var columns: [Value] = []
    for states in directions {
      var rows: [Value] = []
      for state in states {
        let count = network.graph.shape(of: state)[0]
        rows.append(try network.graph.reshape(state, to: [count, 1, width]))
      }
      columns.append(try network.graph.concatenate(rows, axis: 1))
    }
    return try network.graph.concatenate(columns, axis: 2)
  }

  /// What the linear layer reads of the last layer's states.
  private func ending(
    _ directions: [[Value]], in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let steps = directions[0].count
    switch end {
    // Of the way back only the first step is at the last place.
    case nil: return try network.graph.concatenate(directions.map { $0[steps - 1] }, axis: 1)
    case .ends:
      return try network.graph.concatenate([directions[0][steps - 1], directions[1][0]], axis: 1)
    case .mean, .all:
      var x = try joined(directions, in: &network)
      if end == .mean { x = try network.graph.reduceMean(x, axes: [1]) }
      let shape = network.graph.shape(of: x)
      return try network.graph.reshape(x, to: [shape[0], shape.count / shape[0]])
    }
  }
}

extension RecurrentNetwork {
  /// Names of networks that have such tensors, the likelier first: they do not say what the linear layer reads.
  ///
  /// Names of modules do not matter: the layers of PyTorch name their tensors alike.
  static func names(parameters: [NamedTensor]) -> (names: [String], features: Int)? {
    func shape(_ suffix: String) -> Shape? {
      parameters.first { $0.suffix == suffix }?.shape
    }
    guard let inputs = shape("weight_ih_l0"), let states = shape("weight_hh_l0"), inputs.rank == 2,
      states.rank == 2, states[1] > 0, inputs[0] == states[0], states[0] % states[1] == 0,
      let last = parameters.last(where: { $0.shape.rank == 2 })?.shape,
      let kind = RecurrentKind.allCases.first(where: { $0.gates == states[0] / states[1] })
    else { return nil }
    let isBidirectional = shape("weight_ih_l0_reverse") != nil
    let layers = parameters.count {
      $0.suffix.hasPrefix("weight_ih_l") && !$0.suffix.hasSuffix("_reverse")
    }
    let outputs = states[1] * (isBidirectional ? 2 : 1)
    let ends =
      last[1] != outputs ? ["-all"] : ["", "-mean"] + (isBidirectional ? ["-ends"] : [])
    let kinds = kind == .rnn ? ["rnn", "rnn-relu"] : [kind.rawValue]
    let direction = isBidirectional ? "-bidirectional" : ""
    return (
      kinds.flatMap { kind in
        ends.map { "\(kind)-f\(inputs[1])-h\(states[1])-l\(layers)\(direction)\($0)" }
      }, inputs[1]
    )
  }
}
