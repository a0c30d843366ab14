/// Normalisations whose statistics belong to single samples.
extension Graph {
  /// Layer norm over the last axes, `y = scale (x - mean) (variance + epsilon)^(-1/2) + shift`.
  ///
  /// The variance is the biased one (Ba and others 2016).
  ///
  /// - Parameters:
  ///   - x: Any tensor.
  ///   - count: Number of last axes that are normalised over, fewer than all.
  ///   - scale: Factors of the shape of these axes, or nil for 1.
  ///   - shift: Summands of that shape, or nil for 0.
  ///   - epsilon: Added to the variance.
  /// - Returns: A tensor of the shape of `x`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func layerNormalization(
    _ x: Value, axes count: Int = 1, scale: Value?, shift: Value?, epsilon: Double
  ) throws(ShapeError) -> Value {
    let axes = try lastAxes(count, of: x)
    let mean = try reduceMean(x, axes: axes)
    let centred = try subtract(x, broadcast(mean, to: shape(of: x)))
    return try rescaled(centred, axes: axes, scale: scale, shift: shift, epsilon: epsilon)
  }

  /// RMS norm over the last axes, `y = scale x (mean of x^2 + epsilon)^(-1/2)`.
  ///
  /// Zhang and Sennrich 2019. Parameters are as for `layerNormalization`.
  ///
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func rmsNormalization(
    _ x: Value, axes count: Int = 1, scale: Value?, epsilon: Double
  ) throws(ShapeError) -> Value {
    let axes = try lastAxes(count, of: x)
    return try rescaled(x, axes: axes, scale: scale, shift: nil, epsilon: epsilon)
  }

  /// Group norm: layer norm over groups of channels of images `[n, c, ...]`, with a scale and a shift per channel.
  ///
  /// Wu and He 2018; with as many groups as channels it is instance norm.
  ///
  /// - Parameters:
  ///   - x: `[n, c, ...]`.
  ///   - groups: Number of groups; divides `c`.
  ///   - scale: `[c]`, or nil for 1.
  ///   - shift: `[c]`, or nil for 0.
  ///   - epsilon: Added to the variance.
  /// - Returns: A tensor of the shape of `x`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func groupNormalization(
    _ x: Value, groups: Int, scale: Value?, shift: Value?, epsilon: Double
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    guard shape.rank >= 2, groups >= 1, shape[1] % groups == 0 else {
      throw ShapeError("groupNormalization", "\(groups) groups do not divide channels of \(shape)")
    }
    let perGroup = shape.dimensions.dropFirst().reduce(1, *) / groups
    let grouped = try reshape(x, to: [shape[0], groups, perGroup])
    let normal = try layerNormalization(grouped, scale: nil, shift: nil, epsilon: epsilon)
    var result = try reshape(normal, to: shape)
    if let scale { result = try multiplyPerChannel(result, scale) }
    if let shift { result = try addPerChannel(result, shift) }
    return result
  }

  /// The last axes of a tensor, not all of them: the first one counts samples or their rows.
  private func lastAxes(_ count: Int, of x: Value) throws(ShapeError) -> [Int] {
    let rank = shape(of: x).rank
    guard count >= 1, count < rank else {
      throw ShapeError("normalization", "over the last \(count) axes of \(shape(of: x))")
    }
    return Array(rank - count..<rank)
  }

  /// `scale x (mean of x^2 + epsilon)^(-1/2) + shift`.
  private mutating func rescaled(
    _ x: Value, axes: [Int], scale: Value?, shift: Value?, epsilon: Double
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    let square = try reduceMean(multiply(x, x), axes: axes)
    let inverse = try power(affine(square, scale: 1, shift: epsilon), -0.5)
    var result = try multiply(x, broadcast(inverse, to: shape))
    if let scale { result = try multiply(result, spreadOverRows(scale, axes: axes, like: x)) }
    if let shift { result = try add(result, spreadOverRows(shift, axes: axes, like: x)) }
    return result
  }

  /// Numbers of the shape of the last axes, repeated along all others.
  private mutating func spreadOverRows(
    _ values: Value, axes: [Int], like x: Value
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    guard self.shape(of: values).dimensions == axes.map({ shape[$0] }) else {
      throw ShapeError(
        "normalization", "\(self.shape(of: values)) is not the shape of the last axes of \(shape)")
    }
    let ones = [Int](repeating: 1, count: shape.rank - axes.count)
    return try broadcast(
      reshape(values, to: Shape(ones + self.shape(of: values).dimensions)), to: shape)
  }
}
