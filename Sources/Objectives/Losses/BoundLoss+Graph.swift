internal import ComputationGraph

/// The losses of rows as nodes of a graph.
struct RowLosses {
  /// The loss of each row, `[n] + rowShape`.
  let values: Value
  /// What the losses are convex functions of: the outputs, or their logarithms where they are
  /// probabilities.
  ///
  /// The Gauss-Newton matrix divides network and loss here. In logarithms of probabilities the Hessian
  /// of the loss is the Fisher matrix of the likelihood; in the probabilities themselves it is not.
  let argument: Value
}

extension BoundLoss {
  /// The loss of each row.
  ///
  /// - Parameters:
  ///   - output: Outputs `[n] + outputShape`.
  ///   - target: Targets `[n] + targetShape`; nil without any.
  ///   - graph: Receives the nodes.
  /// - Returns: The losses, and what they are functions of.
  /// - Throws: `ShapeError` when the shapes do not belong together.
  func rowLosses(
    _ output: Value, target: Value?, in graph: inout Graph
  ) throws(ShapeError) -> RowLosses {
    let batch = graph.shape(of: output)[0]
    let rows = Shape([batch] + rowShape.dimensions)
    guard let target else {
      return RowLosses(values: try graph.reshape(output, to: rows), argument: output)
    }
    switch loss.kind {
    case .crossEntropy, .logProbabilities, .probabilities:
      let argument = loss.kind == .probabilities ? try graph.unary(.logarithm, output) : output
      return RowLosses(
        values: try categorical(argument, target: target, rows: rows, in: &graph),
        argument: argument)
    case .squaredError:
      let difference = try graph.subtract(output, target)
      return RowLosses(values: try graph.multiply(difference, difference), argument: output)
    case .binaryCrossEntropy:
      let product = try graph.multiply(output, target)
      let values = try graph.subtract(graph.unary(.softplus, output), product)
      return RowLosses(values: values, argument: output)
    case .output: throw ShapeError("loss", "the output is the loss, so there is no target")
    }
  }

  /// `-log softmax(z)_y`, or `-sum_k y_k log softmax(z)_k`, smoothed where that is asked for.
  ///
  /// Logarithms of probabilities are logits too: softmax gives them back.
  private func categorical(
    _ argument: Value, target: Value, rows: Shape, in graph: inout Graph
  ) throws(ShapeError) -> Value {
    var logits = argument
    let rank = graph.shape(of: logits).rank
    if let classAxis, classAxis + 1 != rank - 1 {
      let others = (0..<rank).filter { $0 != classAxis + 1 }
      logits = try graph.transpose(logits, others + [classAxis + 1])
    }
    let logarithms = try graph.logSoftmax(logits)
    let chosen: Value
    switch self.target {
    case .classes: chosen = try graph.take(logarithms, target, batchAxes: rank - 1)
    case .values, .none:
      chosen = try graph.reshape(
        graph.reduceSum(graph.multiply(target, logarithms), axes: [rank - 1]), to: rows)
    }
    let smoothing = loss.labelSmoothing
    guard smoothing != 0 else { return try graph.scale(chosen, by: -1) }
    let all = try graph.reshape(graph.reduceSum(logarithms, axes: [rank - 1]), to: rows)
    return try graph.add(
      graph.scale(chosen, by: smoothing - 1),
      graph.scale(all, by: -smoothing / Double(classCount)))
  }
}
