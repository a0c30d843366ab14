package import ComputationGraph

/// Which statistics the batch norms of a network use.
public enum NormalizationMode: String, Hashable, Sendable, Codable {
  /// The running statistics in the state: an affine map per channel, samples independent.
  case inference
  /// Mean and biased variance of the batch: samples depend on one another.
  case batch

  /// Summand under the root where a model does not say (PyTorch's default).
  public static let epsilon = 1e-5

  /// Weight of a batch in the running statistics, `r <- (1 - m) r + m b`, where a model does not say
  /// (PyTorch's default).
  public static let momentum = 0.1
}

/// Statistics that one batch norm computed from the batch.
package struct BatchStatistics: Hashable, Sendable {
  /// Mean per channel, `[c]`.
  package let mean: Value
  /// Biased variance per channel, `[c]`.
  package let variance: Value
  /// Elements per channel; the unbiased variance is `count / (count - 1)` times the biased one.
  package let count: Int
  /// Position of the running mean among the segments of the buffer layout.
  package let meanIndex: Int
  /// Position of the running variance among the segments of the buffer layout.
  package let varianceIndex: Int
}

/// The nodes of a model in a graph.
package struct ModelGraph: Sendable {
  /// Inputs named as those of the model and in their order, samples first, role `batch`.
  package let inputs: [Value]
  /// Outputs in the order of the model, samples first.
  package let outputs: [Value]
  /// Inputs named as the segments of the parameter layout and in their order, role `parameter`.
  package let parameters: [Value]
  /// Inputs named as the segments of the buffer layout and in their order, role `state`; nothing
  /// depends on running statistics in batch mode.
  package let buffers: [Value]
  /// Statistics of every batch norm in batch mode, empty in inference mode.
  package let batchStatistics: [BatchStatistics]
  /// Inputs named `dropout.N`, role `batch`, with a factor for every element of what they act on;
  /// empty without dropout.
  package let dropoutMasks: [Value]

  /// The first output, which a loss is computed from.
  package var output: Value { outputs[0] }

  /// The same nodes in another graph; there are no statistics of the batch.
  func mapped(_ image: (Value) -> Value) -> ModelGraph {
    ModelGraph(
      inputs: inputs.map(image), outputs: outputs.map(image), parameters: parameters.map(image),
      buffers: buffers.map(image), batchStatistics: [], dropoutMasks: dropoutMasks.map(image))
  }
}
