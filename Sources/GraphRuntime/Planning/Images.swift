internal import ComputationGraph

/// Finds the values that are images: those that convolutions and pooling read or write, and those that
/// elementwise operations and slices combine with them.
///
/// Others of rank 4, like the scores of attention, are no images and stay row-major.
struct Images {
  private(set) var values: Set<Value> = []

  /// Neighbours that want the same layout, as a forest.
  private var parents: [Int]

  /// Finds the images among the values to compute.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - values: The values to compute.
  ///   - dependence: How every value of the graph depends on the samples.
  init(_ graph: Graph, values: [Value], dependence: [BatchDependence]) {
    parents = Array(graph.nodes.indices)
    func isCandidate(_ value: Value) -> Bool {
      graph.shape(of: value).rank == 4 && dependence[value.index] == .samples
    }
    var marked: [Value] = []
    for value in values {
      let node = graph[value]
      let together: [Value]
      switch node.operation {
      case .convolution, .convolutionInputGradient:
        together = []
        marked += [node.inputs[0], value]
      case .convolutionFilterGradient:
        together = []
        marked += node.inputs
      case .maxPool, .maxPoolSelect, .maxPoolScatter, .averagePool, .averagePoolGradient:
        together = []
        marked += node.inputs + [value]
      case .add, .multiply, .affine, .unary, .gate, .detach, .slice, .pad, .concatenate, .gather,
        .scatter:
        together = node.inputs + [value]
      case .input, .constant, .tensor, .broadcast, .reduceSum, .reshape, .transpose, .take,
        .scatterAdd, .matrixProduct, .softmax, .logSoftmax, .logSumExp:
        together = []
      }
      let candidates = together.filter(isCandidate)
      for other in candidates.dropFirst() { join(candidates[0], other) }
    }
    let roots = Set(marked.filter(isCandidate).map { root($0) })
    for value in values where isCandidate(value) && roots.contains(root(value)) {
      self.values.insert(value)
    }
  }

  private mutating func root(_ value: Value) -> Int {
    var index = value.index
    while parents[index] != index {
      parents[index] = parents[parents[index]]
      index = parents[index]
    }
    return index
  }

  private mutating func join(_ a: Value, _ b: Value) {
    let (first, second) = (root(a), root(b))
    parents[max(first, second)] = min(first, second)
  }
}
