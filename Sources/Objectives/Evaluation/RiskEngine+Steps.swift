internal import Communication
internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

extension RiskEngine {
  /// Loss, gradient and statistics of samples that are one batch, each of them `repeats` times.
  func stepGradient(
    _ graph: RiskGraph, _ bound: BoundSamples, at point: ModelPoint,
    dropout: DropoutMasks = .none, repeats: Int = 1, ranks: any Communicator = Alone()
  ) throws -> StepGradient {
    try run(graph, bound, 0..<bound.samples.count, at: point, dropout: dropout) { pass in
      // Of micro-batches a rank sees the outputs of its own alone.
      let correct =
        graph.key.execution == .microBatches ? try ranks.sum([pass.correct])[0] : pass.correct
      return stepGradient(pass, bound, correct: correct, repeats: repeats)
    }
  }

  /// Loss and gradient of one batch that goes through the network in parts, added in the order of the tree.
  ///
  /// - Parameters:
  ///   - size: Samples of a part; the last one may have fewer.
  ///   - graph: The plan of a part.
  ///   - bound: The samples.
  ///   - point: Weights and buffers.
  ///   - dropout: Masks of all samples.
  ///   - pool: The threads.
  ///   - ranks: Who shares the parts.
  /// - Returns: Both, on every rank.
  /// - Throws: `DatasetError` when a sample cannot be read, `RankFailure`.
  func stepGradient(
    parts size: Int, _ graph: RiskGraph, _ bound: BoundSamples, at point: ModelPoint,
    dropout: DropoutMasks, _ pool: WorkerPool, ranks: any Communicator
  ) throws -> StepGradient {
    let count = bound.samples.count
    let tree = SumTree(batches: (count + size - 1) / size, isStep: true)
    let nothing = PassSums(numbers: 1, vectors: 1)
    var sums = SubtreeSums<PassSums>()
    var isPrepared = false
    for group in RankedSums(tree, among: ranks).groups {
      var sum = nothing
      for number in tree.batches(of: group) {
        try run(
          graph, bound, number * size..<min((number + 1) * size, count), at: point,
          dropout: dropout, prepares: !isPrepared
        ) { pass in
          sum.numbers[0] += pass.loss
          sum.correct += pass.correct
          pass.add(to: &sum.vectors[0], pool)
        }
        isPrepared = true
      }
      sums.append(sum, of: SumTree.Subtree(group: group)) { $0.add($1) }
    }
    let own = sums.sums.map(\.sum)
    var total =
      ranks.size == 1
      ? own[0]
      : try PassSums.total(
        own, tree, among: ranks, like: nothing, vectorCount: model.layout.count)
    return StepGradient(
      value: value(loss: total.numbers[0], correct: total.correct, bound),
      gradient: total.vectors[0].take() ?? Vector(zeros: model.layout.count),
      multiplyAdds: graph.passes[0].multiplyAdds * tree.batches)
  }

  /// The same at a point, and at perturbed weights that follow from it.
  func stepGradients(
    _ graph: RiskGraph, _ bound: BoundSamples, at point: ModelPoint, dropout: DropoutMasks,
    perturbed: (StepGradient) throws -> Vector<Float>
  ) throws -> (first: StepGradient, second: StepGradient) {
    try runBothPasses(
      graph, bound, at: point, dropout: dropout,
      first: { stepGradient($0, bound, correct: $0.correct) },
      perturbed: perturbed, second: { stepGradient($0, bound, correct: $0.correct) })
  }

  private func stepGradient(
    _ pass: RiskPass, _ bound: BoundSamples, correct: Int, repeats: Int = 1
  ) -> StepGradient {
    var sum: Vector<Float>?
    pass.add(to: &sum, .callerAlone)
    let gradient = sum.take() ?? Vector(zeros: model.layout.count)
    let batch = pass.graph.key.batch
    let batches = (pass.samples + batch - 1) / batch
    return StepGradient(
      value: value(loss: pass.loss, correct: correct, bound, repeats: repeats),
      gradient: gradient, batchStatistics: pass.batchStatistics(repeats: repeats),
      multiplyAdds: pass.pass.multiplyAdds * batches,
      reusedMultiplyAdds: pass.pass.reusedMultiplyAdds * batches)
  }

  private func value(
    loss mean: Double, correct: Int, _ bound: BoundSamples, repeats: Int = 1
  ) -> RiskValue {
    let rows = bound.weights.countedRows
    let isCounted = loss.metric?.isShare == true
    return RiskValue(
      loss: mean, metric: loss.metric, score: isCounted ? Double(correct) / Double(rows) : .nan,
      correct: correct, rows: rows, weight: bound.weights.total,
      samples: bound.samples.count / repeats)
  }
}
