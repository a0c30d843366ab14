internal import ComputationGraph
internal import WinogradConvolutions

/// How a plan treats its batch.
package enum BatchExecution: Hashable, Sendable {
  /// The graph's batch is one micro-batch of many; results are sums over all of them.
  case microBatches
  /// The graph's batch is everything; kernels divide it into chunks of about `chunk` samples.
  case wholeBatch(chunk: Int)
}

/// Which convolution algorithms may be used.
package enum ConvolutionChoice: String, Hashable, Sendable, Codable, CaseIterable {
  /// By a fixed rule on shapes.
  case automatic
  /// Never Winograd.
  case direct
}

/// Turns a graph into steps with kernels; memory is laid out afterwards.
struct Lowering {
  let graph: Graph
  let analysis: BatchAnalysis
  let fusion: FusionPlan
  let values: [Value]
  let batch: Int
  let chunks: [SampleChunk]
  let rule: ConvolutionRule
  /// Channels in a block of image tensors.
  let block: Int

  var records: [TensorRecord] = []
  var steps: [Step] = []
  /// The frontier in the order in which it is computed.
  private(set) var sums: [SampleSum] = []
  private var stored: [Value: TensorID] = [:]
  private var converted: [Value: [TensorLayout: TensorID]] = [:]
  private var packedFilters: [PackedFilterKey: TensorID] = [:]
  var winogradFilters: [WinogradFilterKey: TensorID] = [:]
  /// Filter gradients whose sums over micro-batches are in strips; sorted when they are first read.
  var stripSums: [Value: WinogradConvolution] = [:]
  var primitiveCache: [ConvolutionConfiguration: ConvolutionPrimitive] = [:]
  /// Inputs of the graph in the order in which they are bound.
  let inputs: [Value]

  /// Filters of a value in the layout of one primitive.
  struct PackedFilterKey: Hashable {
    let filter: Value
    let signature: ObjectIdentifier
  }

  init(
    _ graph: Graph, outputs: [Value], batch: Int, execution: BatchExecution,
    choice: ConvolutionChoice, block: Int? = nil
  ) throws {
    self.graph = graph
    self.batch = batch
    let block = block ?? GraphExecutor.channelBlock
    self.block = block
    let rule = ConvolutionRule(choice: choice, block: block)
    self.rule = rule
    guard batch >= 1 else { throw PlanError("a plan needs a batch of at least one sample") }
    let values = graph.reachable(from: outputs)
    self.values = values
    var wholeBatch = false
    switch execution {
    case .microBatches: chunks = [SampleChunk(index: 0, start: 0, count: batch)]
    case .wholeBatch(let chunk):
      wholeBatch = true
      let count = max(1, (batch + chunk / 2) / max(chunk, 1))
      // Near-equal chunks, so that no thread waits for a short last one.
      chunks = (0..<count).map { index in
        let start = batch * index / count
        return SampleChunk(index: index, start: start, count: batch * (index + 1) / count - start)
      }
    }
    let analysis = try BatchAnalysis(
      graph, values: values, outputs: outputs, batch: batch, wholeBatch: wholeBatch)
    self.analysis = analysis
    inputs = values.filter { if case .input = graph[$0].operation { true } else { false } }
    fusion = FusionPlan(
      graph, values: values, kept: Set(outputs).union(analysis.frontier),
      stage: { Self.stage($0, analysis, wholeBatch: wholeBatch) },
      prefix: { Self.prefix($0, graph, analysis) },
      block: { Self.layout($0, graph, analysis, block: block).block },
      implementation: { rule.implementation(of: $0, in: graph) })
    stageOf = { Self.stage($0, analysis, wholeBatch: wholeBatch) }
    for (number, input) in inputs.enumerated() {
      let id = record(.external(number), count: graph.shape(of: input).count, layout: .plain)
      stored[input] = id
    }
    for value in values {
      try lower(value)
      if analysis.frontier.contains(value) { try addSum(value) }
    }
    for output in outputs { records[try tensor(output, in: .plain).index].pinned = true }
    try moveTangentsForward()
    pinAcrossStages()
  }

  let stageOf: (Value) -> Stage

  /// When a value is computed.
  private static func stage(
    _ value: Value, _ analysis: BatchAnalysis, wholeBatch: Bool
  ) -> Stage {
    switch analysis.dependence[value.index] {
    case .fixed: .shared
    case .samples: .sample
    case .reduced:
      wholeBatch || analysis.frontier.contains(value) || analysis.summands.contains(value)
        ? .sample : .epilogue
    }
  }

  /// Number of leading axes that elementwise kernels count as planes.
  static func prefix(_ value: Value, _ graph: Graph, _ analysis: BatchAnalysis) -> Int {
    let rank = graph.shape(of: value).rank
    guard analysis.dependence[value.index] == .samples else { return min(1, rank) }
    // Channels of images; otherwise rows along the last axis, which norms and softmax work on.
    return analysis.images.contains(value) ? 2 : max(1, rank - 1)
  }

  /// Layout that a value is stored in.
  func layout(of value: Value) -> TensorLayout {
    Self.layout(value, graph, analysis, block: block)
  }

  private static func layout(
    _ value: Value, _ graph: Graph, _ analysis: BatchAnalysis, block: Int
  ) -> TensorLayout {
    let shape = graph.shape(of: value)
    guard analysis.images.contains(value), shape[1] % block == 0, shape[2] * shape[3] > 1 else {
      return .plain
    }
    return .blocked(block)
  }

  func isSamples(_ value: Value) -> Bool { analysis.dependence[value.index] == .samples }

  /// Rows of each sample in a value that belongs to samples, otherwise 1.
  func rows(_ value: Value) -> Int { isSamples(value) ? graph.shape(of: value)[0] / batch : 1 }

  /// How a kernel whose result is `value` may be divided.
  func division(_ value: Value) -> KernelDivision { isSamples(value) ? .perChunk : .whole }

  // MARK: - Tensors

  mutating func record(
    _ residence: TensorRecord.Residence, count: Int, layout: TensorLayout
  ) -> TensorID {
    records.append(TensorRecord(residence: residence, count: count, layout: layout))
    return TensorID(index: records.count - 1)
  }

  /// Memory for a value in its stage's space.
  mutating func allocate(_ value: Value, layout: TensorLayout? = nil) -> TensorID {
    record(
      .space(stageOf(value).space), count: graph.shape(of: value).count,
      layout: layout ?? self.layout(of: value))
  }

  mutating func temporary(_ stage: Stage, count: Int) -> TensorID {
    record(.space(stage.space), count: count, layout: .plain)
  }

  mutating func store(_ value: Value, as tensor: TensorID) { stored[value] = tensor }

  /// The memory of a value as it was stored.
  mutating func tensor(_ value: Value) throws -> TensorID {
    guard let id = stored[value] else {
      throw PlanError("internal: \(graph[value].operation) has no memory")
    }
    guard let convolution = stripSums.removeValue(forKey: value) else { return id }
    let sorted = sortFilterGradient(id, of: convolution)
    store(value, as: sorted)
    return sorted
  }

  /// The memory of a value in a layout, converted once if it is stored in another.
  mutating func tensor(_ value: Value, in layout: TensorLayout) throws -> TensorID {
    let id = try tensor(value)
    if records[id.index].layout == layout { return id }
    if let known = converted[value]?[layout] { return known }
    let shape = graph.shape(of: value).dimensions
    let copy = allocate(value, layout: layout)
    let from = records[id.index].layout
    let division = division(value)
    add(
      Step(
        stage: stageOf(value), reads: [id], writes: [copy], rows: rows(value), label: "reorder",
        make: { place in
          CopyKernel(
            division: division, source: place(id), target: place(copy),
            targetOffsets: CopyKernel.offsets(shape, layout),
            sourceOffsets: CopyKernel.offsets(shape, from))
        }))
    converted[value, default: [:]][layout] = copy
    return copy
  }

  mutating func add(_ step: Step) { steps.append(step) }

  /// Filters packed for a primitive, once for all convolutions that use them so.
  mutating func packedFilter(
    _ filter: Value, for primitive: ConvolutionPrimitive
  ) throws -> TensorID {
    let key = PackedFilterKey(filter: filter, signature: ObjectIdentifier(primitive))
    if let known = packedFilters[key] { return known }
    let plain = try tensor(filter, in: .plain)
    let stage = stageOf(filter)
    let packed = record(
      .space(stage.space), count: primitive.filterCount, layout: .plain)
    add(
      Step(
        stage: stage, reads: [plain], writes: [packed], label: "pack filter",
        make: { PackFilterKernel(primitive: primitive, filter: $0(plain), packed: $0(packed)) }))
    packedFilters[key] = packed
    return packed
  }

  /// Lets the step that computes a micro-batch's summand deliver it, and all others read the sum.
  private mutating func addSum(_ value: Value) throws {
    guard let summand = stored[value], records[summand.index].layout == .plain,
      let step = steps.lastIndex(where: { $0.writes.contains(summand) })
    else { throw PlanError("internal: \(graph[value].operation) is no sum over samples") }
    let total = record(
      .space(.epilogue), count: records[summand.index].count, layout: .plain)
    steps[step].delivers.append(sums.count)
    sums.append(SampleSum(value: value, summand: summand, total: total))
    store(value, as: total)
  }

  /// Tensors that a later stage reads keep their memory.
  private mutating func pinAcrossStages() {
    var origin: [TensorID: Stage] = [:]
    for step in steps {
      for tensor in step.reads where origin[tensor] != nil && origin[tensor] != step.stage {
        records[tensor.index].pinned = true
      }
      for tensor in step.writes { origin[tensor] = step.stage }
    }
  }

  // MARK: - Operations

  private mutating func lower(_ value: Value) throws {
    if fusion.inlined.contains(value) || fusion.absorbed.contains(value)
      || fusion.virtual.contains(value)
    {
      return
    }
    if let chain = fusion.chains[value] {
      try lowerConvolution(chain, result: value)
      return
    }
    if let terms = fusion.gradientSums[value] {
      try lowerWinogradFilterGradient(terms, result: value)
      return
    }
    let node = graph[value]
    switch node.operation {
    case .input: break
    case .constant(let p):
      let target = allocate(value)
      let count = node.shape.count
      add(
        Step(
          stage: stageOf(value), reads: [], writes: [target], label: "fill",
          make: { FillKernel(target: $0(target), count: count, value: Float(p.value)) }))
      store(value, as: target)
    case .tensor(let p):
      let target = allocate(value)
      let elements = p.elements.map { Float($0) }
      add(
        Step(
          stage: stageOf(value), reads: [], writes: [target], label: "store",
          make: { StoreKernel(target: $0(target), elements: elements) }))
      store(value, as: target)
    case .add, .multiply, .affine, .unary, .gate: try lowerElementwise(value)
    case .detach: store(value, as: try tensor(node.inputs[0]))
    case .reshape: try lowerReshape(value)
    case .broadcast, .transpose, .slice, .pad, .concatenate: try lowerCopy(value)
    case .gather(let p): try lowerGather(value, p)
    case .scatter(let p): try lowerScatter(value, p)
    case .take(let p): try lowerTake(value, p)
    case .scatterAdd(let p): try lowerScatterAdd(value, p)
    case .reduceSum(let p): try lowerReduceSum(value, axes: p.axes)
    case .matrixProduct(let p) where node.shape.rank > 2: try lowerMatrixStackProduct(value, p)
    case .matrixProduct(let p): try lowerMatrixProduct(value, p)
    case .convolution, .convolutionInputGradient:
      try lowerConvolution(FusionPlan.ConvolutionChain(convolutions: [value]), result: value)
    case .convolutionFilterGradient(let p): try lowerFilterGradient(value, p)
    case .softmax: try lowerSoftmax(value, .probabilities)
    case .logSoftmax: try lowerSoftmax(value, .logarithms)
    case .logSumExp: try lowerSoftmax(value, .logarithmOfSum)
    case .maxPool(let p): try lowerPooling(value, .maximum, p.window, images: node.inputs[0])
    case .maxPoolSelect(let p):
      try lowerPooling(value, .select, p.window, images: node.inputs[1])
    case .maxPoolScatter(let p):
      try lowerPooling(value, .scatter, p.window, images: node.inputs[1])
    case .averagePool(let p):
      try lowerPooling(
        value, .average, p.window, images: node.inputs[0], countsBorder: p.countsBorder)
    case .averagePoolGradient(let p):
      try lowerPooling(value, .spread, p.window, images: value, countsBorder: p.countsBorder)
    }
  }
}
