internal import ComputationGraph

/// Next token from the last ones: embeddings behind one another, then fully connected layers.
///
/// Bengio et al. 2003, "A Neural Probabilistic Language Model", without the direct connections.
/// Every position of a row of tokens has an output of its own, which reads that token and those
/// before it; before the first one the embedding is zero. Parameters `embedding.weight`, then those
/// of `MultilayerPerceptron`.
struct NeuralProbabilisticLanguageModel: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    (
      "nplm-C-E-H1-...",
      "next token from the last C tokens: embeddings of E numbers, hidden layers as in mlp"
    )
  ]

  /// Tokens that an output reads.
  let context: Int
  /// Numbers of an embedding.
  let width: Int
  /// Units of each hidden layer.
  let hidden: [Int]

  var name: String {
    "nplm-" + ([context, width] + hidden).map(String.init).joined(separator: "-")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("nplm"), let context = parts.takeNumber(in: 1...4096),
      let width = parts.takeNumber(in: 1...65_536)
    else { return nil }
    var hidden: [Int] = []
    while !parts.isEmpty {
      guard let units = parts.takeNumber(in: 1...65_536) else { return nil }
      hidden.append(units)
    }
    self.context = context
    self.width = width
    self.hidden = hidden
  }

  func accepts(_ input: Architecture.Input) -> Bool {
    if case .tokens = input { true } else { false }
  }

  func build(
    _ tokens: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    guard case .tokens(_, let vocabulary) = architecture.input else {
      throw ShapeError(name, "takes tokens, not \(architecture.input)")
    }
    let embedded = try network.embedding(tokens, "embedding", rows: vocabulary, columns: width)
    var x = try network.joinPrevious(embedded, count: context)
    for (index, units) in hidden.enumerated() {
      x = try network.relu(network.linear(x, "fc\(index + 1)", outputs: units))
    }
    return try network.linear(x, "fc\(hidden.count + 1)", outputs: architecture.classCount)
  }
}
