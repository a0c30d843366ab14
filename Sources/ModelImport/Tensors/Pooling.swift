internal import ComputationGraph

/// Pooling over images, sequences and volumes.
extension TensorBuilder {
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

  /// Places of the largest elements of each window among all elements, whose order is that of C, or has
  /// the columns of each image one after the other.
  mutating func maxPoolPlaces(
    _ x: LogicalTensor, size: [Int], _ settings: ConvolutionSettings, roundsUp: Bool,
    columnsFirst: Bool = false
  ) throws -> LogicalTensor {
    guard size.count <= 2 else { throw Refusal("places in windows along \(size.count) axes") }
    try Extents.count(x.shape, known: true)
    let window = try window(size, roundedUp(x, size: size, settings, roundsUp: roundsUp))
    var order = Array(0..<x.rank)
    if columnsFirst {
      order.replaceSubrange((x.rank - size.count)..., with: order.suffix(size.count).reversed())
    }
    let numbered = LogicalTensor(
      HostArray(
        (0..<x.count).map { Double($0) }, shape: order.map { x.shape[$0] }, element: .integer))
    let places = try permute(numbered, order)
    let numbers = x.isSampled ? try sampled(places) : try whole(places)
    return try images(x, spatialAxes: size.count, element: .integer) { graph, images in
      let stack = try graph.reshape(numbers, to: graph.shape(of: images))
      return try graph.maxPoolSelect(stack, at: images, window)
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
    if axes == 3 {
      // How many elements count is a product over the axes, so the mean is one of means.
      guard x.rank > axes else { throw Refusal("\(x.shape) are no volumes") }
      var result = x
      for axis in 0..<axes {
        let own = try ConvolutionSettings(
          stride: [settings.stride[axis]], low: [settings.low[axis]], high: [settings.high[axis]],
          dilation: [settings.dilation[axis]], axes: 1)
        let place = x.rank - axes + axis
        let moved = try swapAxes(result, place, -1)
        let pooled = try averagePool(
          moved, size: [size[axis]], own, roundsUp: roundsUp, countsBorder: countsBorder)
        result = try swapAxes(pooled, place, -1)
      }
      return result
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
      try Extents.known(extent, parts)
      let means = EvenParts.means(of: extent, in: parts)
      result = try product(
        result, axis: first + offset, HostArray(means, shape: [extent, parts], element: .real))
    }
    return result
  }

  // MARK: - Windows

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
    guard size.allSatisfy({ (1..<1 << 20).contains($0) }) else { throw Refusal("a window \(size)") }
    guard roundsUp else { return settings }
    guard x.rank > size.count else { throw Refusal("\(x.shape) are no images") }
    var settings = settings
    for axis in size.indices {
      let extent = x.shape[x.rank - size.count + axis]
      settings.high[axis] = PoolingWindow.paddingRoundingUp(
        extent, span: settings.dilation[axis] * (size[axis] - 1) + 1,
        stride: settings.stride[axis], low: settings.low[axis], high: settings.high[axis])
    }
    return settings
  }
}
