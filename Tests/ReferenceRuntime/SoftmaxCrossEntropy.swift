package import ComputationGraph

extension Graph {
  /// Weighted sum of cross-entropies `L = -sum_n weight_n sum_k target_nk log softmax(z_n)_k`.
  ///
  /// - Parameters:
  ///   - logits: `[n, classes]`.
  ///   - targets: Probabilities of the classes, `[n, classes]`; one-hot for plain labels.
  ///   - weights: Weight of each sample, `[n, 1]`; 1/N for a mean, 0 for padding.
  /// - Returns: Scalar of shape `[1, 1]`.
  /// - Throws: `ShapeError` when the shapes do not belong together.
  package mutating func softmaxCrossEntropy(
    logits: Value, targets: Value, weights: Value
  ) throws(ShapeError) -> Value {
    let shape = shape(of: logits)
    // The sign goes to the samples, so that the sum over samples is the loss itself.
    let weighted = try multiply(targets, scale(broadcast(weights, to: shape), by: -1))
    return try reduceSum(multiply(weighted, logSoftmax(logits)), axes: [0, 1])
  }
}
