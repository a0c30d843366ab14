internal import ComputationGraph
internal import NumericKernels

/// How a plan treats its batch.
package enum BatchExecution: Hashable, Sendable {
  /// The graph's batch is one micro-batch of many; results are sums over all of them.
  case microBatches
  /// The graph's batch is everything; kernels divide it into chunks of about `chunk` samples.
  case wholeBatch(chunk: Int)
}

/// Which convolution algorithms may be used.
public enum ConvolutionChoice: String, Hashable, Sendable, Codable, CaseIterable {
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
  var packedMatrices: [PackedMatrixKey: TensorID] = [:]
  var winogradFilters: [WinogradFilterKey: TensorID] = [:]
  var packedTaps: [WinogradFilterKey: TensorID] = [:]
  /// Filter gradients, and sums of those, that are sorted when they are first read.
  var unsortedGradients: [Value: FilterGradientOrder] = [:]
  var primitiveCache: [ConvolutionConfiguration: ConvolutionPrimitive] = [:]
  /// Inputs of the graph in the order in which they are bound.
  let inputs: [Value]

  /// Filters of a value in the layout of one primitive.
  struct PackedFilterKey: Hashable {
    let filter: Value
    let signature: ObjectIdentifier
  }

  init(
    _ graph: Graph, passes: [ExecutorPass], batch: Int, execution: BatchExecution,
    choice: ConvolutionChoice, block: Int? = nil
  ) throws {
    let outputs = passes.flatMap(\.values)
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
    // What a later pass computes waits for its inputs; what no direction changes is kept for others.
    let firstPass = Self.firstPasses(graph, passes)
    let dependsOnDirection = graph.dependence(
      on: graph.inputs.filter { $0.role == .direction }.map(\.value))
    fusion = FusionPlan(
      graph, values: values, kept: Set(outputs).union(analysis.frontier),
      stage: { Self.stage($0, analysis, wholeBatch: wholeBatch) },
      prefix: { Self.prefix($0, graph, analysis) },
      block: { Self.layout($0, graph, analysis, block: block).block },
      isInRows: {
        analysis.dependence[$0.index] == .samples && graph.shape(of: $0).rank >= 2
          && !analysis.images.contains($0)
      },
      rowKind: { (firstPass[$0.index] ?? 0) << 1 | (dependsOnDirection[$0.index] ? 1 : 0) },
      role: { Self.role($0, graph, analysis, rule) })
    stageOf = { Self.stage($0, analysis, wholeBatch: wholeBatch) }
    for (number, input) in inputs.enumerated() {
      let id = record(.external(number), count: graph.shape(of: input).count, layout: .plain)
      stored[input] = id
    }
    for fused in fusion.order(values) {
      switch fused {
      case .value(let value):
        try lower(value)
        if analysis.frontier.contains(value) { try addSum(value) }
      case .rows(let number): try lowerRows(fusion.rows.regions[number])
      }
    }
    for output in outputs { records[try tensor(output, in: .plain).index].pinned = true }
    try moveTangentsForward()
    pinAcrossStages()
  }

  let stageOf: (Value) -> Stage

  /// The first pass that needs each value, by its index.
  private static func firstPasses(_ graph: Graph, _ passes: [ExecutorPass]) -> [Int: Int] {
    var first: [Int: Int] = [:]
    for (number, pass) in passes.enumerated().reversed() {
      for value in graph.reachable(from: pass.values) { first[value.index] = number }
    }
    return first
  }

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

  /// What a product is to the samples; nil for other operations.
  private static func role(
    _ value: Value, _ graph: Graph, _ analysis: BatchAnalysis, _ rule: ConvolutionRule
  ) -> ProductRole? {
    let isOurs = rule.implementation(of: value, in: graph) != .direct
    switch graph[value].operation {
    case .convolution: return .ofSamples(isOurs ? .everything : .sums)
    // oneDNN fuses nothing into an input gradient.
    case .convolutionInputGradient: return .ofSamples(isOurs ? .everything : .nothing)
    case .convolutionFilterGradient: return .sumOverSamples(takesTerms: isOurs)
    case .matrixProduct: return matrixProductRole(value, graph, analysis)
    default: return nil
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
    guard let order = unsortedGradients.removeValue(forKey: value) else { return id }
    let sorted = sortFilterGradient(id, of: value, order)
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
}
