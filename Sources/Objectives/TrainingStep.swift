package import Datasets
package import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks

/// Settings of the loss of a training step; they are part of every training.
package struct TrainingStepOptions: Hashable, Sendable {
  /// Which statistics batch norms use.
  package var normalization: NormalizationMode
  /// Share of the target probability that is spread over all classes (Szegedy, 2016).
  package var labelSmoothing: Double
  /// Probability of a zero where the architecture has dropout.
  package var dropout: Double
  /// Samples that a thread takes at once; nil for `GraphWork`'s rule.
  package var microBatch: Int?
  /// Which convolution algorithms may be used.
  package var convolution: ConvolutionChoice

  /// Creates settings; the defaults are those of plain training.
  package init(
    normalization: NormalizationMode = .batch, labelSmoothing: Double = 0, dropout: Double = 0,
    microBatch: Int? = nil, convolution: ConvolutionChoice = .automatic
  ) {
    self.normalization = normalization
    self.labelSmoothing = labelSmoothing
    self.dropout = dropout
    self.microBatch = microBatch
    self.convolution = convolution
  }
}

/// Loss and gradient on one batch.
package struct StepGradient: Sendable {
  /// Mean loss and right answers.
  package let value: RiskValue
  /// Gradient of the mean loss in the order of the parameters.
  package let gradient: Vector<Float>
  /// Mean and unbiased variance of the batch in the layout of the state; nil where the batch norms
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
  package func runningStatistics(after state: Vector<Float>) -> Vector<Float> {
    batchStatistics.map { Self.runningStatistics(state, taking: $0) } ?? state
  }

  /// Running statistics that take in those of a batch.
  package static func runningStatistics(
    _ state: Vector<Float>, taking batch: Vector<Float>
  ) -> Vector<Float> {
    var result = state.scaled(by: 1 - NormalizationMode.momentum)
    result.add(batch, scaledBy: Float(NormalizationMode.momentum))
    return result
  }
}

/// Loss and gradient of a network on one batch after another.
///
/// With batch statistics the whole batch goes through the network at once, and each size of batch
/// has its own plan; so it does where matrix products prevail, whose weight gradients threads then
/// share instead of adding up one for each micro-batch. Otherwise every thread takes micro-batches
/// through the whole network. The bits do not depend on the number of threads.
package final class TrainingStep: @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  /// The network.
  package let network: Network
  /// Settings.
  package let options: TrainingStepOptions
  /// The threads.
  package let pool: WorkerPool
  /// What the network's multiplications are spent on, once it is known.
  private var work: GraphWork?
  /// By size of batch, for gradients by all parameters.
  private var graphs: [Int: TrainingStepGraph] = [:]
  /// Those of the last support alone: masks change for ever.
  private var restricted: (support: GradientSupport, graphs: [Int: TrainingStepGraph])?

  /// Prepares the step; graphs are planned when they are first needed.
  ///
  /// - Precondition: Label smoothing and dropout in 0..<1, micro-batches of at least 2 samples.
  package init(
    network: Network, options: TrainingStepOptions = TrainingStepOptions(), pool: WorkerPool
  ) {
    precondition((0..<1).contains(options.labelSmoothing) && options.microBatch ?? 2 >= 2)
    precondition((0..<1).contains(options.dropout))
    self.network = network
    self.options = options
    self.pool = pool
  }

  /// Checks that a data set can be used to train the network.
  ///
  /// - Throws: `RiskError` when images or classes do not fit.
  package func check(_ dataset: Dataset) throws(RiskError) {
    let input = network.architecture.input
    let shape = dataset.shape
    guard
      (input.channels, input.height, input.width) == (shape.channels, shape.height, shape.width)
    else {
      throw RiskError(
        description: "\(dataset.name) has images of \(shape) but \(network.architecture.name) "
          + "takes \(input); give other data or another --architecture")
    }
    guard dataset.classCount <= network.architecture.classCount else {
      throw RiskError(
        description: "\(dataset.name) has \(dataset.classCount) classes but the network "
          + "\(network.architecture.classCount); give data with the classes of the network")
    }
  }

  /// Whether batch norms make the samples of a batch depend on each other.
  package var mixesSamples: Bool {
    options.normalization == .batch && network.stateLayout.count > 0
  }

  /// Mean loss and its gradient on a batch.
  ///
  /// - Parameters:
  ///   - batch: The samples; at least 2 where batch norms use their statistics.
  ///   - w: The parameters.
  ///   - state: Running statistics, read only if the batch norms use them.
  ///   - support: What to differentiate by; nil for all parameters. The gradient is zero elsewhere.
  ///   - dropout: Where the masks come from, read only with dropout: equal streams give equal masks.
  /// - Returns: Loss, gradient and batch statistics.
  /// - Throws: `PlanError`, `OneDNNError` when a new size of batch, or a new support, cannot be
  ///   planned.
  /// - Complexity: About three forward passes over the batch.
  package func gradient(
    of batch: Batch, at w: Vector<Float>, state: Vector<Float>, support: GradientSupport? = nil,
    dropout: RandomStream = RandomStream(seed: 0, label: "dropout")
  ) throws -> StepGradient {
    precondition(w.count == network.layout.count, "parameters do not fit the network")
    precondition(state.count == network.stateLayout.count, "state does not fit the network")
    precondition(batch.count >= (mixesSamples ? 2 : 1), "a batch of \(batch.count)")
    let work = try work ?? network.work()
    self.work = work
    let most = max(batch.count, 2)
    let microBatch = options.microBatch ?? work.microBatch(samples: most)
    let isWhole = mixesSamples || work.isDense
    let size = mixesSamples ? batch.count : isWhole ? most : min(microBatch, most)
    let graph = try graph(
      batch: size, support: support,
      execution: isWhole ? .wholeBatch(chunk: microBatch) : .microBatches)
    let samples = PaddedSamples(
      SampleSet(images: batch.images, labels: batch.labels), multiple: size)
    let masks = DropoutMasks(
      graph.dropoutLayers, samples: samples.labels.count, rate: options.dropout, stream: dropout)
    let runs = TrainingStepRun(
      graph: graph, samples: samples, classes: network.architecture.classCount,
      smoothing: options.labelSmoothing, dropout: masks)
    return runs.evaluate(at: w, state: state) { outputs, correct in
      graph.result(outputs, correct: correct, samples: batch.count)
    }
  }

  private func graph(
    batch: Int, support: GradientSupport?, execution: BatchExecution
  ) throws -> TrainingStepGraph {
    let everything = GradientSupport(segments: Array(network.layout.segments.indices))
    guard let support, support != everything else {
      if let known = graphs[batch] { return known }
      let created = try plan(batch: batch, support: everything, execution: execution)
      graphs[batch] = created
      return created
    }
    if restricted?.support != support { restricted = (support, [:]) }
    if let known = restricted?.graphs[batch] { return known }
    let created = try plan(batch: batch, support: support, execution: execution)
    restricted?.graphs[batch] = created
    return created
  }

  private func plan(
    batch: Int, support: GradientSupport, execution: BatchExecution
  ) throws -> TrainingStepGraph {
    try TrainingStepGraph(
      network, support: support, batch: batch, mode: mixesSamples ? .batch : .inference,
      execution: execution, convolution: options.convolution, dropsOut: options.dropout > 0,
      pool: pool)
  }
}

/// One pass of samples through a graph.
struct TrainingStepRun {
  let graph: TrainingStepGraph
  let samples: PaddedSamples
  let classes: Int
  private let targets: Vector<Float>
  private let weights: Vector<Float>
  private let dropout: DropoutMasks

  /// Prepares targets and weights.
  init(
    graph: TrainingStepGraph, samples: PaddedSamples, classes: Int, smoothing: Double,
    dropout: DropoutMasks = .none
  ) {
    self.dropout = dropout
    self.graph = graph
    self.samples = samples
    self.classes = classes
    targets = samples.targets(classes: classes, smoothing: smoothing)
    weights = samples.weights()
  }

  /// Runs the graph over all samples.
  ///
  /// - Parameters:
  ///   - w: The parameters.
  ///   - state: Running statistics.
  ///   - deliver: Receives the outputs of the graph and the number of right answers.
  /// - Returns: What `deliver` makes of them.
  func evaluate(
    at w: Vector<Float>, state: Vector<Float>,
    deliver: (_ outputs: [ExecutorOutput], _ correct: Int) -> StepGradient
  ) -> StepGradient {
    let batches = samples.labels.count / graph.batch
    let counter = CorrectCounter(batches: batches)
    return w.withUnsafeBuffer { w in
      state.withUnsafeBuffer { state in
        samples.images.withUnsafeBuffer { images in
          targets.withUnsafeBuffer { targets in
            weights.withUnsafeBuffer { weights in
              dropout.elements.withUnsafeBuffer { masks -> StepGradient in
                guard let w = w.baseAddress, let state = state.baseAddress,
                  let images = images.baseAddress, let targets = targets.baseAddress,
                  let weights = weights.baseAddress, let masks = masks.baseAddress
                else { preconditionFailure("buffers have memory") }
                let fixed = graph.fixed(parameters: w, state: state)
                graph.executor.prepare(fixed: fixed)
                let data = BoundData(
                  images: images, targets: targets, weights: weights,
                  imageCount: samples.imageCount, classes: classes,
                  names: graph.executor.batchInputs, dropout: (masks, dropout.places))
                return graph.executor.evaluate(
                  fixed: fixed, batches: batches,
                  bind: { batch, _ in data.pointers(at: batch * graph.batch) },
                  observe: { batch, values in
                    guard let logits = values.first else { return }
                    let first = batch * graph.batch
                    let last = min(first + graph.batch, samples.count)
                    guard first < last else { return }
                    counter.set(
                      batch,
                      EmpiricalRisk.correct(
                        logits, labels: samples.labels[first..<last], classes: classes))
                  },
                  deliver: { deliver($0, counter.total) })
              }
            }
          }
        }
      }
    }
  }
}
