internal import ComputationGraph
internal import NeuralNetworks

/// Dropout, which does something in training alone.
extension TensorBuilder {
  /// Each element dropped with a probability.
  mutating func dropout(_ x: LogicalTensor, rate: Double) throws -> LogicalTensor {
    guard rate > 0, x.isSampled else { return x }
    let value = try builder.dropout(lift(x).value, rate: rate)
    return LogicalTensor(value, isSampled: true, shape: x.shape, element: x.element)
  }

  /// Each channel of `[b, c, ..]` dropped with a probability.
  mutating func channelDropout(_ x: LogicalTensor, rate: Double) throws -> LogicalTensor {
    guard rate > 0, x.isSampled, x.rank >= 2 else { return x }
    let factors = [Int](x.shape.prefix(2)) + [Int](repeating: 1, count: x.rank - 2)
    let ones = try graph.constant(1, graphShape(factors, isSampled: true))
    let mask = LogicalTensor(
      try builder.dropout(ones, rate: rate), isSampled: true, shape: factors, element: .real)
    return try multiply(x, mask)
  }
}
