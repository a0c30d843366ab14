internal import ComputationGraph

/// The losses of rows as nodes of a graph.
struct RowLosses {
  /// The loss of each row, `[n] + rowShape`.
  let values: Value
  /// What the losses are convex functions of: the outputs, or logits of them where they are
  /// probabilities.
  ///
  /// The Gauss-Newton matrix divides network and loss here. In logits the Hessian of the
  /// loss is the Fisher matrix of the likelihood; in the probabilities themselves it is not.
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
      let argument = loss.kind == .probabilities ? try graph.logits(ofClasses: output) : output
      return RowLosses(
        values: try categorical(argument, target: target, rows: rows, in: &graph),
        argument: argument)
    case .squaredError:
      let (z, y) = try numbers(output, target: target, in: &graph)
      let difference = try graph.subtract(z, y)
      let values = try graph.multiply(difference, difference)
      return RowLosses(values: try meanOfClasses(values, rows, in: &graph), argument: output)
    case .binaryCrossEntropy, .eventProbabilities:
      let argument = loss.kind == .eventProbabilities ? try graph.logits(ofEvents: output) : output
      let (z, y) = try numbers(argument, target: target, in: &graph)
      let values = try graph.subtract(graph.unary(.softplus, z), graph.multiply(z, y))
      return RowLosses(values: try meanOfClasses(values, rows, in: &graph), argument: argument)
    case .output: throw ShapeError("loss", "the output is the loss, so there is no target")
    }
  }

  /// `-log softmax(z)_y`, or `-sum_k y_k log softmax(z)_k`, smoothed where that is asked for.
  ///
  /// Logarithms of probabilities are logits too: softmax gives them back.
  private func categorical(
    _ argument: Value, target: Value, rows: Shape, in graph: inout Graph
  ) throws(ShapeError) -> Value {
    let rank = graph.shape(of: argument).rank
    let logarithms = try graph.logSoftmax(classesLast(argument, in: &graph))
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

  /// The outputs with the axis of the classes last.
  private func classesLast(_ output: Value, in graph: inout Graph) throws(ShapeError) -> Value {
    let rank = graph.shape(of: output).rank
    guard let classAxis, classAxis + 1 != rank - 1 else { return output }
    let others = (0..<rank).filter { $0 != classAxis + 1 }
    return try graph.transpose(output, others + [classAxis + 1])
  }

  /// Outputs and the numbers that they are compared with: those of the target, or for classes 1 for the own one and
  /// 0 for the others, smoothed where that is asked for.
  private func numbers(
    _ output: Value, target: Value, in graph: inout Graph
  ) throws(ShapeError) -> (outputs: Value, targets: Value) {
    guard self.target == .classes else { return (output, target) }
    let outputs = try classesLast(output, in: &graph)
    let shape = graph.shape(of: outputs)
    let ones = try graph.constant(1, graph.shape(of: target))
    let numbers = try graph.scatterAdd(
      ones, target, batchAxes: shape.rank - 1, extent: shape[shape.rank - 1])
    let smoothing = loss.labelSmoothing
    guard smoothing != 0 else { return (outputs, numbers) }
    return (
      outputs,
      try graph.affine(numbers, scale: 1 - smoothing, shift: smoothing / Double(classCount))
    )
  }

  /// The mean over the classes of a row, where rows have classes: every output counts, as with targets of numbers.
  private func meanOfClasses(
    _ values: Value, _ rows: Shape, in graph: inout Graph
  ) throws(ShapeError) -> Value {
    guard target == .classes else { return values }
    let last = graph.shape(of: values).rank - 1
    return try graph.reshape(graph.reduceMean(values, axes: [last]), to: rows)
  }
}

extension Graph {
  /// Logarithms of probabilities of classes.
  ///
  /// Where the graph ends in a softmax they are computed from what goes into it: probabilities that
  /// single precision rounds to 0 have logarithms then.
  fileprivate mutating func logits(ofClasses p: Value) throws(ShapeError) -> Value {
    let found = try rebuilding(p) { (graph, operation, z) throws(ShapeError) in
      guard case .softmax = operation else { return nil }
      return try graph.logSoftmax(z)
    }
    if let found { return found }
    return try unary(.logarithm, p)
  }

  /// `log(p / (1 - p))` of probabilities of events.
  ///
  /// Where the graph ends in a sigmoid it is what goes into it, also where p is rounded to 0 or 1.
  fileprivate mutating func logits(ofEvents p: Value) throws(ShapeError) -> Value {
    let found = try rebuilding(p) { (_, operation, z) throws(ShapeError) in
      guard case .unary(.sigmoid) = operation else { return nil }
      return z
    }
    if let found { return found }
    return try subtract(
      unary(.logarithm, p), unary(.logarithm, affine(p, scale: -1, shift: 1)))
  }

  /// Replaces the last operation that is more than another order or shape; nil where `body` has
  /// nothing for it.
  private mutating func rebuilding(
    _ value: Value,
    _ body: (inout Graph, Operation, Value) throws(ShapeError) -> Value?
  ) throws(ShapeError) -> Value? {
    let node = self[value]
    guard let source = node.inputs.first else { return nil }
    switch node.operation {
    case .reshape:
      guard let inner = try rebuilding(source, body) else { return nil }
      return try reshape(inner, to: shape(of: value))
    case .transpose(let transpose):
      guard let inner = try rebuilding(source, body) else { return nil }
      return try self.transpose(inner, transpose.permutation)
    default: return try body(&self, node.operation, source)
    }
  }
}
