internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// A plan with consecutive samples bound to it.
final class PassOverSamples {
  private let graph: RiskGraph
  private let bound: BoundSamples
  private let range: Range<Int>
  private let binder: SampleBinder
  private let batches: Int

  /// Binds samples.
  ///
  /// - Precondition: The range ends with the last sample where it does not divide into micro-batches.
  init(
    _ graph: RiskGraph, _ bound: BoundSamples, _ range: Range<Int>, dropout: DropoutMasks,
    workers: Int
  ) {
    let batch = graph.key.batch
    batches = (range.count + batch - 1) / batch
    precondition(
      range.count == batches * batch || range.upperBound == bound.samples.count,
      "padding must be past the last sample")
    self.graph = graph
    self.bound = bound
    self.range = range
    binder = SampleBinder(
      bound, model: graph.model, batch: batch,
      names: graph.plan.batchInputs, dropout: dropout, workers: workers)
  }

  /// Runs a pass of the plan over the samples.
  ///
  /// - Parameters:
  ///   - number: Which one.
  ///   - fixed: The fixed inputs.
  ///   - firstBatch: Number of the first micro-batch among those that `kept` knows.
  ///   - kept: Values of earlier products at the same point and samples.
  ///   - outputs: Receives the outputs of the model where the quantity shows them.
  ///   - prepares: Whether the fixed inputs are others than in the last run of the plan.
  ///   - body: Receives what the outputs hold, which is valid until it returns.
  /// - Returns: What `body` makes of it.
  /// - Throws: `DatasetError` when a sample cannot be read; `RiskError` when outputs are shown that
  ///   are not the probabilities that the loss takes them for; and what `body` throws.
  func run<Result>(
    _ number: Int = 0, fixed: [TensorHandle], firstBatch: Int = 0, kept: KeptValues? = nil,
    outputs: OutputRows? = nil, prepares: Bool = true, _ body: (RiskPass) throws -> Result
  ) throws -> Result {
    let (binder, range, batch) = (binder, range, graph.key.batch)
    let scores = RowScores(bound)
    let check = OutputCheck(bound.loss, model: graph.model.name)
    if prepares { try graph.plan.prepare(fixed: fixed, pass: number, kept: kept) }
    return try graph.plan.evaluate(
      fixed: fixed, pass: number, batches: batches, firstBatch: firstBatch, kept: kept,
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
        check.add(rows, samples: samples)
      },
      deliver: { results in
        try binder.check()
        try check.check()
        return try body(
          RiskPass(
            outputs: results, graph: graph, pass: graph.passes[number], samples: range.count,
            correct: scores.correct))
      })
  }
}

/// One run of a plan over consecutive samples, whose outputs are valid while it is looked at.
struct RiskPass {
  let outputs: [ExecutorOutput]
  let graph: RiskGraph
  /// Which pass of the plan it was.
  let pass: RiskGraphPass
  let samples: Int
  let correct: Int

  /// The mean loss, where that is the first output.
  var loss: Double { outputs[0].scalar }

  /// Adds a gradient or a product to a vector in the space of the parameters, where there is one yet.
  ///
  /// The first one is written where nothing was: vectors may be as large as the memory is fast.
  ///
  /// - Parameters:
  ///   - number: Which of several directions.
  ///   - result: The vector; nil before the first pass.
  ///   - pool: The threads, which share the work.
  func add(direction number: Int = 0, to result: inout Vector<Float>?, _ pool: WorkerPool) {
    let count = graph.model.layout.count
    let covered = pass.parts.reduce(0) { $0 + ($1.filters == nil ? $1.segment.range.count : 0) }
    guard var sum = result.take() else {
      if covered == count {
        result = Vector(uninitialized: count) { write(number, to: $0, adds: false, pool) }
      } else {
        var zeros = Vector<Float>(zeros: count)
        zeros.withUnsafeMutableBuffer { write(number, to: $0, adds: true, pool) }
        result = zeros
      }
      return
    }
    sum.withUnsafeMutableBuffer { write(number, to: $0, adds: true, pool) }
    result = sum
  }

  /// Consecutive elements that one thread writes.
  private struct Piece: @unchecked Sendable {
    // `@unchecked`: pieces do not overlap, and the caller waits for them.
    let source: UnsafePointer<Float>
    let target: UnsafeMutablePointer<Float>
    let count: Int
  }

  private func write(
    _ number: Int, to target: UnsafeMutableBufferPointer<Float>, adds: Bool, _ pool: WorkerPool
  ) {
    guard let base = target.baseAddress else { return }
    let first = (graph.key.quantity == .gradient ? 1 : 0) + number * pass.parts.count
    var pieces: [Piece] = []
    for (position, part) in pass.parts.enumerated() {
      let source = outputs[first + position].elements
      let range = part.segment.range
      guard let filters = part.filters else {
        guard let from = source.baseAddress else { continue }
        for start in stride(from: 0, to: range.count, by: 1 << 20) {
          pieces.append(
            Piece(
              source: from + start, target: base + range.lowerBound + start,
              count: min(1 << 20, range.count - start)))
        }
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
    let shares = pieces
    pool.run(count: shares.count) { index, _ in
      let piece = shares[index]
      if adds {
        for i in 0..<piece.count { piece.target[i] += piece.source[i] }
      } else {
        // As a sum with zero, which makes negative zeros positive.
        for i in 0..<piece.count { piece.target[i] = 0 + piece.source[i] }
      }
    }
  }

  /// Mean and unbiased variance of the inputs of all batch norms, in the layout of the buffers; nil
  /// where there are none.
  ///
  /// Each sample stands `repeats` times in the batch: repetitions give no new information about the
  /// variance.
  func batchStatistics(repeats: Int = 1) -> Vector<Float>? {
    guard !pass.statistics.isEmpty else { return nil }
    let segments = graph.model.bufferLayout.segments
    var values = Vector<Float>(zeros: graph.model.bufferLayout.count)
    for (index, one) in pass.statistics.enumerated() {
      let first = pass.firstStatistics + 2 * index
      values.setElements(
        from: segments[one.meanIndex].range.lowerBound, to: outputs[first].elements)
      let count = Double(one.count / repeats)
      let variance = Vector(outputs[first + 1].elements).scaled(by: count / max(count - 1, 1))
      values.setElements(from: segments[one.varianceIndex].range.lowerBound, to: variance)
    }
    return values
  }
}
