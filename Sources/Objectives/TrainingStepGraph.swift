internal import ComputationGraph
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// Loss, gradient and batch statistics of one batch, planned for its size.
struct TrainingStepGraph {
  let executor: GraphExecutor
  let batch: Int
  /// Multiplications with additions in the convolutions and matrix products of one run.
  let multiplyAdds: Int
  /// Name and elements of a sample of each dropout layer.
  let dropoutLayers: [(name: String, sampleCount: Int)]
  /// What the gradient is taken by.
  private let support: GradientSupport
  /// Where the statistics of each batch norm go, and how many elements they were taken over.
  let statistics: [(mean: Range<Int>, variance: Range<Int>, count: Int)]
  /// Whether the output for each part holds the rows of its filters alone, at its start.
  private let isRestricted: [Bool]
  private let network: Network

  /// Builds and plans the graph.
  ///
  /// The gradient is taken by `support` alone: nothing is propagated below the lowest tensor in it,
  /// weight gradients of other tensors are not computed, and those of other filters only where
  /// nothing would be saved (see `Graph.restricting`).
  ///
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError`.
  init(
    _ network: Network, support: GradientSupport, batch: Int, mode: NormalizationMode,
    execution: BatchExecution, convolution: ConvolutionChoice, dropsOut: Bool = false,
    pool: WorkerPool
  ) throws {
    var graph = Graph()
    let model = try network.build(batch: batch, mode: mode, dropsOut: dropsOut, in: &graph)
    dropoutLayers = model.dropoutMasks.compactMap { mask in
      guard case .input(let input) = graph[mask].operation else { return nil }
      return (input.name, graph.shape(of: mask).count / batch)
    }
    let targets = graph.input(
      "targets", [batch, network.architecture.classCount], role: .batch)
    let weights = graph.input("weights", [batch, 1], role: .batch)
    let loss = try graph.softmaxCrossEntropy(
      logits: model.logits, targets: targets, weights: weights)
    var outputs = [loss]
    var isRestricted: [Bool] = []
    let gradients = try graph.gradient(
      of: loss, by: support.parts.map { model.parameters[$0.segment] })
    for (part, gradient) in zip(support.parts, gradients) {
      let restricted = try part.filters.flatMap {
        try graph.restricting(gradient, toFilters: $0, block: GraphExecutor.channelBlock)
      }
      outputs.append(restricted ?? gradient)
      isRestricted.append(restricted != nil)
    }
    let state = network.stateLayout.segments
    statistics = model.batchStatistics.map {
      (state[$0.meanIndex].range, state[$0.varianceIndex].range, $0.count)
    }
    for statistics in model.batchStatistics { outputs += [statistics.mean, statistics.variance] }
    executor = try GraphExecutor(
      graph, outputs: outputs, sampleOutputs: [model.logits], batch: batch, execution: execution,
      convolution: convolution, pool: pool)
    self.batch = batch
    self.support = support
    self.isRestricted = isRestricted
    multiplyAdds = graph.multiplyAddCount(of: outputs + [model.logits])
    self.network = network
  }

  /// The pointers of the fixed inputs.
  func fixed(
    parameters: UnsafePointer<Float>, state: UnsafePointer<Float>
  ) -> [UnsafePointer<Float>] {
    executor.fixedInputs.map { name in
      if let segment = network.layout[name] { return parameters + segment.range.lowerBound }
      if let segment = network.stateLayout[name] { return state + segment.range.lowerBound }
      preconditionFailure("input \(name) belongs to no tensor of the network")
    }
  }

  /// Loss, gradient (zero outside the support) and statistics from the outputs of a run.
  ///
  /// Samples that stand in the batch `repeats` times give no new information about the variance.
  func result(
    _ outputs: [ExecutorOutput], correct: Int, samples: Int, repeats: Int = 1
  ) -> StepGradient {
    var gradient = Vector<Float>(zeros: network.layout.count)
    for (index, part) in support.parts.enumerated() {
      let segment = network.layout.segments[part.segment]
      let elements = outputs[1 + index].elements
      guard let filters = part.filters else {
        gradient.setElements(from: segment.range.lowerBound, to: elements)
        continue
      }
      let size = segment.range.count / segment.filterCount
      for (row, filter) in filters.enumerated() {
        let start = (isRestricted[index] ? row : filter) * size
        gradient.setElements(
          from: segment.range.lowerBound + filter * size,
          to: UnsafeBufferPointer(rebasing: elements[start..<start + size]))
      }
    }
    var batchStatistics: Vector<Float>?
    if !statistics.isEmpty {
      var values = Vector<Float>(zeros: network.stateLayout.count)
      let first = 1 + support.parts.count
      for (index, place) in statistics.enumerated() {
        values.setElements(
          from: place.mean.lowerBound, to: outputs[first + 2 * index].elements)
        let count = Double(place.count / repeats)
        let variance = Vector(outputs[first + 2 * index + 1].elements)
        values.setElements(
          from: place.variance.lowerBound, to: variance.scaled(by: count / max(count - 1, 1)))
      }
      batchStatistics = values
    }
    return StepGradient(
      value: RiskValue(loss: outputs[0].scalar, correct: correct, samples: samples),
      gradient: gradient, batchStatistics: batchStatistics,
      multiplyAdds: multiplyAdds * ((samples * repeats + batch - 1) / batch))
  }
}
