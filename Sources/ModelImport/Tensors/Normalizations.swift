internal import ComputationGraph
internal import NeuralNetworks

/// Batch, layer, group and RMS normalisation.
extension TensorBuilder {
  /// Layer norm over the last axes.
  mutating func layerNorm(
    _ x: LogicalTensor, axes count: Int, scale: LogicalTensor?, shift: LogicalTensor?,
    epsilon: Double
  ) throws -> LogicalTensor {
    note(scale, .normScale)
    note(shift, .normShift)
    return try normalize(x, count, scale, shift) {
      (graph, value, scale, shift) throws(ShapeError) in
      try graph.layerNormalization(
        value, axes: count, scale: scale, shift: shift, epsilon: epsilon)
    }
  }

  /// RMS norm over the last axes.
  mutating func rmsNorm(
    _ x: LogicalTensor, axes count: Int, scale: LogicalTensor?, epsilon: Double
  ) throws -> LogicalTensor {
    note(scale, .normScale)
    return try normalize(x, count, scale, nil) { (graph, value, scale, _) throws(ShapeError) in
      try graph.rmsNormalization(value, axes: count, scale: scale, epsilon: epsilon)
    }
  }

  private mutating func normalize(
    _ x: LogicalTensor, _ count: Int, _ scale: LogicalTensor?, _ shift: LogicalTensor?,
    _ body: (inout Graph, Value, Value?, Value?) throws(ShapeError) -> Value
  ) throws -> LogicalTensor {
    guard (1...max(x.rank, 1)).contains(count), x.rank > 0 else {
      throw Refusal("a norm over \(count) axes of \(x.shape)")
    }
    let (held, isSampled) = try lift(x)
    // The axes must all be there, and one before them.
    let axes = (x.rank - count)..<x.rank
    let areThere = axes.allSatisfy { place($0, of: x) != nil }
    var value = areThere ? held : try whole(x)
    if graph.shape(of: value).rank == count {
      value = try reshape(value, to: Shape([1] + x.shape))
    }
    let shape = Shape(Array(x.shape[axes]))
    let factor = try scale.map { try reshape(lift($0).value, to: shape) }
    let summand = try shift.map { try reshape(lift($0).value, to: shape) }
    return try tensor(
      body(&graph, value, factor, summand), isSampled: isSampled, shape: x.shape)
  }

  /// Group norm over images `[n, c, ..]` with a scale and a shift per channel.
  mutating func groupNorm(
    _ x: LogicalTensor, groups: Int, scale: LogicalTensor?, shift: LogicalTensor?, epsilon: Double
  ) throws -> LogicalTensor {
    note(scale, .normScale)
    note(shift, .normShift)
    guard x.rank >= 2, groups >= 1, x.shape[1] % groups == 0, x.count > 0 else {
      throw Refusal("\(groups) groups of channels of \(x.shape)")
    }
    let rows = x.shape[0]
    let value = try reshape(
      lift(x).value,
      to: Shape([(x.isSampled ? batch : 1) * rows] + x.shape.dropFirst()))
    let factor = try scale.map { try lift($0).value }
    let summand = try shift.map { try lift($0).value }
    let result = try graph.groupNormalization(
      value, groups: groups, scale: factor, shift: summand, epsilon: epsilon)
    return try tensor(result, isSampled: x.isSampled, shape: x.shape)
  }

  /// Root of the mean square, or another number to divide by, over the axes.
  mutating func batchNorm(
    _ x: LogicalTensor, scale: LogicalTensor?, shift: LogicalTensor?, mean: BatchNormBuffer,
    variance: BatchNormBuffer, epsilon: Double
  ) throws -> LogicalTensor {
    note(scale, .normScale)
    note(shift, .normShift)
    guard x.rank >= 2, x.isSampled else {
      throw Refusal("a batch norm of \(x.shape) that do not depend on the sample")
    }
    let channels = x.shape[1]
    let rows = x.shape[0] * batch
    let value = try reshape(lift(x).value, to: Shape([rows] + x.shape.dropFirst()))
    let gamma = try scale.map { try lift($0).value } ?? graph.constant(1, [channels])
    let beta = try shift.map { try lift($0).value } ?? graph.constant(0, [channels])
    let result = try builder.batchNorm(
      value, gamma: gamma, beta: beta, mean: mean.value, variance: variance.value,
      meanIndex: mean.index, varianceIndex: variance.index, epsilon: epsilon)
    return try tensor(result, isSampled: true, shape: x.shape)
  }
}

/// A running statistic: its value and its place among the buffers of the model.
struct BatchNormBuffer {
  let value: Value
  let index: Int
}
