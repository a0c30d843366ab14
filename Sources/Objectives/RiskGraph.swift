internal import ComputationGraph
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// What is computed over the samples.
enum RiskQuantity: Hashable {
  /// Mean loss.
  case loss
  /// Mean loss and its gradient.
  case gradient
  /// Product of the Hessian of the mean loss with a direction.
  case hessianProduct
  /// Product of the generalised Gauss-Newton matrix with a direction.
  case gaussNewtonProduct
  /// Product of `1/N sum_n g_n g_n^T` with a direction, g_n the gradient of one sample's loss.
  case fisherProduct
  /// Mean and variance of every batch norm's input over the batch.
  case batchStatistics
}

/// The graph of a quantity for one batch and the executor that runs it.
struct RiskGraph {
  let network: Network
  let executor: GraphExecutor
  let batch: Int
  /// Elements per channel that each batch norm's statistics were taken over.
  let statisticsCounts: [Int]

  /// Directions that the graph takes at once.
  let directionCount: Int

  /// Name of the input that holds a direction of a parameter.
  private static func directionName(_ parameter: String, _ number: Int) -> String {
    "direction\(number)/" + parameter
  }

  /// Builds and plans the graph.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - quantity: What is computed.
  ///   - batch: Samples in one run.
  ///   - mode: Which statistics batch norms use.
  ///   - segments: Tensors that are differentiated by, ascending; nil for all. Gradients and
  ///     products have one output for each.
  ///   - directionCount: Directions of a product; what does not depend on them is computed once
  ///     for all. The outputs of the first direction come first.
  ///   - execution: Micro-batches or the whole batch.
  ///   - convolution: Which algorithms may be used.
  ///   - keepsValues: Whether what does not depend on directions may be kept between products.
  ///   - pool: The threads.
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError`.
  init(
    _ network: Network, _ quantity: RiskQuantity, batch: Int, mode: NormalizationMode,
    segments: [Int]? = nil, directionCount: Int = 1, execution: BatchExecution,
    convolution: ConvolutionChoice, keepsValues: Bool = false, pool: WorkerPool
  ) throws {
    var graph = Graph()
    let model = try network.build(batch: batch, mode: mode, in: &graph)
    let classes = network.architecture.classCount
    let targets = graph.input("targets", [batch, classes], role: .batch)
    let weights = graph.input("weights", [batch, 1], role: .batch)
    let loss = try graph.softmaxCrossEntropy(
      logits: model.logits, targets: targets, weights: weights)
    let chosen = segments ?? Array(model.parameters.indices)
    let sources = chosen.map { model.parameters[$0] }
    var directions: [[(value: Value, tangent: Value)]] = []
    switch quantity {
    case .loss, .gradient, .batchStatistics: break
    case .hessianProduct, .gaussNewtonProduct, .fisherProduct:
      for number in 0..<directionCount {
        directions.append(
          zip(chosen, sources).map { index, parameter in
            let segment = network.layout.segments[index]
            let name = Self.directionName(segment.name, number)
            return (parameter, graph.input(name, segment.shape, role: .direction))
          })
      }
    }
    var outputs: [Value] = []
    switch quantity {
    case .loss: outputs = [loss]
    case .gradient: outputs = [loss] + (try graph.gradient(of: loss, by: sources))
    case .hessianProduct:
      let gradient = try graph.gradient(of: loss, by: sources)
      for direction in directions { outputs += try graph.tangent(of: gradient, along: direction) }
    case .gaussNewtonProduct:
      // J^T (H_loss (J v)): the Hessian of the loss in the logits alone.
      let slope = try graph.gradient(of: loss, by: [model.logits])
      for direction in directions {
        let moved = try graph.tangent(of: [model.logits], along: direction)
        let curved = try graph.tangent(of: slope, along: [(model.logits, moved[0])])
        outputs += try graph.pullback(of: [(model.logits, curved[0])], by: sources)
      }
    case .fisherProduct:
      // With l_n the loss of sample n: s_n = g_n^T v is its tangent, and sum_n weight_n s_n g_n
      // the pullback of all l_n at once.
      let losses = try graph.sampleCrossEntropies(logits: model.logits, targets: targets)
      for direction in directions {
        let slopes = try graph.tangent(of: [losses], along: direction)
        let cotangent = try graph.multiply(slopes[0], weights)
        outputs += try graph.pullback(of: [(losses, cotangent)], by: sources)
      }
    case .batchStatistics: break
    }
    if mode == .batch && (quantity == .gradient || quantity == .batchStatistics) {
      for statistics in model.batchStatistics {
        outputs += [statistics.mean, statistics.variance]
      }
    }
    statisticsCounts = model.batchStatistics.map(\.count)
    let showsLogits = quantity == .loss || quantity == .gradient
    executor = try GraphExecutor(
      graph, outputs: outputs, sampleOutputs: showsLogits ? [model.logits] : [], batch: batch,
      execution: execution, convolution: convolution, keepsValues: keepsValues, pool: pool)
    self.network = network
    self.batch = batch
    self.directionCount = directionCount
  }

  /// The pointers of the fixed inputs; directions lie one behind the other.
  func fixed(
    parameters: UnsafePointer<Float>, state: UnsafePointer<Float>,
    direction: UnsafePointer<Float>?
  ) -> [UnsafePointer<Float>] {
    executor.fixedInputs.map { name in
      if let segment = network.layout[name] { return parameters + segment.range.lowerBound }
      if let segment = network.stateLayout[name] { return state + segment.range.lowerBound }
      for segment in network.layout.segments {
        for number in 0..<directionCount where Self.directionName(segment.name, number) == name {
          guard let direction else { preconditionFailure("a product needs a direction") }
          return direction + number * network.layout.count + segment.range.lowerBound
        }
      }
      preconditionFailure("input \(name) belongs to no tensor of the network")
    }
  }
}
