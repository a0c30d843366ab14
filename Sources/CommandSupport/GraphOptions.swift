package import Analyses
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
    GraphChoice(
      weights: weights, output: modelOutput,
      constants: constants.map { text in
        text == "none" ? [] : text.split(separator: ",").map { String($0.drop { $0 == " " }) }
      })
  }
}
