internal import ComputationGraph

/// Parameters of a batch norm, registered before they are used: a state dict has its own order.
struct BatchNormLayer {
  /// Scales; nil where there are none.
  let gamma: Value?
  /// Shifts; nil where there are none.
  let beta: Value?
  let mean: Value
  let variance: Value
  /// Place of the running mean among the buffers; the variance is the next one.
  let meanIndex: Int
  let epsilon: Double
}

/// Parameters of a convolution and of the batch norm behind it.
struct ConvolutionLayer {
  let filters: Value
  let bias: Value?
  let geometry: ConvolutionGeometry
  let norm: BatchNormLayer?
}

/// Names of a convolution and of the batch norm that belongs to it.
struct UnitNames {
  let convolution: String
  let norm: String?

  init(_ convolution: String, _ norm: String?) {
    self.convolution = convolution
    self.norm = norm
  }

  /// The first two modules of a sequence: `name.0` and `name.1`.
  static func sequence(_ name: String) -> UnitNames { UnitNames("\(name).0", "\(name).1") }
}

/// What all units of a network share, unless they say otherwise.
struct UnitStyle {
  var activation = ActivationFunction.relu
  /// Whether convolutions have a bias.
  var hasBias = false
  /// Summand under the root of batch norms.
  var epsilon = NormalizationMode.epsilon
  /// Weight of a batch in running statistics.
  var momentum = NormalizationMode.momentum

  /// The same with another activation.
  func with(_ activation: ActivationFunction) -> UnitStyle {
    var style = self
    style.activation = activation
    return style
  }
}

extension ModelBuilder {
  /// Registers `name.weight` and `name.bias` (unless it is not affine), `name.running_mean` and
  /// `name.running_var` of a batch norm.
  mutating func batchNormLayer(
    _ name: String, channels: Int, style: UnitStyle = UnitStyle(), isAffine: Bool = true
  ) -> BatchNormLayer {
    let gamma = isAffine ? parameter("\(name).weight", [channels], .normScale) : nil
    let beta = isAffine ? parameter("\(name).bias", [channels], .normShift) : nil
    let mean = bufferTensor(
      "\(name).running_mean", [channels], .runningMean, momentum: style.momentum)
    let variance = bufferTensor(
      "\(name).running_var", [channels], .runningVariance, momentum: style.momentum)
    return BatchNormLayer(
      gamma: gamma, beta: beta, mean: mean, variance: variance, meanIndex: bufferCount - 2,
      epsilon: style.epsilon)
  }

  /// Registers a convolution with filters of any extents, and its batch norm.
  ///
  /// Parameters `[channels, inputs / groups, filter[0], filter[1]]`, a bias `[channels]` where the
  /// style has one, then those of the batch norm.
  mutating func convolutionLayer(
    _ names: UnitNames, inputs: Int, channels: Int, filter: [Int], geometry: ConvolutionGeometry,
    style: UnitStyle = UnitStyle()
  ) -> ConvolutionLayer {
    let shape: Shape = [channels, inputs / geometry.groups, filter[0], filter[1]]
    let filters = parameter("\(names.convolution).weight", shape, .weight)
    let bias = style.hasBias ? parameter("\(names.convolution).bias", [channels], .bias) : nil
    let norm = names.norm.map { batchNormLayer($0, channels: channels, style: style) }
    return ConvolutionLayer(filters: filters, bias: bias, geometry: geometry, norm: norm)
  }

  /// Batch norm with parameters that are registered.
  mutating func apply(_ norm: BatchNormLayer, to x: Value) throws(ShapeError) -> Value {
    let channels = graph.shape(of: norm.mean)
    let gamma = if let own = norm.gamma { own } else { try graph.constant(1, channels) }
    let beta = if let own = norm.beta { own } else { try graph.constant(0, channels) }
    return try batchNorm(
      x, gamma: gamma, beta: beta, mean: norm.mean, variance: norm.variance,
      meanIndex: norm.meanIndex, varianceIndex: norm.meanIndex + 1, epsilon: norm.epsilon)
  }

  /// Convolution with parameters that are registered, and its batch norm.
  mutating func apply(_ layer: ConvolutionLayer, to x: Value) throws(ShapeError) -> Value {
    var y = try graph.convolution(x, layer.filters, layer.geometry)
    if let bias = layer.bias { y = try graph.addPerChannel(y, bias) }
    if let norm = layer.norm { y = try apply(norm, to: y) }
    return y
  }

  /// Convolution, batch norm where it has a name, activation.
  ///
  /// The padding is that on each side; nil for as many zeros as keep the extent with stride 1.
  mutating func unit(
    _ x: Value, _ names: UnitNames, channels: Int, kernel: Int = 1, stride: Int = 1,
    padding: Int? = nil, groups: Int = 1, style: UnitStyle = UnitStyle()
  ) throws(ShapeError) -> Value {
    let layer = convolutionLayer(
      names, inputs: graph.shape(of: x)[1], channels: channels, filter: [kernel, kernel],
      geometry: ConvolutionGeometry(
        stride: stride, padding: padding ?? (kernel - 1) / 2, groups: groups), style: style)
    return try style.activation.apply(apply(layer, to: x), in: &graph)
  }

  /// Batch norm as a layer of its own, then the activation of a style.
  mutating func normalized(
    _ x: Value, _ name: String, style: UnitStyle = UnitStyle()
  ) throws(ShapeError) -> Value {
    let norm = batchNormLayer(name, channels: graph.shape(of: x)[1], style: style)
    return try style.activation.apply(apply(norm, to: x), in: &graph)
  }

  // MARK: - Layers without parameters

  /// Channels of several images behind one another.
  mutating func concatenate(_ parts: [Value]) throws(ShapeError) -> Value {
    try graph.concatenate(parts, axis: 1)
  }

  /// Some channels of images.
  mutating func channels(
    of x: Value, from start: Int, count: Int
  ) throws(ShapeError) -> Value {
    try graph.slice(x, axis: 1, start: start, size: count)
  }

  /// Channels in an order in which the groups take turns.
  ///
  /// Zhang et al. 2017, arXiv:1707.01083: channel `k` of group `g` becomes channel `k groups + g`.
  mutating func shuffleChannels(_ x: Value, groups: Int) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
    let grouped = try graph.reshape(x, to: [n, groups, c / groups, h, w])
    return try graph.reshape(graph.transpose(grouped, [0, 2, 1, 3, 4]), to: shape)
  }

  /// Mean of each window; the border counts as zeros, or not at all.
  mutating func averagePool(
    _ x: Value, size: Int, stride: Int, padding: Int = 0, countsBorder: Bool = true
  ) throws(ShapeError) -> Value {
    try graph.averagePool(
      x, PoolingWindow(size: size, stride: stride, padding: padding), countsBorder: countsBorder)
  }

  /// Largest element of each window, the last of which may stick out of the images.
  ///
  /// PyTorch's `ceil_mode`.
  mutating func maxPoolRoundingUp(
    _ x: Value, size: Int, stride: Int
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let high = [2, 3].map { axis in
      PoolingWindow.paddingRoundingUp(shape[axis], span: size, stride: stride, low: 0, high: 0)
    }
    return try graph.maxPool(
      x, PoolingWindow(size: [size, size], stride: [stride, stride], paddingHigh: high))
  }
}
