internal import ComputationGraph

extension Lowering {
  /// How a division into chunks fits a sum: parts when samples are summed over.
  private func division(_ value: Value, from input: Value) -> KernelDivision {
    guard isSamples(input) else { return .whole }
    return isSamples(value) ? .perChunk : .partialSums
  }

  mutating func lowerReduceSum(_ value: Value, axes: [Int]) throws {
    let input = graph[value].inputs[0]
    let shape = graph.shape(of: input)
    var source = try tensor(input)
    var layout = records[source.index].layout
    let division = division(value, from: input)
    var walk = Self.walk(shape, axes, layout)
    if walk == nil && layout != .plain {
      source = try tensor(input, in: .plain)
      layout = .plain
      walk = Self.walk(shape, axes, .plain)
    }
    let target = allocate(value, layout: .plain)
    let from = source
    let outputCount = graph.shape(of: value).count
    guard let walk, division != .perChunk || walk.isPerSample else {
      // Rare combinations of axes.
      var strides = Shape(graph.shape(of: value).dimensions).strides
      for axis in axes { strides[axis] = 0 }
      let outputStrides = strides
      add(
        Step(
          stage: stageOf(value), reads: [from], writes: [target], label: "sum (general)",
          make: { place in
            GeneralReduceKernel(
              input: place(from), output: place(target), inputShape: shape.dimensions,
              outputStrides: outputStrides, outputCount: outputCount)
          }))
      store(value, as: target)
      return
    }
    let chunkCount = chunks.count
    let samples = batch
    var temporaries: [TensorID] = []
    if division == .partialSums {
      temporaries = [temporary(stageOf(value), count: 2 * outputCount * chunkCount)]
      // Small, and with places of their own several sums go through a chunk without a wait.
      if chunkCount > 1 { records[temporaries[0].index].pinned = true }
    }
    let partials = temporaries.first
    add(
      Step(
        stage: stageOf(value), reads: [from], writes: [target], temporaries: temporaries,
        label: "sum",
        make: { place in
          ReduceKernel(
            division: division, input: place(from), output: place(target),
            planes: division == .whole ? walk.planes : walk.planes / samples,
            planeCount: walk.planeCount, pattern: walk.pattern, divisor: walk.divisor,
            modulus: walk.modulus, outputCount: outputCount,
            partials: partials.map { place($0).place })
        }))
    store(value, as: target)
  }

  /// A walk over planes that does a sum; see `ReduceKernel`.
  private struct Walk {
    var planes: Int
    var planeCount: Int
    var pattern: Int
    var divisor: Int
    var modulus: Int
    /// Each element of the result belongs to one sample.
    var isPerSample: Bool
  }

  private static func walk(_ shape: Shape, _ axes: [Int], _ layout: TensorLayout) -> Walk? {
    let rank = shape.rank
    let block = layout.block
    // Axes of extent 1 may count as summed or not.
    let summed = (0..<rank).map { axes.contains($0) }
    if rank == 4, layout != .plain || axes == [0, 2, 3] || axes == [2, 3] {
      let planes = shape[0] * shape[1] / block
      let planeCount = shape[2] * shape[3] * block
      switch axes {
      case [0, 2, 3]:
        return Walk(
          planes: planes, planeCount: planeCount, pattern: block, divisor: 1,
          modulus: shape[1] / block, isPerSample: false)
      case [2, 3]:
        return Walk(
          planes: planes, planeCount: planeCount, pattern: block, divisor: 1, modulus: planes,
          isPerSample: true)
      case [1, 2, 3]:
        return Walk(
          planes: planes, planeCount: planeCount, pattern: 1, divisor: shape[1] / block,
          modulus: shape[0], isPerSample: true)
      case [0, 1, 2, 3]:
        return Walk(
          planes: planes, planeCount: planeCount, pattern: 1, divisor: planes, modulus: 1,
          isPerSample: false)
      default: return nil
      }
    }
    guard layout == .plain, rank > 0 else { return nil }
    if summed.allSatisfy({ $0 }) {
      return Walk(
        planes: shape[0], planeCount: shape.count / max(shape[0], 1), pattern: 1,
        divisor: shape[0], modulus: 1, isPerSample: false)
    }
    if let first = summed.firstIndex(of: true), summed[first...].allSatisfy({ $0 }) {
      let planes = shape.dimensions.prefix(first).reduce(1, *)
      return Walk(
        planes: planes, planeCount: shape.count / max(planes, 1), pattern: 1, divisor: 1,
        modulus: planes, isPerSample: true)
    }
    if let last = summed.lastIndex(of: true), summed[...last].allSatisfy({ $0 }) {
      let planes = shape.dimensions.prefix(last + 1).reduce(1, *)
      let planeCount = shape.count / max(planes, 1)
      return Walk(
        planes: planes, planeCount: planeCount, pattern: planeCount, divisor: planes, modulus: 1,
        isPerSample: false)
    }
    return nil
  }

  mutating func lowerSoftmax(_ value: Value, _ result: SoftmaxKernel.Result) throws {
    let input = graph[value].inputs[0]
    let source = try tensor(input, in: .plain)
    let shape = graph.shape(of: input)
    let target = allocate(value, layout: .plain)
    let columns = shape[shape.rank - 1]
    let rows = shape.count / max(columns, 1)
    let division = division(value)
    let perSample = division == .perChunk ? rows / batch : rows
    add(
      Step(
        stage: stageOf(value), reads: [source], writes: [target], label: "softmax",
        make: { place in
          SoftmaxKernel(
            division: division, result: result, input: place(source), output: place(target),
            rows: perSample, columns: columns)
        }))
    store(value, as: target)
  }

  mutating func lowerPooling(
    _ value: Value, _ function: PoolingKernel.Function, _ window: PoolingWindow, images: Value,
    countsBorder: Bool = true
  ) throws {
    let node = graph[value]
    let imageShape = graph.shape(of: images)
    guard isSamples(value) else { throw PlanError("pooling of a tensor without samples") }
    let smallShape = try window.outputShape(imageShape)
    // Images and result must be blocked alike; 1x1 results are stored plain, which is the same.
    let layout = self.layout(of: images)
    let small: TensorLayout = smallShape[2] * smallShape[3] > 1 ? layout : .plain
    let toImages = function == .scatter || function == .spread
    let values = try tensor(node.inputs[0], in: toImages ? small : layout)
    let reference =
      node.inputs.count > 1 ? try tensor(node.inputs[1], in: layout) : values
    let target = allocate(value, layout: toImages ? layout : small)
    let block = layout.block
    add(
      Step(
        stage: stageOf(value), reads: [values, reference], writes: [target], rows: rows(value),
        label: "pooling",
        make: { place in
          PoolingKernel(
            function, window, countsBorder: countsBorder, values: place(values),
            reference: place(reference), output: place(target), image: imageShape,
            pooled: smallShape, block: block)
        }))
    store(value, as: target)
  }
}
