internal import ComputationGraph
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

/// Samples that a risk cannot be computed over.
package struct RiskError: Error, CustomStringConvertible {
  /// One line for the user.
  package let description: String
}

extension Network {
  /// What its multiplications are spent on.
  func work() throws -> GraphWork {
    var graph = Graph()
    let model = try build(batch: 2, mode: .inference, in: &graph)
    return GraphWork(graph, outputs: [model.logits], batch: 2)
  }
}

/// Mean loss and number of right answers.
package struct RiskValue: Sendable, Equatable {
  /// Mean cross-entropy, with weight decay if the risk has it.
  package let loss: Double
  /// Samples whose largest logit is their label's.
  package let correct: Int
  /// Number of samples.
  package let samples: Int

  /// Joins the parts.
  package init(loss: Double, correct: Int, samples: Int) {
    self.loss = loss
    self.correct = correct
    self.samples = samples
  }

  /// Share of right answers.
  package var accuracy: Double { Double(correct) / Double(samples) }
}

/// Loss of a network over fixed samples as a function of its parameters.
///
/// `L(w) = 1/N sum_n CE(f_w(x_n), y_n) + decay/2 ||w||^2`, its gradient and exact curvature
/// products. Every quantity is the sample-weighted mean over exactly the samples given; it depends
/// on the batch size through rounding only (in batch mode through the statistics too). The bits do
/// not depend on the number of threads.
package final class EmpiricalRisk: @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  /// The network.
  package let network: Network
  /// Number of samples.
  package let sampleCount: Int
  /// Settings.
  package let options: RiskOptions
  /// The threads.
  package let pool: WorkerPool
  /// Samples that a worker takes through the network at once.
  package let microBatch: Int
  private let padded: PaddedSamples
  private let targets: Vector<Float>
  private let weights: Vector<Float>
  private var graphs: [GraphKey: RiskGraph] = [:]

  private struct GraphKey: Hashable {
    let quantity: RiskQuantity
    let batch: Int
    let mode: NormalizationMode
    /// Tensors that are differentiated by; nil for all.
    let segments: [Int]?
    let directions: Int
    let keepsValues: Bool
  }

  /// Prepares the risk; graphs are planned when they are first needed.
  ///
  /// - Throws: `RiskError` when labels, image size or batch size do not fit the network.
  package init(
    network: Network, samples: SampleSet, options: RiskOptions = RiskOptions(), pool: WorkerPool
  ) throws {
    let input = network.architecture.input
    let expected = input.channels * input.height * input.width
    guard samples.imageCount == expected else {
      throw RiskError(
        description: "images have \(samples.imageCount) values but \(network.architecture.name) "
          + "takes \(input) = \(expected); give data or --architecture of the same size")
    }
    let classes = network.architecture.classCount
    if let wrong = samples.labels.first(where: { $0 < 0 || $0 >= classes }) {
      throw RiskError(
        description: "label \(wrong) is outside the \(classes) classes of "
          + "\(network.architecture.name); give data with the classes the network was trained on")
    }
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
    self.network = network
    self.options = options
    self.pool = pool
    sampleCount = samples.count
    let isWhole = options.normalization == .batch
    microBatch =
      try options.microBatch
      ?? network.work().microBatch(
        samples: isWhole ? min(options.batchSize, samples.count) : samples.count)
    let multiple = isWhole ? 1 : min(microBatch, max(samples.count, 2))
    padded = samples.padded(toMultipleOf: multiple)
    targets = padded.targets(classes: classes)
    weights = padded.weights()
  }

  /// One-hot rows for other labels of the same samples, padded as the samples are.
  func targetRows(of labels: [Int32]) -> Vector<Float> {
    precondition(labels.count == sampleCount, "one label per sample")
    let classes = network.architecture.classCount
    return Vector(uninitialized: targets.count) { target in
      target.initialize(repeating: 0)
      for row in 0..<target.count / classes {
        target[row * classes + Int(labels[min(row, sampleCount - 1)])] = 1
      }
    }
  }

  /// Number of micro-batches or batches of one pass over the samples.
  private var inferenceBatch: Int { min(microBatch, max(sampleCount, 2)) }

  private func graph(
    _ quantity: RiskQuantity, batch: Int, mode: NormalizationMode, segments: [Int]?,
    directions: Int, keepsValues: Bool
  ) throws -> RiskGraph {
    let key = GraphKey(
      quantity: quantity, batch: batch, mode: mode, segments: segments, directions: directions,
      keepsValues: keepsValues)
    if let known = graphs[key] { return known }
    if let segments {
      // One layer after the other is asked for: plans of the last one would only take memory.
      for other in graphs.keys where other.segments != nil && other.segments != segments {
        graphs[other] = nil
      }
    }
    let execution: BatchExecution =
      mode == .inference ? .microBatches : .wholeBatch(chunk: microBatch)
    let created = try RiskGraph(
      network, quantity, batch: batch, mode: mode, segments: segments,
      directionCount: directions, execution: execution, convolution: options.convolution,
      keepsValues: keepsValues, pool: pool)
    graphs[key] = created
    return created
  }

  /// Plans a quantity with one direction ahead of its first evaluation.
  ///
  /// - Parameters:
  ///   - quantity: What is computed.
  ///   - segments: Tensors that are differentiated by, ascending; nil for all.
  ///   - keepsValues: Whether evaluations will be given values to keep.
  /// - Returns: What runs it, and how many micro-batches or batches there are.
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError` when the graph cannot be planned.
  func plan(
    _ quantity: RiskQuantity, segments: [Int]?, keepsValues: Bool
  ) throws -> (executor: GraphExecutor, batches: Int) {
    let isWhole = options.normalization == .batch
    let batch = isWhole ? min(options.batchSize, sampleCount) : inferenceBatch
    let graph = try graph(
      quantity, batch: batch, mode: options.normalization, segments: segments, directions: 1,
      keepsValues: keepsValues)
    return (graph.executor, (sampleCount + batch - 1) / batch)
  }

  /// Gives back the memory of all plans; what is evaluated again is planned again.
  package func releasePlans() { graphs = [:] }

  /// One executor run over consecutive samples, whose outputs are valid while it is looked at.
  struct Pass {
    let outputs: [ExecutorOutput]
    let graph: RiskGraph
    let samples: Int
    let correct: Int
  }

  /// Runs a quantity over all samples: one pass in inference mode, one per batch in batch mode.
  ///
  /// - Parameters:
  ///   - quantity: What is computed.
  ///   - parameters: The weights.
  ///   - state: Running statistics.
  ///   - direction: Vector in the space of the parameters, for products; or several, one behind
  ///     the other.
  ///   - mode: Which statistics batch norms use; nil for that of the options.
  ///   - segments: Tensors that are differentiated by, ascending; nil for all.
  ///   - targets: Rows of `targetRows(of:)` in place of the labels.
  ///   - kept: Values of earlier products at the same weights, statistics and targets.
  ///   - logits: Receives the logits where the quantity shows them.
  ///   - body: Receives each pass, in the order of the samples.
  /// - Throws: `ShapeError`, `PlanError`, `OneDNNError` when the graph cannot be planned.
  func forEachPass(
    _ quantity: RiskQuantity, at parameters: Vector<Float>, state: Vector<Float>,
    direction: Vector<Float>? = nil, mode: NormalizationMode? = nil, segments: [Int]? = nil,
    targets: Vector<Float>? = nil, kept: KeptValues? = nil, logits: LogitRows? = nil,
    _ body: (Pass) -> Void
  ) throws {
    precondition(parameters.count == network.layout.count, "parameters do not fit the network")
    precondition(state.count == network.stateLayout.count, "state does not fit the network")
    let directions = (direction?.count ?? network.layout.count) / network.layout.count
    precondition(
      direction.map { $0.count == directions * network.layout.count } ?? true, "direction misfits")
    let mode = mode ?? options.normalization
    if mode == .inference {
      let batch = inferenceBatch
      let graph = try graph(
        quantity, batch: batch, mode: mode, segments: segments, directions: directions,
        keepsValues: kept != nil)
      let batches = (sampleCount + batch - 1) / batch
      run(
        graph, start: 0, samples: sampleCount, batches: batches, parameters, state, direction,
        targets: targets ?? self.targets, firstBatch: 0, kept: kept, logits: logits, body)
      return
    }
    var start = 0
    while start < sampleCount {
      let count = min(options.batchSize, sampleCount - start)
      let graph = try graph(
        quantity, batch: count, mode: mode, segments: segments, directions: directions,
        keepsValues: kept != nil)
      run(
        graph, start: start, samples: count, batches: 1, parameters, state, direction,
        targets: targets ?? self.targets, firstBatch: start / options.batchSize, kept: kept,
        logits: logits, body)
      start += count
    }
  }

  private func run(
    _ graph: RiskGraph, start: Int, samples: Int, batches: Int, _ parameters: Vector<Float>,
    _ state: Vector<Float>, _ direction: Vector<Float>?, targets: Vector<Float>,
    firstBatch: Int, kept: KeptValues?, logits: LogitRows?, _ body: (Pass) -> Void
  ) {
    let counter = CorrectCounter(batches: batches)
    let none = Vector<Float>(zeros: 1)
    let classes = network.architecture.classCount
    parameters.withUnsafeBuffer { w in
      state.withUnsafeBuffer { s in
        (direction ?? none).withUnsafeBuffer { d in
          padded.images.withUnsafeBuffer { images in
            targets.withUnsafeBuffer { targets in
              weights.withUnsafeBuffer { weights in
                guard let w = w.baseAddress, let s = s.baseAddress, let d = d.baseAddress,
                  let images = images.baseAddress, let targets = targets.baseAddress,
                  let weights = weights.baseAddress
                else { preconditionFailure("buffers have memory") }
                let fixed = graph.fixed(
                  parameters: w, state: s, direction: direction == nil ? nil : d)
                graph.executor.prepare(fixed: fixed, kept: kept)
                let data = BoundData(
                  images: images, targets: targets, weights: weights,
                  imageCount: padded.imageCount, classes: classes,
                  names: graph.executor.batchInputs)
                graph.executor.evaluate(
                  fixed: fixed, batches: batches, firstBatch: firstBatch, kept: kept,
                  bind: { batch, _ in data.pointers(at: start + batch * graph.batch) },
                  observe: { batch, values in
                    guard let rows = values.first else { return }
                    let first = start + batch * graph.batch
                    let last = min(first + graph.batch, start + samples)
                    logits?.set(first..<last, rows)
                    counter.set(
                      batch,
                      Self.correct(
                        rows, labels: self.padded.labels[first..<last], classes: classes))
                  },
                  deliver: {
                    body(
                      Pass(outputs: $0, graph: graph, samples: samples, correct: counter.total))
                  })
              }
            }
          }
        }
      }
    }
  }

  /// Rows whose first largest logit is the label's; NaN is never right.
  static func correct(
    _ logits: UnsafePointer<Float>, labels: ArraySlice<Int32>, classes: Int
  ) -> Int {
    var count = 0
    for (row, label) in labels.enumerated() {
      let z = logits + row * classes
      let own = z[Int(label)]
      var right = own == own
      for k in 0..<classes where k != Int(label) {
        if !(z[k] < own || (z[k] == own && k > Int(label))) { right = false }
      }
      if right { count += 1 }
    }
    return count
  }
}

/// Where the batch inputs of a graph lie for any sample.
struct BoundData: @unchecked Sendable {
  let images: UnsafePointer<Float>
  let targets: UnsafePointer<Float>
  let weights: UnsafePointer<Float>
  let imageCount: Int
  let classes: Int
  let names: [String]
  /// Elements of dropout masks and where the rows of each begin.
  var dropout: (elements: UnsafePointer<Float>, places: [String: DropoutMasks.Place])?

  func pointers(at sample: Int) -> [UnsafePointer<Float>] {
    names.map { name in
      switch name {
      case "images": return images + sample * imageCount
      case "targets": return targets + sample * classes
      case "weights": return weights + sample
      default:
        guard let dropout, let place = dropout.places[name] else {
          preconditionFailure("unknown batch input \(name)")
        }
        return dropout.elements + (place.start + sample * place.sampleCount)
      }
    }
  }
}

/// Right answers per batch; every batch is written by one thread.
final class CorrectCounter: @unchecked Sendable {
  private let counts: UnsafeMutableBufferPointer<Int>

  init(batches: Int) {
    counts = .allocate(capacity: max(batches, 1))
    counts.initialize(repeating: 0)
  }

  deinit { counts.deallocate() }

  func set(_ batch: Int, _ count: Int) { counts[batch] = count }

  var total: Int { counts.reduce(0, +) }
}
