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
  /// Each sample has equally many consecutive indices of its first axis, its rows, and samples do
  /// not see each other.
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
  /// Values that are images of samples: what convolutions and pooling read and write, and what is
  /// combined with that.
  private(set) var images: Set<Value> = []

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
    images = Images(graph, values: values, dependence: dependence).values
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
    let reduced = inputs.contains(.reduced)
    guard inputs.contains(.samples) else {
      guard reduced else { return .fixed }
      // Of a whole batch every sample may read the same statistics; samples stay independent.
      if wholeBatch, case .broadcast = node.operation, node.shape.rank > 0, node.shape[0] == batch,
        graph.shape(of: node.inputs[0])[0] == 1
      {
        return .samples
      }
      return .reduced
    }
    // Until all micro-batches are summed no single sample can read a sum.
    let problem =
      reduced && !wholeBatch
      ? "batch statistics" : Self.problem(graph, node, inputs, batch: batch)
    if let problem {
      if wholeBatch { return .reduced }
      throw PlanError(
        "the graph mixes samples (\(problem)), so it cannot run in micro-batches; "
          + "run the whole batch at once")
    }
    return Self.sumsOverSamples(graph, node, inputs) ? .reduced : .samples
  }

  /// Whether an operation that keeps samples apart, or only adds them up, does the latter.
  private static func sumsOverSamples(
    _ graph: Graph, _ node: Node, _ inputs: [BatchDependence]
  ) -> Bool {
    switch node.operation {
    case .reduceSum(let p): p.axes.contains(0)
    case .scatterAdd(let p): p.batchAxes == 0
    case .matrixProduct(let p): node.shape.rank == 2 && p.transposeA
    case .convolutionFilterGradient: true
    default: false
    }
  }

  /// What an operation on samples mixes; nil where it treats each sample alone or adds samples up.
  ///
  /// Of a value that belongs to samples each sample has an equal share of consecutive indices of the
  /// first axis: its rows.
  private static func problem(
    _ graph: Graph, _ node: Node, _ inputs: [BatchDependence], batch: Int
  ) -> String? {
    /// Rows of the first input.
    var rows: Int { graph.shape(of: node.inputs[0])[0] / batch }
    func unless(_ holds: Bool, _ what: String) -> String? { holds ? nil : what }
    switch node.operation {
    case .input, .constant, .tensor, .add, .multiply, .gate, .affine, .unary, .detach, .broadcast,
      .reduceSum,
      .maxPool, .maxPoolSelect, .maxPoolScatter, .averagePool, .averagePoolGradient:
      return nil
    case .reshape:
      // Elements of a sample lie together, so any first axis that divides evenly will do.
      return unless(
        node.shape.rank > 0 && node.shape[0] % batch == 0,
        "reshape from \(graph.shape(of: node.inputs[0])) to \(node.shape)")
    case .transpose(let p):
      return unless(
        p.permutation.first == 0,
        "transpose \(p.permutation), which moves them from the first axis")
    case .slice(let p):
      // All rows, or the same ones of each sample.
      return unless(
        rows % p.strides[0] == 0 && p.sizes[0] == batch * (rows / p.strides[0]),
        "slice of the batch")
    case .pad(let p):
      return unless(p.low[0] + p.high[0] == p.interior[0], "padding of the batch")
    case .concatenate(let p): return unless(p.axis != 0, "concatenation of batches")
    case .gather(let p): return unless(p.axis != 0, "gathering of samples")
    case .scatter(let p): return unless(p.axis != 0, "scattering of samples")
    case .take(let p):
      // Each sample reads its own slices, or all read the same table.
      return unless(p.batchAxes > 0 || inputs[0] != .samples, "taking of samples")
    case .scatterAdd(let p):
      return unless(
        p.batchAxes > 0 || graph.shape(of: node.inputs[1]).rank > 0, "scattering of samples")
    case .matrixProduct(let p):
      // In stacks the first axis is one of the stack.
      if node.shape.rank > 2 { return nil }
      let keepsRows = inputs[0] == .samples && !p.transposeA && inputs[1] != .samples
      let sums = inputs == [.samples, .samples] && p.transposeA && !p.transposeB
      return unless(keepsRows || sums, "matrix product over the batch")
    case .convolution, .convolutionInputGradient:
      return unless(inputs[0] == .samples && inputs[1] != .samples, "convolution of the batch")
    case .convolutionFilterGradient:
      return unless(inputs == [.samples, .samples], "filter gradient")
    case .softmax, .logSoftmax, .logSumExp:
      return unless(graph.shape(of: node.inputs[0]).rank >= 2, "softmax over the batch")
    }
  }
}
