package import Communication
internal import ComputationGraph
package import Datasets
package import GraphRuntime
public import LinearAlgebra
public import NeuralNetworks
internal import Settings

/// Settings of an empirical risk; they are part of every result.
package struct RiskOptions: Hashable, Sendable {
  /// Which statistics batch norms use.
  package var normalization: NormalizationMode
  /// Samples that share their statistics in batch mode.
  package var batchSize: Int
  /// Samples that a worker takes through the network at once; nil for `GraphWork`'s rule.
  package var microBatch: Int?
  /// Factor of `||w||^2 / 2` in the loss; 0 leaves weight decay out.
  package var weightDecay: Double
  /// Which convolution algorithms may be used.
  package var convolution: ConvolutionChoice

  /// Creates settings; the defaults are those of the peers (running statistics, no weight decay).
  package init(
    normalization: NormalizationMode = .inference, batchSize: Int = 128, microBatch: Int? = nil,
    weightDecay: Double = 0, convolution: ConvolutionChoice = .automatic
  ) {
    self.normalization = normalization
    self.batchSize = batchSize
    self.microBatch = microBatch
    self.weightDecay = weightDecay
    self.convolution = convolution
  }
}

/// Loss of a model over fixed samples as a function of its parameters.
///
/// `L(w) = sum_{n,r} weight[n,r] loss(f_w(x_n)_r, y_{n,r}) + decay/2 ||w||^2`, its gradient and exact
/// curvature products. Every quantity is the weighted mean over exactly the rows of the samples given;
/// it depends on the batch size through rounding only (in batch mode through the statistics too). The
/// bits do not depend on the number of threads.
public final class EmpiricalRisk: RiskEvaluator, @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  /// The model.
  package let model: Model
  /// The loss.
  package let loss: BoundLoss
  /// Number of samples.
  public let sampleCount: Int
  /// Settings.
  package let options: RiskOptions
  /// The threads.
  package let pool: WorkerPool
  /// Who shares the samples.
  private let ranks: any Communicator
  /// Samples that a worker takes through the network at once, or all workers together.
  package let microBatch: Int
  /// Samples of a chunk where workers share batches; nil where each has micro-batches of its own.
  private let sharedChunk: Int?
  let bound: BoundSamples
  private let engine: RiskEngine
  /// Variance of the targets, where the metric compares with it.
  package let targetVariance: Double?

  /// Prepares the risk; graphs are planned when they are first needed.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - loss: The loss; nil for that which suits the targets.
  ///   - samples: The samples.
  ///   - options: Settings.
  ///   - pool: The threads.
  ///   - ranks: Who shares the samples: each has all of them and evaluates its part. All evaluate the same
  ///     quantities at the same points, one after the other, and get the same bits as one process does.
  /// - Throws: `RiskError` when samples, loss, options and model do not fit each other.
  package init(
    model: Model, loss: Loss? = nil, samples: Samples, options: RiskOptions = RiskOptions(),
    pool: WorkerPool, ranks: any Communicator = Alone()
  ) throws {
    guard options.microBatch ?? 2 >= 2, options.batchSize >= 2 else {
      throw RiskError(description: "batch sizes must be at least 2")
    }
    if options.normalization == .batch {
      let remainder = samples.count % options.batchSize
      guard samples.count >= 2, remainder != 1 else {
        throw RiskError(
          description: "batch norm on batch statistics needs at least 2 samples in every batch; "
            + "\(samples.count) samples in batches of \(options.batchSize) leave one alone: "
            + "change \(.samples) or \(.batchSize)")
      }
    }
    let loss = try BoundLoss(loss, model: model, target: samples.target)
    self.model = model
    self.loss = loss
    self.options = options
    self.pool = pool
    self.ranks = ranks
    sampleCount = samples.count
    let work = try model.work()
    let shared =
      options.microBatch == nil && options.normalization == .inference
      ? work.sharedBatch(samples: samples.count) : nil
    sharedChunk = shared.map { _ in work.sharedChunk }
    microBatch =
      options.microBatch ?? shared
      ?? work.microBatch(
        samples: options.normalization == .batch
          ? min(options.batchSize, samples.count) : samples.count)
    bound = try BoundSamples(samples, model: model, loss: loss)
    engine = RiskEngine(model, loss, device: CPU(pool, ranks: ranks))
    targetVariance = try bound.targetVariance()
  }

  /// The same risk over as many other samples, with the plans that are there.
  ///
  /// - Throws: `RiskError` when the samples do not fit.
  /// - Precondition: As many samples as this one has.
  package func over(_ samples: Samples) throws -> EmpiricalRisk {
    precondition(samples.count == sampleCount, "another number of samples has other plans")
    return try EmpiricalRisk(self, samples: samples)
  }

  private init(_ other: EmpiricalRisk, samples: Samples) throws {
    model = other.model
    loss = other.loss
    options = other.options
    pool = other.pool
    ranks = other.ranks
    sampleCount = other.sampleCount
    sharedChunk = other.sharedChunk
    microBatch = other.microBatch
    bound = try BoundSamples(samples, model: model, loss: loss)
    engine = other.engine
    targetVariance = try bound.targetVariance()
  }

  /// The key of a plan for a whole pass in inference mode, or for one batch in batch mode.
  func key(
    _ quantity: RiskQuantity, mode: NormalizationMode? = nil, support: GradientSupport? = nil,
    directions: Int = 1, keepsValues: Bool = false
  ) -> RiskPlanKey {
    let mode = mode ?? options.normalization
    let isWhole = mode == .batch
    return RiskPlanKey(
      quantity: quantity,
      batch: isWhole
        ? min(options.batchSize, sampleCount) : min(microBatch, max(sampleCount, 2)),
      mode: mode,
      execution: isWhole
        ? .wholeBatch(chunk: microBatch)
        : sharedChunk.map { .wholeBatch(chunk: $0) } ?? .microBatches,
      convolution: options.convolution, support: support, directionCount: directions,
      keepsValues: keepsValues)
  }

  /// Plans a quantity ahead of its first evaluation.
  ///
  /// - Returns: What runs it, and how many micro-batches or batches there are.
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError` when the graph cannot be planned.
  func plan(_ key: RiskPlanKey) throws -> (graph: any PlannedGraph, batches: Int) {
    (try engine.graph(key).plan, (sampleCount + key.batch - 1) / key.batch)
  }

  /// Gives back the memory of all plans; what is evaluated again is planned again.
  package func releasePlans() { engine.releasePlans() }

  /// Runs a quantity over all samples, one pass in inference mode, one per batch in batch mode, and adds up
  /// what the passes come to.
  ///
  /// Passes over batches are added in the order of `SumTree`, as micro-batches within a pass are.
  ///
  /// - Parameters:
  ///   - key: The plan.
  ///   - point: Weights and buffers.
  ///   - direction: Vector in the space of the parameters, for products; or several, one behind the
  ///     other.
  ///   - targets: Targets in place of those of the samples.
  ///   - kept: Values of earlier products at the same point and targets.
  ///   - outputs: Receives the outputs where the quantity shows them: on every rank those of all.
  ///   - sums: As many numbers and vectors as `body` adds to, all zero.
  ///   - body: Adds a pass to the sums of those before it.
  /// - Returns: The sums.
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError` when the graph cannot be planned,
  ///   `DatasetError` when samples cannot be read, `RankFailure`.
  func sumOverPasses(
    _ key: RiskPlanKey, at point: ModelPoint, direction: Vector<Float>? = nil,
    targets: SampleArray? = nil, kept: KeptValues? = nil, outputs: OutputRows? = nil,
    into sums: PassSums, _ body: (RiskPass, inout PassSums) -> Void
  ) throws -> PassSums {
    var bound = bound
    if let targets { bound.drawnTargets = targets }
    // Without batch norms the last batch may be filled up.
    let isPadded = key.mode == .inference
    let size = isPadded ? key.batch : options.batchSize
    let tree = SumTree(batches: (sampleCount + size - 1) / size)
    var result = sums
    if key.execution == .microBatches {
      try engine.run(
        engine.graph(key), bound, 0..<sampleCount, at: point, direction: direction, kept: kept,
        outputs: outputs
      ) { body($0, &result) }
      result.correct = try ranks.sum([result.correct])[0]
    } else {
      var parts = SubtreeSums<PassSums>()
      var prepared: RiskPlanKey?
      for group in RankedSums(tree, among: ranks).groups {
        var sum = sums
        for number in tree.batches(of: group) {
          let range = number * size..<min((number + 1) * size, sampleCount)
          var key = key
          if !isPadded { key.batch = range.count }
          try engine.run(
            engine.graph(key), bound, range, at: point, direction: direction, firstBatch: number,
            kept: kept, outputs: outputs, prepares: prepared != key
          ) { body($0, &sum) }
          prepared = key
        }
        parts.append(sum, of: SumTree.Subtree(group: group)) { $0.add($1) }
      }
      let own = parts.sums.map(\.sum)
      result =
        ranks.size == 1
        ? own[0]
        : try PassSums.total(own, tree, among: ranks, like: sums, vectorCount: model.layout.count)
    }
    try outputs?.gather(among: ranks) { rank in
      let batches = tree.batches(of: tree.groups(of: rank, among: ranks.size))
      return min(
        batches.lowerBound * size, sampleCount)..<min(
          batches.upperBound * size, sampleCount)
    }
    return result
  }

  /// Joins the sums of all passes to a value.
  private func value(loss mean: Double, at point: ModelPoint, correct: Int) -> RiskValue {
    let score =
      if let targetVariance {
        targetVariance > 0 ? 1 - mean / targetVariance : .nan
      } else {
        Double(correct) / Double(bound.weights.countedRows)
      }
    let w = point.weights.elements
    let decay = options.weightDecay == 0 ? 0 : options.weightDecay / 2 * w.dot(w)
    return RiskValue(
      loss: mean + decay, decay: decay, metric: loss.metric,
      score: loss.metric == nil ? .nan : score, correct: correct, rows: bound.weights.countedRows,
      weight: bound.weights.total, samples: sampleCount)
  }

  /// Mean loss and metric at a point.
  ///
  /// - Complexity: One forward pass over the samples.
  public func value(at point: ModelPoint) throws -> RiskValue {
    let sums = try sumOverPasses(
      key(.loss), at: point, into: PassSums(numbers: 1, vectors: 0)
    ) { pass, sums in
      sums.numbers[0] += pass.loss
      sums.correct += pass.correct
    }
    return value(loss: sums.numbers[0], at: point, correct: sums.correct)
  }

  /// Mean loss and its gradient at a point.
  ///
  /// - Returns: The value, and the gradient in the order of the parameters.
  /// - Complexity: About three forward passes.
  public func gradient(
    at point: ModelPoint
  ) throws -> (value: RiskValue, gradient: Vector<Float>) {
    var sums = try sumOverPasses(
      key(.gradient), at: point, into: PassSums(numbers: 1, vectors: 1)
    ) { pass, sums in
      sums.numbers[0] += pass.loss
      sums.correct += pass.correct
      pass.add(to: &sums.vectors[0], pool)
    }
    var gradient = sums.vectors[0].take() ?? Vector(zeros: model.layout.count)
    if options.weightDecay != 0 {
      gradient.add(point.weights.elements, scaledBy: Float(options.weightDecay))
    }
    return (value(loss: sums.numbers[0], at: point, correct: sums.correct), gradient)
  }

  /// Outputs of all samples, `[samples] + outputShape` row-major.
  ///
  /// - Complexity: One forward pass over the samples.
  package func outputs(at point: ModelPoint) throws -> Vector<Float> {
    let rows = OutputRows(samples: sampleCount, size: loss.outputShape.count)
    _ = try sumOverPasses(
      key(.loss), at: point, outputs: rows, into: PassSums(numbers: 0, vectors: 0)
    ) { _, _ in }
    return rows.vector
  }

  /// Running statistics re-estimated at a point: mean over the batches of mean and unbiased variance.
  ///
  /// What PyTorch's running averages tend to when the batches are passed with momentum None; used
  /// for points of a surface, where the stored statistics belong to other weights.
  package func recalibratedBuffers(at point: ModelPoint) throws -> Buffers {
    guard sampleCount % options.batchSize != 1 else {
      throw RiskError(
        description: "\(sampleCount) samples in batches of \(options.batchSize) leave one alone, "
          + "which has no variance: change \(.samples) or \(.batchSize)")
    }
    var sums = try sumOverPasses(
      key(.batchStatistics, mode: .batch), at: point,
      into: PassSums(numbers: model.bufferLayout.count, vectors: 0)
    ) { pass, sums in
      let weight = Double(pass.samples) / Double(sampleCount)
      guard let statistics = pass.batchStatistics() else { return }
      for (place, value) in statistics.array.enumerated() {
        sums.numbers[place] += weight * Double(value)
      }
    }.numbers
    // What is no statistic stays.
    for segment in model.bufferLayout.segments where segment.role == .fixed {
      for place in segment.range { sums[place] = Double(point.buffers.elements[place]) }
    }
    return Buffers(layout: model.bufferLayout, elements: Vector(sums.map(Float.init)))
  }
}

extension Model {
  /// What its multiplications are spent on.
  func work() throws -> GraphWork {
    var graph = Graph()
    let nodes = try instantiate(batch: 2, mode: .inference, in: &graph)
    return GraphWork(graph, outputs: nodes.outputs, batch: 2)
  }
}
