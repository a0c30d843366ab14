internal import ComputationGraph
package import Datasets
package import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks

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
package final class EmpiricalRisk: RiskEvaluator, @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  /// The model.
  package let model: Model
  /// The loss.
  package let loss: BoundLoss
  /// Number of samples.
  package let sampleCount: Int
  /// Settings.
  package let options: RiskOptions
  /// The threads.
  package let pool: WorkerPool
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
  /// - Throws: `RiskError` when samples, loss, options and model do not fit each other.
  package init(
    model: Model, loss: Loss? = nil, samples: Samples, options: RiskOptions = RiskOptions(),
    pool: WorkerPool
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
            + "change --samples or --batch-size")
      }
    }
    let loss = try BoundLoss(loss, model: model, target: samples.target)
    self.model = model
    self.loss = loss
    self.options = options
    self.pool = pool
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
    engine = RiskEngine(model, loss, device: CPU(pool))
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

  /// Runs a quantity over all samples: one pass in inference mode, one per batch in batch mode.
  ///
  /// - Parameters:
  ///   - key: The plan.
  ///   - point: Weights and buffers.
  ///   - direction: Vector in the space of the parameters, for products; or several, one behind the
  ///     other.
  ///   - targets: Targets in place of those of the samples.
  ///   - kept: Values of earlier products at the same point and targets.
  ///   - outputs: Receives the outputs where the quantity shows them.
  ///   - body: Receives each pass, in the order of the samples.
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError` when the graph cannot be planned,
  ///   `DatasetError` when samples cannot be read.
  func forEachPass(
    _ key: RiskPlanKey, at point: ModelPoint, direction: Vector<Float>? = nil,
    targets: SampleArray? = nil, kept: KeptValues? = nil, outputs: OutputRows? = nil,
    _ body: (RiskPass) -> Void
  ) throws {
    var bound = bound
    if let targets { bound.drawnTargets = targets }
    if key.execution == .microBatches {
      try engine.run(
        engine.graph(key), bound, 0..<sampleCount, at: point, direction: direction, kept: kept,
        outputs: outputs, body)
      return
    }
    // Without batch norms the last batch may be filled up.
    let isPadded = key.mode == .inference
    let size = isPadded ? key.batch : options.batchSize
    var prepared: RiskPlanKey?
    for (number, start) in stride(from: 0, to: sampleCount, by: size).enumerated() {
      let range = start..<min(start + size, sampleCount)
      var key = key
      if !isPadded { key.batch = range.count }
      try engine.run(
        engine.graph(key), bound, range, at: point, direction: direction, firstBatch: number,
        kept: kept, outputs: outputs, prepares: prepared != key, body)
      prepared = key
    }
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
  package func value(at point: ModelPoint) throws -> RiskValue {
    var (mean, correct) = (0.0, 0)
    try forEachPass(key(.loss), at: point) { pass in
      mean += pass.loss
      correct += pass.correct
    }
    return value(loss: mean, at: point, correct: correct)
  }

  /// Mean loss and its gradient at a point.
  ///
  /// - Returns: The value, and the gradient in the order of the parameters.
  /// - Complexity: About three forward passes.
  package func gradient(
    at point: ModelPoint
  ) throws -> (value: RiskValue, gradient: Vector<Float>) {
    var (mean, correct) = (0.0, 0)
    var sum: Vector<Float>?
    try forEachPass(key(.gradient), at: point) { pass in
      mean += pass.loss
      correct += pass.correct
      pass.add(to: &sum, pool)
    }
    var gradient = sum.take() ?? Vector(zeros: model.layout.count)
    if options.weightDecay != 0 {
      gradient.add(point.weights.elements, scaledBy: Float(options.weightDecay))
    }
    return (value(loss: mean, at: point, correct: correct), gradient)
  }

  /// Outputs of all samples, `[samples] + outputShape` row-major.
  ///
  /// - Complexity: One forward pass over the samples.
  package func outputs(at point: ModelPoint) throws -> Vector<Float> {
    let rows = OutputRows(samples: sampleCount, size: loss.outputShape.count)
    try forEachPass(key(.loss), at: point, outputs: rows) { _ in }
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
          + "which has no variance: change --samples or --batch-size")
    }
    var sums = [Double](repeating: 0, count: model.bufferLayout.count)
    try forEachPass(key(.batchStatistics, mode: .batch), at: point) { pass in
      let weight = Double(pass.samples) / Double(sampleCount)
      guard let statistics = pass.batchStatistics() else { return }
      for (place, value) in statistics.array.enumerated() { sums[place] += weight * Double(value) }
    }
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
