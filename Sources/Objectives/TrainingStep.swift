package import Communication
package import Datasets
package import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks

/// Settings of a training step; they are part of every training.
package struct TrainingStepOptions: Hashable, Sendable {
  /// Which statistics batch norms use.
  package var normalization: NormalizationMode
  /// Probability of a zero wherever the model has dropout; nil for the rates of its own, and none where
  /// it has no rate.
  package var dropout: Double?
  /// Samples that a thread takes at once; nil for `GraphWork`'s rule.
  package var microBatch: Int?
  /// Which convolution algorithms may be used.
  package var convolution: ConvolutionChoice

  /// Creates settings; the defaults are those of plain training.
  package init(
    normalization: NormalizationMode = .batch, dropout: Double? = 0, microBatch: Int? = nil,
    convolution: ConvolutionChoice = .automatic
  ) {
    self.normalization = normalization
    self.dropout = dropout
    self.microBatch = microBatch
    self.convolution = convolution
  }
}

/// Loss and gradient on one batch.
package struct StepGradient: Sendable {
  /// Mean loss and rows that are right; the score of R2 is that of no single batch, and NaN.
  package let value: RiskValue
  /// Gradient of the mean loss in the order of the parameters.
  package let gradient: Vector<Float>
  /// Mean and unbiased variance of the batch in the layout of the buffers; nil where the batch norms
  /// used running statistics, or there are none.
  package let batchStatistics: Vector<Float>?
  /// Multiplications with additions in convolutions and matrix products that it took; 0 where that
  /// is not known.
  package let multiplyAdds: Int
  /// Those that it would have taken besides, had an earlier pass not done them.
  package let reusedMultiplyAdds: Int

  /// Joins the parts.
  package init(
    value: RiskValue, gradient: Vector<Float>, batchStatistics: Vector<Float>? = nil,
    multiplyAdds: Int = 0, reusedMultiplyAdds: Int = 0
  ) {
    self.value = value
    self.gradient = gradient
    self.batchStatistics = batchStatistics
    self.multiplyAdds = multiplyAdds
    self.reusedMultiplyAdds = reusedMultiplyAdds
  }

  /// Running statistics after this batch; see `Buffers.take`.
  package func runningStatistics(after buffers: Buffers) -> Buffers {
    var result = buffers
    if let batchStatistics { result.take(batchStatistics) }
    return result
  }
}

/// Loss and gradient of a model on one batch after another.
///
/// With batch statistics the whole batch goes through the network at once, and each size of batch
/// has its own plan; so it does where matrix products prevail, whose weight gradients threads then
/// share instead of adding up one for each micro-batch. Where samples are many rows (tokens), threads share
/// one part of the batch after the other, as in `EmpiricalRisk`. Otherwise every thread takes micro-batches
/// through the whole network. The bits do not depend on the number of threads.
///
/// Ranks share every batch: chunks of a whole batch, parts or micro-batches. All have all of its samples and make the
/// same steps, one after the other, and get the bits of one process; batch norms have the statistics of the
/// whole batch.
package final class TrainingStep: @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  /// The model.
  package let model: Model
  /// The loss.
  package let loss: BoundLoss
  /// Settings.
  package let options: TrainingStepOptions
  /// The threads.
  package let pool: WorkerPool
  /// Who shares the batches.
  private let ranks: any Communicator
  private let engine: RiskEngine
  /// What the model's multiplications are spent on.
  private let work: GraphWork
  /// The tensors that were perturbed last, and whether that leaves products as they are.
  private var known: (perturbed: [Int], keepsProducts: Bool)?

  /// Prepares the step; graphs are planned when they are first needed.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - loss: The loss; nil for that which suits the targets.
  ///   - samples: Samples of the kind that batches will have.
  ///   - options: Settings.
  ///   - pool: The threads.
  ///   - ranks: Who shares the batches.
  /// - Throws: `RiskError` when samples, loss and model do not fit each other; `DatasetError` when a
  ///   file ends early.
  /// - Precondition: Dropout in 0..<1, micro-batches of at least 2 samples.
  package init(
    model: Model, loss: Loss? = nil, samples: Samples,
    options: TrainingStepOptions = TrainingStepOptions(), pool: WorkerPool,
    ranks: any Communicator = Alone()
  ) throws {
    precondition((0..<1).contains(options.dropout ?? 0) && options.microBatch ?? 2 >= 2)
    let bound = try BoundLoss(loss, model: model, target: samples.target)
    _ = try BoundSamples(samples, model: model, loss: bound)
    self.model = model
    self.loss = bound
    self.options = options
    self.pool = pool
    self.ranks = ranks
    engine = RiskEngine(model, bound, device: CPU(pool, ranks: ranks))
    work = try model.work()
  }

  /// Whether batch norms make the samples of a batch depend on each other.
  package var mixesSamples: Bool {
    options.normalization == .batch && model.bufferLayout.count > 0
  }

  /// Mean loss and its gradient on a batch; both are 0 where no row of the batch counts.
  ///
  /// - Parameters:
  ///   - batch: The samples; at least 2 where batch norms use their statistics.
  ///   - point: Weights, and running statistics that are read only if the batch norms use them.
  ///   - support: What to differentiate by; nil for all parameters. The gradient is zero elsewhere.
  ///   - dropout: Where the masks come from, read only with dropout: equal streams give equal masks.
  /// - Returns: Loss, gradient and batch statistics.
  /// - Throws: `PlanError`, `OneDNNError` when a new size of batch, or a new support, cannot be
  ///   planned; `DatasetError` when samples cannot be read; `RankFailure`.
  /// - Complexity: About three forward passes over the batch.
  package func gradient(
    of batch: Samples, at point: ModelPoint, support: GradientSupport? = nil,
    dropout: RandomStream = RandomStream(seed: 0, label: "dropout")
  ) throws -> StepGradient {
    if let size = partSize(of: batch.count) {
      let graph = try planOfParts(size, support: support)
      return try engine.stepGradient(
        parts: size, graph, BoundSamples(batch, model: model, loss: loss, mayBeEmpty: true),
        at: point, dropout: masks(graph, batch, dropout), pool, ranks: ranks)
    }
    let graph = try plan(batch.count, support: support)
    return try engine.stepGradient(
      graph, BoundSamples(batch, model: model, loss: loss, mayBeEmpty: true), at: point,
      dropout: masks(graph, batch, dropout), ranks: ranks)
  }

  /// Mean loss and gradient at a point, and both at perturbed weights.
  ///
  /// Where perturbed tensors leave convolutions or products as they are, the second pass takes these
  /// over from the first one, as it does with all else that does not depend on them: of layers one
  /// behind the other it begins at the lowest perturbed one. Then the whole batch goes through the
  /// network at once. Otherwise both are computed by `gradient`.
  ///
  /// - Parameters:
  ///   - batch: The samples; at least 2 where batch norms use their statistics.
  ///   - point: Weights, and running statistics that are read only if the batch norms use them.
  ///   - scope: What may be perturbed and what the first gradient is needed by.
  ///   - dropout: Where the masks come from, which are the same in both passes.
  ///   - perturbation: What is added to the weights; zero outside of the scope.
  /// - Returns: Loss, gradient and batch statistics of both; the second gradient is by all parameters.
  /// - Throws: As `gradient`, and what `perturbation` throws.
  /// - Complexity: At most about six forward passes over the batch. Of what the first pass computes,
  ///   only what the second one reads is kept: the memory is that of one pass.
  package func gradients(
    of batch: Samples, at point: ModelPoint, scope: PerturbationScope,
    dropout: RandomStream = RandomStream(seed: 0, label: "dropout"),
    perturbation: (StepGradient) throws -> Vector<Float>
  ) throws -> (first: StepGradient, second: StepGradient) {
    var perturbed = point
    guard let tensors = scope.perturbed, try keepsProducts(perturbing: tensors) else {
      let first = try gradient(of: batch, at: point, support: scope.support, dropout: dropout)
      perturbed.weights.elements.add(try perturbation(first))
      return (first, try gradient(of: batch, at: perturbed, dropout: dropout))
    }
    let graph = try plan(batch.count, support: scope.support, perturbed: tensors)
    return try engine.stepGradients(
      graph, BoundSamples(batch, model: model, loss: loss, mayBeEmpty: true), at: point,
      dropout: masks(graph, batch, dropout)
    ) { first in
      perturbed.weights.elements.add(try perturbation(first))
      return perturbed.weights.elements
    }
  }

  /// Whether perturbing some tensors leaves work of the first pass to the second; found out once.
  private func keepsProducts(perturbing tensors: [Int]) throws -> Bool {
    if let known = known, known.perturbed == tensors { return known.keepsProducts }
    let keeps = try model.keepsProducts(perturbing: tensors, mode: options.normalization)
    known = (tensors, keeps)
    return keeps
  }

  /// The samples of a batch that this rank looks at: all where it is alone, or something reads all of them.
  ///
  /// - Parameters:
  ///   - count: Samples of the batch.
  ///   - scope: What the next step may perturb.
  /// - Returns: Their places in the batch.
  /// - Throws: As `gradients`.
  package func ownSamples(of count: Int, scope: PerturbationScope) throws -> Range<Int> {
    guard ranks.size > 1 else { return 0..<count }
    func own(_ batch: Int) -> Range<Int> {
      let tree = SumTree(batches: (count + batch - 1) / batch, isStep: true)
      let batches = tree.batches(of: RankedSums(tree, among: ranks).groups)
      return min(batches.lowerBound * batch, count)..<min(batches.upperBound * batch, count)
    }
    let graph: RiskGraph
    if let tensors = scope.perturbed, try keepsProducts(perturbing: tensors) {
      graph = try plan(count, support: scope.support, perturbed: tensors)
    } else if let size = partSize(of: count) {
      return own(size)
    } else {
      graph = try plan(count, support: nil)
    }
    if graph.key.execution == .microBatches { return own(graph.key.batch) }
    guard model.inputs.allSatisfy({ !graph.plan.wholeInputs.contains($0.name) }) else {
      return 0..<count
    }
    let samples = graph.plan.ownSamples
    return min(samples.lowerBound, count)..<min(samples.upperBound, count)
  }

  /// Samples that go through the network together where a batch is several such parts; nil otherwise.
  private func partSize(of count: Int) -> Int? {
    guard !mixesSamples, options.microBatch == nil,
      let size = work.sharedBatch(samples: count)
    else { return nil }
    return size < count ? size : nil
  }

  private func planOfParts(_ size: Int, support: GradientSupport?) throws -> RiskGraph {
    try engine.graph(
      RiskPlanKey(
        quantity: .gradient, batch: size, mode: .inference,
        execution: .wholeBatch(chunk: work.sharedChunk), convolution: options.convolution,
        support: known(support), dropsOut: dropsOut))
  }

  /// A support that does not name all parameters; nil for one that does.
  private func known(_ support: GradientSupport?) -> GradientSupport? {
    let everything = GradientSupport(segments: Array(model.layout.segments.indices))
    return support == everything ? nil : support
  }

  private var dropsOut: Bool { model.dropoutRates.contains { options.dropout ?? $0 ?? 0 > 0 } }

  private func plan(
    _ count: Int, support: GradientSupport?, perturbed: [Int]? = nil
  ) throws -> RiskGraph {
    precondition(count >= (mixesSamples ? 2 : 1), "a batch of \(count)")
    let most = max(count, 2)
    let microBatch = options.microBatch ?? work.microBatch(samples: most)
    let isWhole = mixesSamples || work.isDense || perturbed != nil
    return try engine.graph(
      RiskPlanKey(
        quantity: .gradient,
        batch: mixesSamples ? count : isWhole ? most : min(microBatch, most),
        mode: mixesSamples ? .batch : .inference,
        execution: isWhole ? .wholeBatch(chunk: microBatch) : .microBatches,
        convolution: options.convolution, support: known(support),
        perturbed: perturbed, sharesBatch: true,
        dropsOut: dropsOut))
  }

  private func masks(
    _ graph: RiskGraph, _ batch: Samples, _ stream: RandomStream
  ) -> DropoutMasks {
    DropoutMasks(
      graph.dropoutLayers.map { ($0.name, $0.sampleCount, options.dropout ?? $0.rate ?? 0) },
      samples: batch.count, stream: stream)
  }
}
