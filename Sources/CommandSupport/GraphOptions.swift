package import ArgumentParser

/// What a file with a graph, or with several networks, leaves open; `train` and the analyses share these.
package struct GraphOptions: ParsableArguments {
  /// A checkpoint for the graph.
  @Option(
    help: """
      For a graph (.pt2, .onnx): checkpoint whose weights go into it, by their names; one export serves \
      all checkpoints of a training. For a checkpoint with several networks: name of the one to take, as \
      the remark names them.
      """)
  package var weights: String?

  /// Which output counts.
  @Option(help: "Which output of a graph is the model's, from 0 on; default: 0.")
  package var modelOutput: Int?

  /// What is no parameter.
  @Option(
    help: """
      Real tensors of an ONNX graph that are buffers, not parameters, separated by commas; none if all \
      are parameters. The format does not tell them apart.
      """)
  package var constants: String?

  /// Creates the options with their defaults.
  package init() {}

  /// The values.
  package var choice: GraphChoice {
    GraphChoice(weights: weights, output: modelOutput, constants: constants)
  }
}

/// What a file with a graph, or with several networks, leaves open.
package struct GraphChoice: Sendable {
  /// Path of a checkpoint whose weights go into the graph; of a checkpoint, name of one of its networks.
  package var weights: String?
  /// Which output is the model's.
  package var output: Int?
  /// Names of buffers, separated by commas; `none` for none.
  package var constants: String?

  /// Nothing is chosen, or some.
  package init(weights: String? = nil, output: Int? = nil, constants: String? = nil) {
    self.weights = weights
    self.output = output
    self.constants = constants
  }

  /// Whether anything is chosen.
  package var isGiven: Bool { firstGiven != nil }

  /// An option that is given; nil if none is.
  private var firstGiven: String? { weights != nil ? "--weights" : firstOfGraphs }

  /// An option that is given though it belongs to graphs alone; nil if none is.
  var firstOfGraphs: String? {
    output != nil ? "--model-output" : constants != nil ? "--constants" : nil
  }

  /// Names of buffers.
  var constantNames: Set<String> {
    guard let constants, constants != "none" else { return [] }
    return Set(
      constants.split(separator: ",").map { String($0.drop { $0 == " " }) })
  }
}
