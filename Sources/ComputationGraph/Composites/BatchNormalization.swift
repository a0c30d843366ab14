extension Graph {
  /// Scale and shift per channel that batch norm with fixed statistics amounts to.
  ///
  /// `scale = gamma (variance + epsilon)^(-1/2)`, `shift = beta - mean scale`; all shapes `[c]`.
  public mutating func normalizationAffine(
    gamma: Value, beta: Value, mean: Value, variance: Value, epsilon: Double
  ) throws(ShapeError) -> (scale: Value, shift: Value) {
    let inverse = try power(affine(variance, scale: 1, shift: epsilon), -0.5)
    let scale = try multiply(gamma, inverse)
    return (scale, try subtract(beta, multiply(mean, scale)))
  }

  /// Adds a value per channel `[c]` to images `[n, c, h, w]` or features `[n, c]`.
  public mutating func addPerChannel(_ x: Value, _ shift: Value) throws(ShapeError) -> Value {
    try add(x, spreadPerChannel(shift, like: x))
  }

  /// Multiplies images `[n, c, h, w]` or features `[n, c]` by a value per channel `[c]`.
  public mutating func multiplyPerChannel(
    _ x: Value, _ scale: Value
  ) throws(ShapeError) -> Value {
    try multiply(x, spreadPerChannel(scale, like: x))
  }

  private mutating func spreadPerChannel(
    _ values: Value, like x: Value
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    guard shape.rank >= 2, self.shape(of: values) == [shape[1]] else {
      throw ShapeError("per-channel operation", "\(self.shape(of: values)) on \(shape)")
    }
    let ones = Shape([1, shape[1]] + [Int](repeating: 1, count: shape.rank - 2))
    return try broadcast(reshape(values, to: ones), to: shape)
  }

  /// Batch norm with the statistics of the batch, over all axes but the channel's.
  ///
  /// `y = gamma (x - mean) (variance + epsilon)^(-1/2) + beta` with the biased variance.
  ///
  /// - Returns: The result, and mean and biased variance of shape `[c]`.
  public mutating func batchNormalization(
    _ x: Value, gamma: Value, beta: Value, epsilon: Double
  ) throws(ShapeError) -> (output: Value, mean: Value, variance: Value) {
    let shape = shape(of: x)
    let axes = (0..<shape.rank).filter { $0 != 1 }
    let mean = try reduceMean(x, axes: axes)
    let centred = try subtract(x, broadcast(mean, to: shape))
    let variance = try reduceMean(multiply(centred, centred), axes: axes)
    let inverse = try power(affine(variance, scale: 1, shift: epsilon), -0.5)
    let channels: Shape = [shape[1]]
    let scale = try multiply(gamma, reshape(inverse, to: channels))
    let output = try addPerChannel(multiplyPerChannel(centred, scale), beta)
    return (output, try reshape(mean, to: channels), try reshape(variance, to: channels))
  }
}
