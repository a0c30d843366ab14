package import Datasets
package import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks

/// Settings of a training step; they are part of every training.
package struct TrainingStepOptions: Hashable, Sendable {
  /// Which statistics batch norms use.
  package var normalization: NormalizationMode
  /// Probability of a zero where the model has dropout.
  package var dropout: Double
  /// Samples that a thread takes at once; nil for `GraphWork`'s rule.
  package var microBatch: Int?
  /// Which convolution algorithms may be used.
  package var convolution: ConvolutionChoice

  /// Creates settings; the defaults are those of plain training.
  package init(
    normalization: NormalizationMode = .batch, dropout: Double = 0, microBatch: Int? = nil,
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

  /// Joins the parts.
  package init(
    value: RiskValue, gradient: Vector<Float>, batchStatistics: Vector<Float>? = nil,
    multiplyAdds: Int = 0
  ) {
    self.value = value
    self.gradient = gradient
    self.batchStatistics = batchStatistics
    self.multiplyAdds = multiplyAdds
  }

  /// Running statistics after this batch, `r <- (1 - m) r + m b` with PyTorch's m = 0.1.
  package func runningStatistics(after buffers: Vector<Float>) -> Vector<Float> {
    batchStatistics.map { Self.runningStatistics(buffers, taking: $0) } ?? buffers
  }

  /// Running statistics that take in those of a batch.
  package static func runningStatistics(
    _ buffers: Vector<Float>, taking batch: Vector<Float>
  ) -> Vector<Float> {
    var result = buffers.scaled(by: 1 - NormalizationMode.momentum)
    result.add(batch, scaledBy: Float(NormalizationMode.momentum))
    return result
  }
}

/// Loss and gradient of a model on one batch after another.
///
/// With batch statistics the whole batch goes through the network at once, and each size of batch
/// has its own plan; so it does where matrix products prevail, whose weight gradients threads then
/// share instead of adding up one for each micro-batch. Otherwise every thread takes micro-batches
/// through the whole network. The bits do not depend on the number of threads.
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
  private let engine: RiskEngine
  /// What the model's multiplications are spent on.
  private let work: GraphWork

  /// Prepares the step; graphs are planned when they are first needed.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - loss: The loss; nil for that which suits the targets.
  ///   - samples: Samples of the kind that batches will have.
  ///   - options: Settings.
  ///   - pool: The threads.
  /// - Throws: `RiskError` when samples, loss and model do not fit each other; `DatasetError` when a
  ///   file ends early.
  /// - Precondition: Dropout in 0..<1, micro-batches of at least 2 samples.
  package init(
    model: Model, loss: Loss? = nil, samples: Samples,
    options: TrainingStepOptions = TrainingStepOptions(), pool: WorkerPool
  ) throws {
    precondition((0..<1).contains(options.dropout) && options.microBatch ?? 2 >= 2)
    let bound = try BoundLoss(loss, model: model, target: samples.target)
    _ = try BoundSamples(samples, model: model, loss: bound)
    self.model = model
    self.loss = bound
    self.options = options
    self.pool = pool
    engine = RiskEngine(model, bound, pool: pool)
    work = try model.work()
  }

  /// Whether batch norms make the samples of a batch depend on each other.
  package var mixesSamples: Bool {
    options.normalization == .batch && model.bufferLayout.count > 0
  }

  /// Mean loss and its gradient on a batch.
  ///
  /// - Parameters:
  ///   - batch: The samples; at least 2 where batch norms use their statistics.
  ///   - point: Weights, and running statistics that are read only if the batch norms use them.
  ///   - support: What to differentiate by; nil for all parameters. The gradient is zero elsewhere.
  ///   - dropout: Where the masks come from, read only with dropout: equal streams give equal masks.
  /// - Returns: Loss, gradient and batch statistics.
  /// - Throws: `PlanError`, `OneDNNError` when a new size of batch, or a new support, cannot be
  ///   planned; `DatasetError` when samples cannot be read.
  /// - Complexity: About three forward passes over the batch.
  package func gradient(
    of batch: Samples, at point: ModelPoint, support: GradientSupport? = nil,
    dropout: RandomStream = RandomStream(seed: 0, label: "dropout")
  ) throws -> StepGradient {
    precondition(batch.count >= (mixesSamples ? 2 : 1), "a batch of \(batch.count)")
    let most = max(batch.count, 2)
    let microBatch = options.microBatch ?? work.microBatch(samples: most)
    let isWhole = mixesSamples || work.isDense
    let everything = GradientSupport(segments: Array(model.layout.segments.indices))
    let key = RiskPlanKey(
      quantity: .gradient,
      batch: mixesSamples ? batch.count : isWhole ? most : min(microBatch, most),
      mode: mixesSamples ? .batch : .inference,
      execution: isWhole ? .wholeBatch(chunk: microBatch) : .microBatches,
      convolution: options.convolution, support: support == everything ? nil : support,
      dropsOut: options.dropout > 0)
    let graph = try engine.graph(key)
    let padded = (batch.count + key.batch - 1) / key.batch * key.batch
    let masks = DropoutMasks(
      graph.dropoutLayers, samples: padded, rate: options.dropout, stream: dropout)
    return try engine.stepGradient(
      graph, BoundSamples(batch, model: model, loss: loss), at: point, dropout: masks)
  }
}

extension RiskEngine {
  /// Loss, gradient and statistics of samples that are one batch.
  ///
  /// - Parameters:
  ///   - graph: The plan of a gradient.
  ///   - bound: The samples.
  ///   - point: Weights and buffers.
  ///   - dropout: Masks of the samples.
  ///   - repeats: How often each sample stands among them.
  /// - Returns: The gradient, zero outside the support.
  /// - Throws: `DatasetError` when a sample cannot be read.
  func stepGradient(
    _ graph: RiskGraph, _ bound: BoundSamples, at point: ModelPoint,
    dropout: DropoutMasks = .none, repeats: Int = 1
  ) throws -> StepGradient {
    let count = bound.samples.count
    return try run(graph, bound, 0..<count, at: point, dropout: dropout) { pass in
      var gradient = Vector<Float>(zeros: model.layout.count)
      pass.add(to: &gradient)
      let rows = bound.weights.countedRows
      let isCounted = loss.metric?.isShare == true
      return StepGradient(
        value: RiskValue(
          loss: pass.loss, metric: loss.metric,
          score: isCounted ? Double(pass.correct) / Double(rows) : .nan, correct: pass.correct,
          rows: rows, samples: count / repeats),
        gradient: gradient, batchStatistics: pass.batchStatistics(repeats: repeats),
        multiplyAdds: graph.multiplyAdds * ((count + graph.key.batch - 1) / graph.key.batch))
    }
  }
}
