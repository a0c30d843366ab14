public import ComputationGraph

/// The layers: each registers its parameters by name and emits the nodes that compute it.
///
/// An architecture is a function that calls these in the order of the original model definition,
/// so that the order of registration is the order of the parameters in its checkpoints.
public struct ModelBuilder {
  /// The graph so far.
  public var graph: Graph
  /// Which statistics the batch norms use.
  let mode: NormalizationMode
  /// Whether dropout layers do anything.
  let dropsOut: Bool
  private(set) var parameterTensors: [ParameterTensor] = []
  private(set) var parameters: [Value] = []
  private(set) var bufferTensors: [BufferTensor] = []
  private(set) var buffers: [Value] = []
  private(set) var batchStatistics: [BatchStatistics] = []
  /// Rate of each dropout layer; nil where training chooses it.
  private(set) var dropoutRates: [Double?] = []
  private(set) var dropoutMasks: [Value] = []

  /// Number of buffers so far.
  package var bufferCount: Int { buffers.count }

  /// Continues a graph.
  package init(graph: Graph, mode: NormalizationMode, dropsOut: Bool = false) {
    self.graph = graph
    self.mode = mode
    self.dropsOut = dropsOut
  }

  // MARK: - Layers with parameters

  /// Convolution with square filters, then batch norm where `normalization` names one.
  ///
  /// Parameters `name.weight [channels, c, kernel, kernel]`, `name.bias [channels]` if `bias`, then
  /// those of the batch norm.
  public mutating func convolution(
    _ x: Value, _ name: String, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    bias hasBias: Bool = false, normalization: String? = nil
  ) throws(ShapeError) -> Value {
    let layer = convolutionLayer(
      UnitNames(name, normalization), inputs: graph.shape(of: x)[1], channels: channels,
      filter: [kernel, kernel], geometry: ConvolutionGeometry(stride: stride, padding: padding),
      style: UnitStyle(hasBias: hasBias))
    return try apply(layer, to: x)
  }

  /// Batch norm over `[n, c, ...]` as a layer of its own.
  ///
  /// Parameters `name.weight` and `name.bias` unless it is not affine, buffers `name.running_mean` and
  /// `name.running_var`, all of shape `[c]`.
  public mutating func batchNorm(
    _ x: Value, _ name: String, epsilon: Double = NormalizationMode.epsilon,
    momentum: Double = NormalizationMode.momentum, isAffine: Bool = true
  ) throws(ShapeError) -> Value {
    let layer = batchNormLayer(
      name, channels: graph.shape(of: x)[1],
      style: UnitStyle(epsilon: epsilon, momentum: momentum), isAffine: isAffine)
    return try apply(layer, to: x)
  }

  /// Batch norm of `[n, c, ...]` with parameters and running statistics, all `[c]`, that are there.
  ///
  /// The indices are the places of both statistics among the buffers.
  package mutating func batchNorm(
    _ x: Value, gamma: Value, beta: Value, mean: Value, variance: Value, meanIndex: Int,
    varianceIndex: Int, epsilon: Double
  ) throws(ShapeError) -> Value {
    switch mode {
    case .inference:
      let (scale, shift) = try graph.normalizationAffine(
        gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: epsilon)
      return try graph.addPerChannel(graph.multiplyPerChannel(x, scale), shift)
    case .batch:
      let shape = graph.shape(of: x)
      let result = try graph.batchNormalization(x, gamma: gamma, beta: beta, epsilon: epsilon)
      batchStatistics.append(
        BatchStatistics(
          mean: result.mean, variance: result.variance, count: shape.count / shape[1],
          meanIndex: meanIndex, varianceIndex: varianceIndex))
      return result.output
    }
  }

  /// Linear layer `x W^T + b` on the last axis of `[n, ..., inputs]`.
  ///
  /// Parameters `name.weight [outputs, inputs]`, `name.bias [outputs]` if `bias`.
  public mutating func linear(
    _ x: Value, _ name: String, outputs: Int, bias hasBias: Bool = true
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let inputs = shape[shape.rank - 1]
    let weight = parameter("\(name).weight", [outputs, inputs], .weight)
    let bias = hasBias ? parameter("\(name).bias", [outputs], .bias) : nil
    let rows = try graph.reshape(x, to: [shape.count / inputs, inputs])
    var y = try graph.matrixProduct(rows, weight, transposeB: true)
    if let bias { y = try graph.addPerChannel(y, bias) }
    return try graph.reshape(y, to: Shape(shape.dimensions.dropLast() + [outputs]))
  }

  /// Rows of a table, chosen by indices `[n, ...]`: `[n, ..., columns]`.
  ///
  /// Parameter `name.weight [rows, columns]`.
  public mutating func embedding(
    _ indices: Value, _ name: String, rows: Int, columns: Int
  ) throws(ShapeError) -> Value {
    let table = parameter("\(name).weight", [rows, columns], .embedding)
    return try graph.take(table, indices, batchAxes: 0)
  }

  // MARK: - Layers without parameters

  /// Anything that a graph can compute.
  package mutating func apply(
    _ body: (inout Graph) throws(ShapeError) -> Value
  ) throws(ShapeError) -> Value {
    try body(&graph)
  }

  /// `max(x, 0)`.
  public mutating func relu(_ x: Value) throws(ShapeError) -> Value { try graph.relu(x) }

  /// Dropout: `x m` with a mask `m` of zeros and numbers `1 / (1 - rate)`.
  ///
  /// The mask is the input `dropout.N`. Nothing happens outside of training. Source: Srivastava et
  /// al. 2014. The rate is the probability of a zero in this layer; nil where training chooses it.
  public mutating func dropout(_ x: Value, rate: Double? = nil) throws(ShapeError) -> Value {
    guard let mask = dropoutMask(graph.shape(of: x), rate: rate) else { return x }
    return try graph.multiply(x, mask)
  }

  /// Dropout of whole channels of `[n, c, ...]`, as PyTorch's `Dropout2d`.
  ///
  /// Source: Tompson et al. 2015.
  public mutating func channelDropout(_ x: Value, rate: Double? = nil) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let factors = [shape[0], shape[1]] + [Int](repeating: 1, count: shape.rank - 2)
    guard let mask = dropoutMask(Shape(factors), rate: rate) else { return x }
    return try graph.multiply(x, graph.broadcast(mask, to: shape))
  }

  /// The mask of a dropout layer, samples first; nil where it does nothing.
  mutating func dropoutMask(_ shape: Shape, rate: Double? = nil) -> Value? {
    if rate == 0 { return nil }
    dropoutRates.append(rate)
    guard dropsOut else { return nil }
    let mask = graph.input("dropout.\(dropoutRates.count)", shape, role: .batch)
    dropoutMasks.append(mask)
    return mask
  }

  /// Sum of two branches.
  public mutating func add(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    try graph.add(a, b)
  }

  /// Largest element of each window.
  public mutating func maxPool(
    _ x: Value, size: Int, stride: Int, padding: Int = 0
  ) throws(ShapeError) -> Value {
    try graph.maxPool(x, PoolingWindow(size: size, stride: stride, padding: padding))
  }

  /// Mean over height and width: images `[n, c, h, w]` to features `[n, c]`.
  public mutating func globalAverage(_ x: Value) throws(ShapeError) -> Value {
    try flatten(graph.reduceMean(x, axes: [2, 3]))
  }

  /// Mean of windows that divide the images into `extent x extent` parts as evenly as possible.
  ///
  /// As PyTorch's `AdaptiveAvgPool2d`: part i of n pixels begins at `floor(i n / extent)` and ends before
  /// `ceil((i + 1) n / extent)`, so parts overlap where they cannot be equal.
  ///
  /// - Throws: `ShapeError` for no part, or more than 1,024.
  public mutating func adaptiveAverage(_ x: Value, extent: Int) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let (height, width) = (shape[2], shape[3])
    if height == 1 && width == 1 {
      return try graph.broadcast(x, to: [shape[0], shape[1], extent, extent])
    }
    // More parts than that are no pooling; a table of them need not fit into memory.
    guard (1...1024).contains(extent), height > 0, width > 0 else {
      throw ShapeError(
        "adaptive average", "\(height) x \(width) pixels do not divide into \(extent) x \(extent)")
    }
    if height == extent && width == extent { return x }
    if height == width && height.isMultiple(of: extent) {
      let size = height / extent
      return try graph.averagePool(x, PoolingWindow(size: size, stride: size))
    }
    // The matrix of the means along each axis; the axis that was multiplied comes last.
    var result = x
    for axis in [2, 3] {
      let count = graph.shape(of: x)[axis]
      let means = try graph.constant(EvenParts.means(of: count, in: extent), [count, extent])
      // `[n, c, h, w]` becomes `[n, c, w, h']`, and that `[n, c, h', w']`.
      result = try graph.contraction(result, means, inner: [(2, 0)])
    }
    return result
  }

  /// Images `[n, c, h, w]` to features `[n, c h w]`.
  public mutating func flatten(_ x: Value) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    return try graph.reshape(x, to: [shape[0], shape.count / shape[0]])
  }

  /// At every position of `[n, t, d]` the vectors of that position and of the `count - 1` before it,
  /// behind one another: `[n, t, count d]`; zeros before the first position.
  mutating func joinPrevious(_ x: Value, count: Int) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    var parts = [x]
    for offset in 1..<max(count, 1) {
      let kept = max(shape[1] - offset, 0)
      guard kept > 0 else {
        parts.append(try graph.constant(0, shape))
        continue
      }
      let earlier = try graph.slice(x, axis: 1, start: 0, size: kept)
      parts.append(try graph.pad(earlier, low: [0, offset, 0], high: [0, 0, 0]))
    }
    return try graph.concatenate(parts, axis: 2)
  }

  /// Every `stride`-th pixel, with channels of zeros on both sides up to `channels`.
  ///
  /// The shortcut "option A" of He et al. 2015 (arXiv:1512.03385), section 4.2.
  mutating func subsampleAndPad(
    _ x: Value, channels: Int, stride: Int
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let sampled = try graph.slice(
      x, starts: [0, 0, 0, 0], strides: [1, 1, stride, stride],
      sizes: [shape[0], shape[1], (shape[2] - 1) / stride + 1, (shape[3] - 1) / stride + 1])
    let low = (channels - shape[1]) / 2
    return try graph.pad(
      sampled, low: [0, low, 0, 0], high: [0, channels - shape[1] - low, 0, 0])
  }

  // MARK: - Registration

  /// Registers a parameter, behind those that are there; its outputs lie along the filter axis.
  ///
  /// - Precondition: The name is new.
  public mutating func parameter(
    _ name: String, _ shape: Shape, _ role: ParameterRole, filterAxis: Int = 0
  ) -> Value {
    let value = graph.input(name, shape, role: .parameter)
    parameterTensors.append(ParameterTensor(name, shape, role, filterAxis: filterAxis))
    parameters.append(value)
    return value
  }

  /// Registers a buffer.
  package mutating func bufferTensor(
    _ name: String, _ shape: Shape, _ role: BufferRole,
    momentum: Double = NormalizationMode.momentum
  ) -> Value {
    let value = graph.input(name, shape, role: .buffer)
    bufferTensors.append(BufferTensor(name, shape, role, momentum: momentum))
    buffers.append(value)
    return value
  }
}
