internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// Plans quantities of a model and a loss and runs them over samples; what stands behind risks and
/// training steps.
final class RiskEngine: @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  let model: Model
  let loss: BoundLoss
  let pool: WorkerPool
  private var graphs: [RiskPlanKey: RiskGraph] = [:]

  init(_ model: Model, _ loss: BoundLoss, pool: WorkerPool) {
    self.model = model
    self.loss = loss
    self.pool = pool
  }

  /// The plan of a key, made once.
  ///
  /// Of plans for some of the parameters only those of the last support are remembered: one layer
  /// after the other is asked for, or masks change for ever, and plans would only take memory.
  func graph(_ key: RiskPlanKey) throws -> RiskGraph {
    if let known = graphs[key] { return known }
    if let support = key.support {
      for other in graphs.keys where other.support != nil && other.support != support {
        graphs[other] = nil
      }
    }
    let created = try RiskGraph(model, loss, key, pool: pool)
    graphs[key] = created
    return created
  }

  /// Gives back the memory of all plans; what is evaluated again is planned again.
  func releasePlans() { graphs = [:] }

  /// Runs a plan over consecutive samples.
  ///
  /// - Parameters:
  ///   - graph: The plan.
  ///   - bound: The samples.
  ///   - range: Which of them; all up to the last one where they do not divide into micro-batches.
  ///   - point: Weights and buffers.
  ///   - direction: Vector in the space of the parameters, for products; or several, one behind the
  ///     other.
  ///   - firstBatch: Number of the first micro-batch among those that `kept` knows.
  ///   - kept: Values of earlier products at the same point and samples.
  ///   - dropout: Masks for the samples of the range.
  ///   - outputs: Receives the outputs of the model where the quantity shows them.
  ///   - body: Receives what the outputs hold, which is valid until it returns.
  /// - Returns: What `body` makes of it.
  /// - Throws: `DatasetError` when a sample cannot be read, and what `body` throws.
  func run<Result>(
    _ graph: RiskGraph, _ bound: BoundSamples, _ range: Range<Int>, at point: ModelPoint,
    direction: Vector<Float>? = nil, firstBatch: Int = 0, kept: KeptValues? = nil,
    dropout: DropoutMasks = .none, outputs: OutputRows? = nil, _ body: (RiskPass) -> Result
  ) throws -> Result {
    precondition(point.fits(model), "the point belongs to another model")
    let batch = graph.key.batch
    let batches = (range.count + batch - 1) / batch
    precondition(
      range.count == batches * batch || range.upperBound == bound.samples.count,
      "padding must be past the last sample")
    let binder = SampleBinder(
      bound, model: model, batch: batch, start: range.lowerBound,
      names: graph.executor.batchInputs, dropout: dropout, workers: pool.threadCount)
    let scores = RowScores(bound)
    let none = Vector<Float>(zeros: 1)
    return try point.weights.elements.withUnsafeBuffer { weights in
      try point.buffers.elements.withUnsafeBuffer { buffers in
        try (direction ?? none).withUnsafeBuffer { vector in
          guard let weights = weights.baseAddress, let buffers = buffers.baseAddress else {
            preconditionFailure("buffers have memory")
          }
          let fixed = graph.fixed(
            weights: weights, buffers: buffers,
            direction: direction == nil ? nil : vector.baseAddress)
          graph.executor.prepare(fixed: fixed, kept: kept)
          return try graph.executor.evaluate(
            fixed: fixed, batches: batches, firstBatch: firstBatch, kept: kept,
            bind: { index, worker in
              binder.pointers(at: range.lowerBound + index * batch, worker: worker)
            },
            observe: { index, values in
              guard let rows = values.first else { return }
              let first = range.lowerBound + index * batch
              let samples = first..<min(first + batch, range.upperBound)
              guard !samples.isEmpty else { return }
              outputs?.set(samples, rows)
              scores.add(rows, samples: samples)
            },
            deliver: { results in
              try binder.check()
              return body(
                RiskPass(
                  outputs: results, graph: graph, samples: range.count, correct: scores.correct))
            })
        }
      }
    }
  }
}

/// One run of a plan over consecutive samples, whose outputs are valid while it is looked at.
struct RiskPass {
  let outputs: [ExecutorOutput]
  let graph: RiskGraph
  let samples: Int
  let correct: Int

  /// The mean loss, where that is the first output.
  var loss: Double { outputs[0].scalar }

  /// Adds a gradient or a product to a vector in the space of the parameters.
  ///
  /// - Parameters:
  ///   - number: Which of several directions.
  ///   - result: The vector.
  func add(direction number: Int = 0, to result: inout Vector<Float>) {
    let first = (graph.key.quantity == .gradient ? 1 : 0) + number * graph.parts.count
    result.withUnsafeMutableBuffer { target in
      for (position, part) in graph.parts.enumerated() {
        let source = outputs[first + position].elements
        let range = part.segment.range
        guard let filters = part.filters else {
          for (offset, place) in range.enumerated() { target[place] += source[offset] }
          continue
        }
        var row = 0
        for places in filters.flatMap(part.segment.filterRanges) {
          for place in places {
            target[place] += source[part.isRestricted ? row : place - range.lowerBound]
            row += 1
          }
        }
      }
    }
  }

  /// Mean and unbiased variance of the inputs of all batch norms.
  ///
  /// - Parameter repeats: How often each sample stands in the batch: repetitions give no new
  ///   information about the variance.
  /// - Returns: The statistics in the layout of the buffers; nil where there are none.
  func batchStatistics(repeats: Int = 1) -> Vector<Float>? {
    guard !graph.statistics.isEmpty else { return nil }
    let segments = graph.model.bufferLayout.segments
    var values = Vector<Float>(zeros: graph.model.bufferLayout.count)
    for (index, one) in graph.statistics.enumerated() {
      let first = graph.firstStatistics + 2 * index
      values.setElements(
        from: segments[one.meanIndex].range.lowerBound, to: outputs[first].elements)
      let count = Double(one.count / repeats)
      let variance = Vector(outputs[first + 1].elements).scaled(by: count / max(count - 1, 1))
      values.setElements(from: segments[one.varianceIndex].range.lowerBound, to: variance)
    }
    return values
  }
}

/// Outputs of all samples, filled by the workers; every row is written by one thread.
final class OutputRows: @unchecked Sendable {
  // `@unchecked`: rows are disjoint, and they are read after all workers have ended.
  private let elements: UnsafeMutableBufferPointer<Float>
  private let size: Int

  init(samples: Int, size: Int) {
    self.size = size
    elements = .allocate(capacity: max(samples * size, 1))
    elements.initialize(repeating: .nan)
  }

  deinit { elements.deallocate() }

  func set(_ samples: Range<Int>, _ rows: UnsafePointer<Float>) {
    guard let base = elements.baseAddress else { return }
    (base + samples.lowerBound * size).update(from: rows, count: samples.count * size)
  }

  var vector: Vector<Float> { Vector(elements) }
}
