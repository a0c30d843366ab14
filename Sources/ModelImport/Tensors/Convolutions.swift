internal import ComputationGraph
internal import NeuralNetworks

/// How a convolution of a program lies, along each of its spatial axes.
struct ConvolutionSettings {
  var stride: [Int]
  var low: [Int]
  var high: [Int]
  var dilation: [Int]
  var groups: Int

  init(
    stride: [Int]? = nil, low: [Int]? = nil, high: [Int]? = nil, dilation: [Int]? = nil,
    groups: Int = 1, axes: Int
  ) throws {
    func all(_ values: [Int]?, _ usual: Int) throws -> [Int] {
      guard let values, !values.isEmpty else { return [Int](repeating: usual, count: axes) }
      if values.count == 1 { return [Int](repeating: values[0], count: axes) }
      guard values.count == axes else { throw Refusal("\(values) for \(axes) spatial axes") }
      return values
    }
    self.stride = try all(stride, 1)
    self.low = try all(low, 0)
    self.high = try high.map { try all($0, 0) } ?? self.low
    self.dilation = try all(dilation, 1)
    self.groups = groups
    guard self.stride.allSatisfy({ (1..<1 << 20).contains($0) }),
      self.dilation.allSatisfy({ (1..<1 << 20).contains($0) }),
      (self.low + self.high).allSatisfy({ abs($0) < 1 << 20 }), (1..<1 << 20).contains(groups)
    else { throw Refusal("sizes of a window out of range") }
  }
}

/// Convolutions of images, sequences and volumes.
extension TensorBuilder {
  /// A function of images `[rows, c, h, w]`, applied to the last three axes of a tensor.
  ///
  /// Sequences `[.., c, w]` are images of height 1.
  mutating func images(
    _ x: LogicalTensor, spatialAxes: Int, element: ProgramElement = .real,
    _ body: (inout Graph, Value) throws -> Value
  ) throws -> LogicalTensor {
    guard x.rank > spatialAxes else { throw Refusal("\(x.shape) are no images") }
    guard (1...2).contains(spatialAxes) else {
      throw Refusal("windows along \(spatialAxes) axes")
    }
    guard x.count > 0 else { throw Refusal("images \(x.shape) without pixels") }
    let lead = Array(x.shape.dropLast(spatialAxes + 1))
    let (value, isSampled) = try lift(x)
    let rows = lead.reduce(1, *) * (isSampled ? batch : 1)
    let channels = x.shape[lead.count]
    let spatial =
      [Int](repeating: 1, count: 2 - spatialAxes) + x.shape.suffix(spatialAxes)
    let stack = try reshape(value, to: Shape([rows, channels] + spatial))
    let result = try body(&graph, stack)
    let extents = graph.shape(of: result).dimensions
    try Extents.count(extents)
    return try tensor(
      result, isSampled: isSampled,
      shape: lead + [extents[1]] + extents.suffix(spatialAxes), element: element)
  }

  /// Cross-correlation with filters `[o, c / groups, ..]`, and a bias per channel.
  mutating func convolution(
    _ x: LogicalTensor, _ weight: LogicalTensor, bias: LogicalTensor?,
    _ settings: ConvolutionSettings
  ) throws -> LogicalTensor {
    note(weight, .weight)
    note(bias, .bias)
    let axes = weight.rank - 2
    guard !weight.isSampled else { throw Refusal("filters that depend on the sample") }
    var x = x
    guard x.rank > axes, axes >= 1, x.count > 0 else {
      throw Refusal("a convolution of \(x.shape) with filters \(weight.shape)")
    }
    if (settings.low + settings.high).contains(where: { $0 < 0 }) {
      throw Refusal("negative padding of a convolution")
    }
    if axes == 3 { return try volumes(x, weight, bias: bias, settings) }
    // Known images would be constants of the graph.
    if x.host != nil {
      x = LogicalTensor(try lift(x).value, isSampled: false, shape: x.shape, element: .real)
    }
    let filters = try reshape(lift(weight).value, to: planar(weight.shape, axes))
    let geometry = planar(settings, axes)
    let perChannel = try bias.map { try lift($0).value }
    return try images(x, spatialAxes: axes) { graph, images in
      let result = try graph.convolution(images, filters, geometry)
      return try perChannel.map { try graph.addPerChannel(result, $0) } ?? result
    }
  }

  /// Cross-correlation of volumes `[.., c, d, h, w]`: for each depth of the filters a convolution of all
  /// slices, added up.
  private mutating func volumes(
    _ x: LogicalTensor, _ weight: LogicalTensor, bias: LogicalTensor?,
    _ settings: ConvolutionSettings
  ) throws -> LogicalTensor {
    let depth = x.rank - 3
    let lead = [Int](repeating: 0, count: depth)
    let padded = try pad(
      x, low: lead + [settings.low[0], 0, 0], high: lead + [settings.high[0], 0, 0])
    let room = padded.shape[depth] - settings.dilation[0] * (weight.shape[2] - 1) - 1
    guard room >= 0 else { throw Refusal("filters \(weight.shape) larger than \(x.shape)") }
    let count = room / settings.stride[0] + 1
    // Slices as images: [.., d, c, h, w].
    let slices = try swapAxes(padded, depth - 1, depth)
    var planar = settings
    planar.stride.removeFirst()
    planar.low.removeFirst()
    planar.high.removeFirst()
    planar.dilation.removeFirst()
    try Extents.parts(weight.shape[2])
    var total: LogicalTensor?
    for tap in 0..<weight.shape[2] {
      let part = try slice(
        slices, axis: depth - 1, start: tap * settings.dilation[0], count: count,
        step: settings.stride[0])
      let filters = try select(weight, axis: 2, index: tap)
      let term = try convolution(part, filters, bias: tap == 0 ? bias : nil, planar)
      total = try total.map { try add($0, term) } ?? term
    }
    guard let total else { throw Refusal("filters \(weight.shape) without depth") }
    return try swapAxes(total, depth - 1, depth)
  }

  /// The adjoint of a convolution in its images, with filters `[c, o / groups, ..]`.
  mutating func transposedConvolution(
    _ x: LogicalTensor, _ weight: LogicalTensor, bias: LogicalTensor?,
    _ settings: ConvolutionSettings, outputPadding: [Int]
  ) throws -> LogicalTensor {
    let axes = weight.rank - 2
    note(weight, .weight, filterAxis: 1)
    note(bias, .bias)
    guard (1...2).contains(axes), !weight.isSampled, x.rank > axes,
      outputPadding.allSatisfy({ (0..<1 << 20).contains($0) }),
      outputPadding.count <= 1 || outputPadding.count == axes
    else {
      throw Refusal("a transposed convolution of \(x.shape) with filters \(weight.shape)")
    }
    let outputs = weight.shape[1] * settings.groups
    let extents = try (0..<axes).map { axis in
      let extent =
        (x.shape[x.rank - axes + axis] - 1) * settings.stride[axis] - settings.low[axis]
        - settings.high[axis] + settings.dilation[axis] * (weight.shape[axis + 2] - 1)
        + (outputPadding.count == axes ? outputPadding[axis] : outputPadding.first ?? 0) + 1
      guard extent >= 1 else { throw Refusal("a transposed convolution without pixels") }
      return extent
    }
    let filters = try reshape(lift(weight).value, to: planar(weight.shape, axes))
    let geometry = planar(settings, axes)
    let size = [Int](repeating: 1, count: 2 - axes) + extents
    let perChannel = try bias.map { try lift($0).value }
    return try images(x, spatialAxes: axes) { graph, images in
      let result = try graph.convolutionInputGradient(
        images, filters, geometry, input: Shape([graph.shape(of: images)[0], outputs] + size))
      return try perChannel.map { try graph.addPerChannel(result, $0) } ?? result
    }
  }

  /// An axis multiplied by a known matrix `[extent, new extent]`.
  mutating func product(
    _ x: LogicalTensor, axis: Int, _ matrix: HostArray
  ) throws -> LogicalTensor {
    try along(x, axis) { builder, x in
      try builder.matrixProduct(x, LogicalTensor(matrix))
    }
  }

  // MARK: - Geometry

  private func planar(_ shape: [Int], _ axes: Int) -> Shape {
    Shape(
      Array(shape.prefix(2)) + [Int](repeating: 1, count: 2 - min(axes, 2)) + shape.dropFirst(2))
  }

  func planar(_ settings: ConvolutionSettings, _ axes: Int) -> ConvolutionGeometry {
    func pair(_ values: [Int], _ usual: Int) -> [Int] {
      [Int](repeating: usual, count: 2 - min(axes, 2)) + values.suffix(2)
    }
    return ConvolutionGeometry(
      stride: pair(settings.stride, 1), paddingLow: pair(settings.low, 0),
      paddingHigh: pair(settings.high, 0), dilation: pair(settings.dilation, 1),
      groups: settings.groups)
  }
}
