internal import ComputationGraph

/// A graph that the runtime cannot run in the way that was asked for.
package struct PlanError: Error, CustomStringConvertible {
  /// One line for the user.
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// How a value depends on the samples of the batch.
enum BatchDependence: Hashable {
  /// Not at all.
  case fixed
  /// Its first axis is the sample, and samples do not see each other.
  case samples
  /// A function of sums over all samples.
  case reduced
}

/// Finds for every value how it depends on the batch.
///
/// Where a sum over samples flows back into single samples (batch statistics), the batch cannot be
/// divided into micro-batches; with `wholeBatch` that is allowed.
struct BatchAnalysis {
  private(set) var dependence: [BatchDependence]
  /// Values that sum over samples: computed per micro-batch and added up.
  ///
  /// Empty for a whole batch.
  private(set) var frontier: Set<Value> = []
  /// Filter gradients that only a sum in the frontier reads.
  private(set) var summands: Set<Value> = []

  init(
    _ graph: Graph, values: [Value], outputs: [Value], batch: Int, wholeBatch: Bool
  ) throws {
    dependence = [BatchDependence](repeating: .fixed, count: graph.nodes.count)
    for value in values {
      let node = graph[value]
      let inputs = node.inputs.map { dependence[$0.index] }
      let result = try Self.rule(graph, value, inputs, batch: batch, wholeBatch: wholeBatch)
      dependence[value.index] = result
      if result == .reduced && inputs.contains(.samples) && !wholeBatch { frontier.insert(value) }
    }
    moveSumsForward(graph, values: values, outputs: outputs)
  }

  /// Sums of two filter gradients are taken in every micro-batch: one tensor less to add up.
  private mutating func moveSumsForward(_ graph: Graph, values: [Value], outputs: [Value]) {
    var uses: [Value: Int] = [:]
    for value in outputs + values.flatMap({ graph[$0].inputs }) { uses[value, default: 0] += 1 }
    for value in values {
      guard let terms = FusionPlan.gradientTerms(graph, value),
        terms.allSatisfy({ frontier.contains($0) && uses[$0] == 1 })
      else { continue }
      frontier.subtract(terms)
      summands.formUnion(terms)
      frontier.insert(value)
    }
  }

  private static func rule(
    _ graph: Graph, _ value: Value, _ inputs: [BatchDependence], batch: Int, wholeBatch: Bool
  ) throws -> BatchDependence {
    let node = graph[value]
    if case .input(let input) = node.operation {
      guard input.role == .batch else { return .fixed }
      guard node.shape.rank >= 1, node.shape[0] == batch else {
        throw PlanError("input \(input.name) \(node.shape) does not have \(batch) samples")
      }
      return .samples
    }
    let samples = inputs.contains(.samples)
    let reduced = inputs.contains(.reduced)
    guard samples || reduced else { return .fixed }

    /// An operation on single samples when its first input(s) are; anything else mixes them.
    func mixing(_ what: String) throws -> BatchDependence {
      if wholeBatch { return .reduced }
      throw PlanError(
        "the graph mixes samples (\(what)), so it cannot run in micro-batches; "
          + "run the whole batch at once")
    }
    // Until all micro-batches are summed no single sample can read a sum.
    if samples && reduced && !wholeBatch { return try mixing("batch statistics") }
    switch node.operation {
    case .input, .constant: return .fixed
    case .add, .multiply, .gate, .affine, .unary, .detach: return samples ? .samples : .reduced
    case .broadcast:
      if samples { return .samples }
      // A sum over samples repeated for each sample.
      if node.shape.rank > 0, node.shape[0] == batch, graph.shape(of: node.inputs[0])[0] == 1 {
        // Whole batch: every sample reads the same statistics, so samples stay independent.
        return wholeBatch ? .samples : try mixing("batch statistics")
      }
      return .reduced
    case .reduceSum(let p): return samples && !p.axes.contains(0) ? .samples : .reduced
    case .reshape:
      guard samples else { return .reduced }
      return node.shape.rank > 0 && node.shape[0] == batch
        ? .samples : try mixing("reshape of the batch")
    case .transpose(let p):
      guard samples else { return .reduced }
      return p.permutation.first == 0 ? .samples : try mixing("transpose of the batch")
    case .slice(let p):
      guard samples else { return .reduced }
      return p.sizes[0] == batch ? .samples : try mixing("slice of the batch")
    case .pad:
      guard samples else { return .reduced }
      return node.shape[0] == batch ? .samples : try mixing("padding of the batch")
    case .concatenate(let p):
      guard samples else { return .reduced }
      return p.axis != 0 ? .samples : try mixing("concatenation of batches")
    case .gather(let p):
      guard samples else { return .reduced }
      return p.axis != 0 ? .samples : try mixing("gathering of samples")
    case .scatter(let p):
      guard samples else { return .reduced }
      return p.axis != 0 ? .samples : try mixing("scattering of samples")
    case .take(let p):
      guard samples else { return .reduced }
      // Each sample reads its own slices, or all read the same table.
      return p.batchAxes > 0 || inputs[0] != .samples ? .samples : try mixing("taking of samples")
    case .scatterAdd(let p):
      guard samples else { return .reduced }
      if p.batchAxes > 0 { return .samples }
      return graph.shape(of: node.inputs[1]).rank > 0
        ? .reduced : try mixing("scattering of samples")
    case .matrixProduct(let p):
      guard samples else { return .reduced }
      if inputs[0] == .samples && !p.transposeA && inputs[1] != .samples { return .samples }
      if inputs[0] == .samples && p.transposeA && inputs[1] == .samples && !p.transposeB {
        return .reduced
      }
      return try mixing("matrix product over the batch")
    case .convolution, .convolutionInputGradient:
      guard samples else { return .reduced }
      return inputs[0] == .samples && inputs[1] != .samples
        ? .samples : try mixing("convolution of the batch")
    case .convolutionFilterGradient:
      guard samples else { return .reduced }
      return inputs[0] == .samples && inputs[1] == .samples
        ? .reduced : try mixing("filter gradient")
    case .softmax, .logSoftmax, .logSumExp:
      guard samples else { return .reduced }
      return node.shape.rank >= 2 ? .samples : try mixing("softmax over the batch")
    case .maxPool, .maxPoolSelect, .maxPoolScatter, .averagePool, .averagePoolGradient:
      return samples ? .samples : .reduced
    }
  }
}
