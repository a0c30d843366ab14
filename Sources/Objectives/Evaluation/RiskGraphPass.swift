internal import ComputationGraph
internal import GraphRuntime
internal import NeuralNetworks

/// Where the results of one pass over a graph are among its outputs.
struct RiskGraphPass {
  /// One tensor that outputs belong to.
  struct Part {
    let segment: ParameterSegment
    /// Filters that have elements; nil for all.
    var filters: [Int]?
    /// Whether the output holds the rows of these filters alone, at its start.
    var isRestricted = false
  }

  /// What the gradient or product has elements for.
  let parts: [Part]
  /// Where statistics of batch norms begin among the outputs, and over how many elements each was
  /// taken; empty without any.
  let firstStatistics: Int
  let statistics: [BatchStatistics]
  /// Multiplications with additions in the convolutions and matrix products of the pass.
  let multiplyAdds: Int
  /// Those that an earlier pass has done for it.
  var reusedMultiplyAdds = 0
}

extension RiskGraphPass {
  /// The pass that has the gradient by all parameters at perturbed weights.
  ///
  /// - Parameters:
  ///   - first: The pass at the weights.
  ///   - wanted: What both hand out.
  ///   - model: The model.
  ///   - graph: The graph of both.
  init(after first: RiskGraphPass, _ wanted: [ExecutorPass], _ model: Model, _ graph: Graph) {
    let both = graph.multiplyAddCount(of: wanted.flatMap { $0.outputs + $0.sampleOutputs })
    let alone = graph.multiplyAddCount(of: wanted[1].outputs + wanted[1].sampleOutputs)
    self.init(
      parts: model.layout.segments.map { Part(segment: $0) },
      firstStatistics: 1 + model.layout.segments.count, statistics: first.statistics,
      multiplyAdds: both - first.multiplyAdds,
      reusedMultiplyAdds: alone + first.multiplyAdds - both)
  }
}

extension Graph {
  /// Name of the input that holds a parameter of the pass at perturbed weights.
  static func perturbedName(_ parameter: String) -> String { "perturbed/" + parameter }

  /// Adds inputs for the perturbed tensors.
  ///
  /// - Returns: What stands in the place of each perturbed parameter.
  fileprivate mutating func perturbedInputs(
    _ nodes: ModelGraph, _ model: Model, _ perturbed: [Int]
  ) -> [Value: Value] {
    var replacements: [Value: Value] = [:]
    for index in perturbed {
      let segment = model.layout.segments[index]
      replacements[nodes.parameters[index]] = input(
        Self.perturbedName(segment.name), segment.shape, role: .parameter)
    }
    return replacements
  }

  /// Adds loss, gradient by all parameters, statistics and outputs at perturbed weights.
  ///
  /// - Parameters:
  ///   - nodes: The model at its weights.
  ///   - model: The model.
  ///   - perturbed: Segments that have other values.
  ///   - loss: The mean loss at the weights.
  ///   - statistics: Statistics of batch norms that are handed out.
  /// - Returns: What the pass hands out.
  /// - Throws: `ShapeError`, never for a model whose graph could be built.
  mutating func perturbedPass(
    _ nodes: ModelGraph, _ model: Model, _ perturbed: [Int], loss: Value,
    statistics: [BatchStatistics]
  ) throws(ShapeError) -> ExecutorPass {
    let replacements = perturbedInputs(nodes, model, perturbed)
    let moved = try substituting(
      replacements, in: [loss, nodes.output] + statistics.flatMap { [$0.mean, $0.variance] })
    let slopes = try gradient(of: moved[0], by: nodes.parameters.map { replacements[$0] ?? $0 })
    return ExecutorPass(
      outputs: [moved[0]] + slopes + moved.dropFirst(2), sampleOutputs: [moved[1]])
  }
}

extension Model {
  /// Whether perturbing some segments of the layout leaves convolutions or matrix products as they are.
  func keepsProducts(perturbing perturbed: [Int], mode: NormalizationMode) throws -> Bool {
    var graph = Graph()
    let nodes = try instantiate(batch: 2, mode: mode, in: &graph)
    let moved = try graph.substituting(
      graph.perturbedInputs(nodes, self, perturbed), in: [nodes.output])
    return graph.multiplyAddCount(of: [nodes.output] + moved)
      < 2 * graph.multiplyAddCount(of: [nodes.output])
  }
}
