internal import ComputationGraph
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// Loss, gradient and batch statistics of one batch, planned for its size.
struct TrainingStepGraph {
  let executor: GraphExecutor
  let batch: Int
  /// Segments of the parameter layout that the gradient is taken by.
  let segments: [Int]
  /// Where the statistics of each batch norm go, and how many elements they were taken over.
  let statistics: [(mean: Range<Int>, variance: Range<Int>, count: Int)]
  private let network: Network

  /// Builds and plans the graph.
  ///
  /// The gradient is taken by `segments` alone: nothing is propagated below the lowest of them,
  /// and the weight gradients of the others are not computed.
  ///
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError`.
  init(
    _ network: Network, segments: [Int], batch: Int, mode: NormalizationMode,
    execution: BatchExecution, convolution: ConvolutionChoice, pool: WorkerPool
  ) throws {
    var graph = Graph()
    let model = try network.build(batch: batch, mode: mode, in: &graph)
    let targets = graph.input(
      "targets", [batch, network.architecture.classCount], role: .batch)
    let weights = graph.input("weights", [batch, 1], role: .batch)
    let loss = try graph.softmaxCrossEntropy(
      logits: model.logits, targets: targets, weights: weights)
    var outputs = [loss]
    outputs += try graph.gradient(of: loss, by: segments.map { model.parameters[$0] })
    let state = network.stateLayout.segments
    statistics = model.batchStatistics.map {
      (state[$0.meanIndex].range, state[$0.varianceIndex].range, $0.count)
    }
    for statistics in model.batchStatistics { outputs += [statistics.mean, statistics.variance] }
    executor = try GraphExecutor(
      graph, outputs: outputs, sampleOutputs: [model.logits], batch: batch, execution: execution,
      convolution: convolution, pool: pool)
    self.batch = batch
    self.segments = segments
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

  /// Loss, gradient (zero outside the segments) and statistics from the outputs of a run.
  ///
  /// Samples that stand in the batch `repeats` times give no new information about the variance.
  func result(
    _ outputs: [ExecutorOutput], correct: Int, samples: Int, repeats: Int = 1
  ) -> StepGradient {
    var gradient = Vector<Float>(zeros: network.layout.count)
    for (index, segment) in segments.enumerated() {
      gradient.setElements(
        from: network.layout.segments[segment].range.lowerBound, to: outputs[1 + index].elements)
    }
    var batchStatistics: Vector<Float>?
    if !statistics.isEmpty {
      var values = Vector<Float>(zeros: network.stateLayout.count)
      let first = 1 + segments.count
      for (index, place) in statistics.enumerated() {
        values.setElements(
          from: place.mean.lowerBound, to: outputs[first + 2 * index].elements)
        let count = Double(place.count / repeats)
        values.setElements(
          from: place.variance.lowerBound,
          to: outputs[first + 2 * index + 1].elements.scaled(by: count / max(count - 1, 1)))
      }
      batchStatistics = values
    }
    return StepGradient(
      value: RiskValue(loss: outputs[0].scalar, correct: correct, samples: samples),
      gradient: gradient, batchStatistics: batchStatistics)
  }
}
