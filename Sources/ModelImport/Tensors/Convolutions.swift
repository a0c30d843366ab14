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

/// Convolutions and pooling over images and sequences.
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
    guard (1...2).contains(axes), !weight.isSampled, x.rank > axes else {
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

  /// Largest element of each window.
  mutating func maxPool(
    _ x: LogicalTensor, size: [Int], _ settings: ConvolutionSettings, roundsUp: Bool
  ) throws -> LogicalTensor {
    let axes = size.count
    let settings = try roundedUp(x, size: size, settings, roundsUp: roundsUp)
    if axes == 3 {
      // The largest of a box is that of the largest of its slices.
      let planar = try ConvolutionSettings(
        stride: Array(settings.stride.dropFirst()), low: Array(settings.low.dropFirst()),
        high: Array(settings.high.dropFirst()), dilation: Array(settings.dilation.dropFirst()),
        axes: 2)
      let deep = try ConvolutionSettings(
        stride: [settings.stride[0]], low: [settings.low[0]], high: [settings.high[0]],
        dilation: [settings.dilation[0]], axes: 1)
      guard x.rank >= 4 else { throw Refusal("\(x.shape) are no volumes") }
      let slices = try swapAxes(x, -4, -3)
      let flat = try maxPool(slices, size: Array(size.dropFirst()), planar, roundsUp: false)
      let moved = try swapAxes(swapAxes(flat, -4, -3), -3, -1)
      let pooled = try maxPool(moved, size: [size[0]], deep, roundsUp: false)
      return try swapAxes(pooled, -3, -1)
    }
    let window = try window(size, settings)
    return try images(x, spatialAxes: axes) { graph, images in
      try graph.maxPool(images, window)
    }
  }

  /// Mean of each window; `divisor` replaces the number of elements.
  mutating func averagePool(
    _ x: LogicalTensor, size: [Int], _ settings: ConvolutionSettings, roundsUp: Bool,
    countsBorder: Bool, divisor: Int? = nil
  ) throws -> LogicalTensor {
    let axes = size.count
    if let divisor {
      guard divisor != 0 else { throw Refusal("an average divided by 0") }
      let mean = try averagePool(
        x, size: size, settings, roundsUp: roundsUp, countsBorder: true)
      // With the border all windows have as many elements, but for those that stick out.
      guard try roundedUp(x, size: size, settings, roundsUp: roundsUp).high == settings.high else {
        throw Refusal("windows that stick out of the border, with a divisor")
      }
      return try affine(mean, scale: Double(size.reduce(1, *)) / Double(divisor), shift: 0)
    }
    let rounded = try roundedUp(x, size: size, settings, roundsUp: roundsUp)
    if rounded.high != settings.high, countsBorder,
      (settings.low + settings.high).contains(where: { $0 > 0 })
    {
      // What sticks out is not counted, the border is: as a border of its own.
      let (low, high) = (settings.low, settings.high)
      let lead = [Int](repeating: 0, count: x.rank - axes)
      let padded = try pad(x, low: lead + low, high: lead + high)
      var inner = settings
      inner.low = low.map { _ in 0 }
      inner.high = zip(rounded.high, high).map { $0 - $1 }
      let window = try window(size, inner)
      return try images(padded, spatialAxes: axes) { graph, images in
        try graph.averagePool(images, window, countsBorder: false)
      }
    }
    let counts = countsBorder && rounded.high == settings.high
    let window = try window(size, rounded)
    return try images(x, spatialAxes: axes) { graph, images in
      try graph.averagePool(images, window, countsBorder: counts)
    }
  }

  /// Means over parts of the last axes that divide them as evenly as possible.
  mutating func adaptiveAveragePool(
    _ x: LogicalTensor, sizes: [Int?]
  ) throws -> LogicalTensor {
    guard x.rank >= sizes.count else { throw Refusal("\(x.shape) are no images") }
    let first = x.rank - sizes.count
    let extents = sizes.enumerated().map { $0.element ?? x.shape[first + $0.offset] }
    guard extents.allSatisfy({ $0 >= 1 }), x.count > 0 else { throw Refusal("pooling to \(sizes)") }
    if extents.allSatisfy({ $0 == 1 }) {
      return try mean(x, axes: Array(first..<x.rank), keepsAxes: true)
    }
    let own = Array(x.shape[first...])
    if own == extents { return x }
    if sizes.count <= 2, zip(own, extents).allSatisfy({ $0 % $1 == 0 }) {
      let size = zip(own, extents).map { $0 / $1 }
      return try averagePool(
        x, size: size, ConvolutionSettings(stride: size, axes: size.count), roundsUp: false,
        countsBorder: true)
    }
    var result = x
    for (offset, (extent, parts)) in zip(own, extents).enumerated() where extent != parts {
      let table = (0..<extent).flatMap { pixel in
        (0..<parts).map { part in
          let (start, end) = (part * extent / parts, ((part + 1) * extent + parts - 1) / parts)
          return (start..<end).contains(pixel) ? 1 / Double(end - start) : 0
        }
      }
      result = try product(
        result, axis: first + offset, HostArray(table, shape: [extent, parts], element: .real))
    }
    return result
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

  private func planar(_ settings: ConvolutionSettings, _ axes: Int) -> ConvolutionGeometry {
    func pair(_ values: [Int], _ usual: Int) -> [Int] {
      [Int](repeating: usual, count: 2 - min(axes, 2)) + values.suffix(2)
    }
    return ConvolutionGeometry(
      stride: pair(settings.stride, 1), paddingLow: pair(settings.low, 0),
      paddingHigh: pair(settings.high, 0), dilation: pair(settings.dilation, 1),
      groups: settings.groups)
  }

  private func window(_ size: [Int], _ settings: ConvolutionSettings) throws -> PoolingWindow {
    let geometry = planar(settings, size.count)
    guard size.allSatisfy({ (1..<1 << 20).contains($0) }) else { throw Refusal("a window \(size)") }
    return PoolingWindow(
      size: [Int](repeating: 1, count: 2 - min(size.count, 2)) + size.suffix(2),
      stride: geometry.stride, paddingLow: geometry.paddingLow,
      paddingHigh: geometry.paddingHigh, dilation: geometry.dilation)
  }

  /// Settings whose border lets the last window stick out, but not begin behind all elements.
  private func roundedUp(
    _ x: LogicalTensor, size: [Int], _ settings: ConvolutionSettings, roundsUp: Bool
  ) throws -> ConvolutionSettings {
    guard roundsUp else { return settings }
    guard x.rank > size.count else { throw Refusal("\(x.shape) are no images") }
    var settings = settings
    for axis in size.indices {
      let extent = x.shape[x.rank - size.count + axis]
      let (low, high) = (settings.low[axis], settings.high[axis])
      let span = settings.dilation[axis] * (size[axis] - 1) + 1
      let room = extent + low + high - span
      guard room >= 0 else { continue }
      var count = (room + settings.stride[axis] - 1) / settings.stride[axis] + 1
      if (count - 1) * settings.stride[axis] >= extent + low { count -= 1 }
      let needed = (count - 1) * settings.stride[axis] + span - extent - low
      settings.high[axis] = max(needed, high)
    }
    return settings
  }
}
