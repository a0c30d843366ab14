internal import ComputationGraph
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// The graph of a quantity for one batch, planned for a device.
struct RiskGraph {
  let model: Model
  let key: RiskPlanKey
  let plan: any PlannedGraph
  /// What is handed out: by one pass, or by one at the weights and one at perturbed weights.
  let passes: [RiskGraphPass]
  /// Name, elements of a sample and rate of each dropout layer; nil for a rate that training chooses.
  let dropoutLayers: [(name: String, sampleCount: Int, rate: Double?)]
  /// Builds and plans the graph.
  ///
  /// Gradients and products are taken by the support alone: nothing is propagated below its lowest
  /// tensor, weight gradients of other tensors are not computed, and those of other filters only where
  /// nothing would be saved (see `Graph.restricting`).
  ///
  /// A second pass at perturbed weights is the same functions of other values for the perturbed
  /// tensors: what does not depend on these, the forward pass below the lowest one first of all, is
  /// taken over from the first pass.
  ///
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError`; `RiskError` for a curvature that the loss
  ///   does not have.
  init(_ model: Model, _ loss: BoundLoss, _ key: RiskPlanKey, device: any Device) throws {
    var graph = Graph()
    let nodes = try model.instantiate(
      batch: key.batch, mode: key.mode, dropsOut: key.dropsOut, in: &graph)
    let rows = Shape([key.batch] + loss.rowShape.dimensions)
    let target = loss.targetShape.map {
      graph.input(
        SampleBinder.targetName, Shape([key.batch] + $0.dimensions), role: .batch)
    }
    let weights = graph.input(SampleBinder.weightsName, rows, role: .batch)
    let rowLosses = try loss.rowLosses(nodes.output, target: target, in: &graph)
    let mean = try graph.reduceSum(
      graph.multiply(rowLosses.values, weights), axes: Array(0..<rows.rank))
    let support = key.support ?? GradientSupport(segments: Array(model.layout.segments.indices))
    let sources = support.parts.map { nodes.parameters[$0.segment] }
    var outputs: [Value] = []
    var isRestricted = support.parts.map { _ in false }
    let directions = (0..<(key.quantity.isProduct ? key.directionCount : 0)).map { number in
      support.parts.map { part in
        let segment = model.layout.segments[part.segment]
        return (
          value: nodes.parameters[part.segment],
          tangent: graph.input(
            Self.directionName(segment.name, number), segment.shape, role: .direction)
        )
      }
    }
    switch key.quantity {
    case .loss: outputs = [mean]
    case .gradient:
      outputs = [mean]
      let gradients = try graph.gradient(of: mean, by: sources)
      for (index, part) in support.parts.enumerated() {
        let restricted = try part.filters.flatMap { filters in
          // Filters along another axis than the first are computed with all others.
          model.layout.segments[part.segment].filterAxis == 0
            ? try graph.restricting(
              gradients[index], toFilters: filters, block: device.channelBlock) : nil
        }
        outputs.append(restricted ?? gradients[index])
        isRestricted[index] = restricted != nil
      }
    case .hessianProduct:
      let gradient = try graph.gradient(of: mean, by: sources)
      for direction in directions { outputs += try graph.tangent(of: gradient, along: direction) }
    case .gaussNewtonProduct:
      guard loss.loss.kind != .output else {
        throw RiskError(
          description: "the loss is inside \(model.name), so there is no Gauss-Newton matrix; use "
            + "the Hessian or the empirical Fisher matrix")
      }
      // J^T (H_loss (J v)): the Hessian of the loss in its argument alone.
      let argument = rowLosses.argument
      let slope = try graph.gradient(of: mean, by: [argument])
      for direction in directions {
        let moved = try graph.tangent(of: [argument], along: direction)
        let curved = try graph.tangent(of: slope, along: [(argument, moved[0])])
        outputs += try graph.pullback(of: [(argument, curved[0])], by: sources)
      }
    case .fisherProduct:
      // With l_r the loss of row r: s_r = g_r^T v is its tangent, and sum_r weight_r s_r g_r the
      // pullback of all l_r at once.
      for direction in directions {
        let slopes = try graph.tangent(of: [rowLosses.values], along: direction)
        let cotangent = try graph.multiply(slopes[0], weights)
        outputs += try graph.pullback(of: [(rowLosses.values, cotangent)], by: sources)
      }
    case .batchStatistics: break
    }
    let statistics =
      key.quantity == .gradient || key.quantity == .batchStatistics ? nodes.batchStatistics : []
    let firstStatistics = outputs.count
    for one in statistics { outputs += [one.mean, one.variance] }
    let shown = key.quantity.showsOutputs ? [nodes.output] : []
    var wanted = [ExecutorPass(outputs: outputs, sampleOutputs: shown)]
    var passes = [
      RiskGraphPass(
        parts: zip(support.parts, isRestricted).map { part, isRestricted in
          RiskGraphPass.Part(
            segment: model.layout.segments[part.segment], filters: part.filters,
            isRestricted: isRestricted)
        }, firstStatistics: firstStatistics, statistics: statistics,
        multiplyAdds: graph.multiplyAddCount(of: outputs + shown))
    ]
    if let perturbed = key.perturbed {
      precondition(key.quantity == .gradient, "only gradients have a second pass")
      wanted.append(
        try graph.perturbedPass(nodes, model, perturbed, loss: mean, statistics: statistics))
      passes.append(RiskGraphPass(after: passes[0], wanted, model, graph))
    }
    self.passes = passes
    plan = try device.plan(
      graph,
      PlanSettings(
        passes: wanted, batch: key.batch, execution: key.execution,
        convolution: key.convolution, keepsValues: key.keepsValues, sharesBatch: key.sharesBatch))
    dropoutLayers = zip(nodes.dropoutMasks, model.dropoutRates).compactMap { mask, rate in
      guard case .input(let input) = graph[mask].operation else { return nil }
      return (input.name, graph.shape(of: mask).count / key.batch, rate)
    }
    self.model = model
    self.key = key
  }

  /// Name of the input that holds a direction of a parameter.
  private static func directionName(_ parameter: String, _ number: Int) -> String {
    "direction\(number)/" + parameter
  }

  /// Handles of the fixed inputs.
  ///
  /// Directions lie one behind the other; perturbed weights are nil before the second pass, when nobody
  /// reads them.
  func fixed(
    _ point: ModelPoint, direction: Vector<Float>? = nil, perturbed: Vector<Float>? = nil
  ) -> [TensorHandle] {
    precondition(point.fits(model), "the point belongs to another model")
    let weights = point.weights.elements
    var places: [String: TensorHandle] = [:]
    for segment in model.layout.segments {
      let start = segment.range.lowerBound
      places[segment.name] = TensorHandle(weights, from: start)
      places[Graph.perturbedName(segment.name)] = TensorHandle(perturbed ?? weights, from: start)
    }
    for segment in model.bufferLayout.segments {
      places[segment.name] = TensorHandle(point.buffers.elements, from: segment.range.lowerBound)
    }
    if let direction {
      for number in 0..<key.directionCount {
        for part in passes[0].parts {
          places[Self.directionName(part.segment.name, number)] = TensorHandle(
            direction, from: number * model.layout.count + part.segment.range.lowerBound)
        }
      }
    }
    return plan.fixedInputs.map { name in
      guard let place = places[name] else {
        preconditionFailure("input \(name) belongs to no tensor of the model")
      }
      return place
    }
  }
}
