internal import ComputationGraph

/// Emits the nodes of layers, whose names it takes one after the other.
///
/// Sizes come from files and options: no layer may give a sample more numbers than an input may have, and all
/// tensors together are bounded, before anything is counted that could overflow.
struct LayerEmitter {
  /// Numbers of all tensors at most.
  private static let largestNetwork = 1 << 30

  private var names: ArraySlice<String>
  /// Numbers that are left for tensors.
  private var room = largestNetwork
  /// Place of the layer that is emitted, from 1, for messages.
  private var place = 0

  init(names: [String]) { self.names = names[...] }

  /// Emits a list of layers.
  mutating func emit(
    _ layers: [Layer], _ input: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = input
    for layer in layers {
      place += 1
      let own = place
      do {
        x = try emit(layer, x, in: &network)
        try checkSize(network.graph.shape(of: x))
      } catch {
        // The innermost layer is the one that does not fit.
        throw error.operation.hasPrefix("layer ")
          ? error : ShapeError("layer \(own), \(layer)", "\(error.operation): \(error.reason)")
      }
    }
    return x
  }

  /// Checks what a layer gives for one sample.
  private func checkSize(_ shape: Shape) throws(ShapeError) {
    guard
      Self.count(Array(shape.dimensions.dropFirst()), atMost: Architecture.limits.elements) != nil
    else {
      throw ShapeError(
        "size",
        "gives \(shape) numbers, more than the \(Architecture.limits.elements) a sample may have")
    }
  }

  /// The name of the next layer with tensors, of which one has a shape; the others are no larger.
  private mutating func takeName(_ shape: [Int]) throws(ShapeError) -> String {
    guard let count = Self.count(shape, atMost: room) else {
      throw ShapeError(
        "size", "has weights \(Shape(shape)), and all may have \(Self.largestNetwork) numbers")
    }
    room -= count
    return names.popFirst() ?? ""
  }

  /// The product of extents; nil where it is past a limit.
  private static func count(_ extents: [Int], atMost limit: Int) -> Int? {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow, next <= limit else { return nil }
      product = next
    }
    return product
  }

  private mutating func emit(
    _ layer: Layer, _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    switch layer {
    case .convolution(let settings): return try convolution(settings, x, in: &network)
    case .linear(let outputs, let hasBias):
      let shape = network.graph.shape(of: x)
      guard shape.rank == 2 else {
        throw ShapeError("linear", "takes features; put flatten or globalaverage before it")
      }
      let name = try takeName([outputs, shape[1]])
      return try network.linear(x, name, outputs: outputs, bias: hasBias)
    case .normalization(let settings): return try normalization(settings, x, in: &network)
    case .activation(let activation):
      var slopes: Value?
      if let count = activation.parameterCount {
        slopes = network.parameter("\(try takeName([count])).weight", [count], .slope)
      }
      return try network.apply { (graph) throws(ShapeError) in
        try activation.apply(x, slopes: slopes, in: &graph)
      }
    case .pool(let settings): return try pool(settings, x, in: &network)
    case .globalPool(let kind): return try globalPool(kind, x, in: &network)
    case .adaptiveAverage(let extent):
      try requireImages(x, in: network)
      return try network.adaptiveAverage(x, extent: extent)
    case .flatten: return try network.flatten(x)
    case .dropout(let rate, let wholeChannels):
      return wholeChannels
        ? try network.channelDropout(x, rate: rate) : try network.dropout(x, rate: rate)
    case .pad(let border):
      try requireImages(x, in: network)
      return try network.apply { (graph) throws(ShapeError) in
        let sides = [0, 0, border, border]
        return try graph.pad(x, low: sides, high: sides)
      }
    case .subsample(let stride):
      let channels = try requireImages(x, in: network)[1]
      return try network.subsampleAndPad(x, channels: channels, stride: stride)
    case .zeroChannels(let before, let after):
      try requireImages(x, in: network)
      return try network.apply { (graph) throws(ShapeError) in
        try graph.pad(x, low: [0, before, 0, 0], high: [0, after, 0, 0])
      }
    case .residual(let body, let shortcut):
      let main = try emit(body, x, in: &network)
      return try network.add(main, emit(shortcut, x, in: &network))
    case .softmax:
      return try network.apply { (graph) throws(ShapeError) in try graph.softmax(x) }
    case .logSoftmax:
      return try network.apply { (graph) throws(ShapeError) in try graph.logSoftmax(x) }
    }
  }

  @discardableResult
  private func requireImages(_ x: Value, in network: ModelBuilder) throws(ShapeError) -> Shape {
    let shape = network.graph.shape(of: x)
    guard shape.rank == 4 else { throw ShapeError("images", "are needed here, not features") }
    return shape
  }

  private mutating func convolution(
    _ settings: ConvolutionSettings, _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let channels = try requireImages(x, in: network)[1]
    guard channels.isMultiple(of: settings.groups) else {
      throw ShapeError("conv", "\(settings.groups) groups do not divide \(channels) channels")
    }
    let inputs = channels / settings.groups
    let name = try takeName([settings.outputs, inputs] + settings.kernel)
    let layer = network.convolutionLayer(
      UnitNames(name, nil), inputs: channels, channels: settings.outputs, filter: settings.kernel,
      geometry: ConvolutionGeometry(
        stride: settings.stride, paddingLow: settings.padding, paddingHigh: settings.padding,
        dilation: [settings.dilation, settings.dilation], groups: settings.groups),
      style: UnitStyle(hasBias: settings.hasBias))
    return try network.apply(layer, to: x)
  }

  private mutating func normalization(
    _ settings: NormalizationSettings, _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = network.graph.shape(of: x)
    guard settings.kind == .batch else {
      let width = settings.kind == .layer ? shape[shape.rank - 1] : shape[1]
      var (scale, shift): (Value?, Value?)
      if settings.isAffine {
        let name = try takeName([width])
        scale = network.parameter("\(name).weight", [width], .normScale)
        shift = network.parameter("\(name).bias", [width], .normShift)
      }
      return try network.apply { (graph) throws(ShapeError) in
        if case .group(let groups) = settings.kind {
          return try graph.groupNormalization(
            x, groups: groups, scale: scale, shift: shift, epsilon: settings.epsilon)
        }
        return try graph.layerNormalization(
          x, scale: scale, shift: shift, epsilon: settings.epsilon)
      }
    }
    return try network.batchNorm(
      x, takeName([shape[1]]), epsilon: settings.epsilon, momentum: settings.momentum,
      isAffine: settings.isAffine)
  }

  private func pool(
    _ settings: PoolSettings, _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = try requireImages(x, in: network)
    var high = [settings.padding, settings.padding]
    if settings.roundsUp {
      for axis in 0..<2 {
        high[axis] += settings.overhang(shape[axis + 2])
      }
    }
    let window = PoolingWindow(
      size: [settings.size, settings.size], stride: [settings.stride, settings.stride],
      paddingLow: [settings.padding, settings.padding], paddingHigh: high)
    // What sticks out does not count in PyTorch; a border does.
    let countsBorder = high[0] == settings.padding && high[1] == settings.padding
    guard settings.kind == .max || countsBorder || settings.padding == 0 else {
      throw ShapeError("avgpool", "with a border and windows that stick out is not supported")
    }
    return try network.apply { (graph) throws(ShapeError) in
      settings.kind == .max
        ? try graph.maxPool(x, window)
        : try graph.averagePool(x, window, countsBorder: countsBorder)
    }
  }

  private func globalPool(
    _ kind: PoolSettings.Kind, _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = try requireImages(x, in: network)
    guard kind == .max else { return try network.globalAverage(x) }
    let window = PoolingWindow(size: [shape[2], shape[3]], stride: [shape[2], shape[3]])
    return try network.flatten(
      network.apply { (graph) throws(ShapeError) in try graph.maxPool(x, window) })
  }
}

extension PoolSettings {
  /// Pixels behind the border that the last window reaches where it may stick out: PyTorch's `ceil_mode`.
  package func overhang(_ extent: Int) -> Int {
    PoolingWindow.paddingRoundingUp(
      extent, span: size, stride: stride, low: padding, high: padding) - padding
  }
}
