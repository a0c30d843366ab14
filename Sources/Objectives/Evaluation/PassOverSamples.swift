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
      bound, model: graph.model, batch: batch, start: range.lowerBound,
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
  ///   - body: Receives what the outputs hold, which is valid until it returns.
  /// - Returns: What `body` makes of it.
  /// - Throws: `DatasetError` when a sample cannot be read; `RiskError` when outputs are shown that
  ///   are not the probabilities that the loss takes them for; and what `body` throws.
  func run<Result>(
    _ number: Int = 0, fixed: [TensorHandle], firstBatch: Int = 0, kept: KeptValues? = nil,
    outputs: OutputRows? = nil, _ body: (RiskPass) -> Result
  ) throws -> Result {
    let (binder, range, batch) = (binder, range, graph.key.batch)
    let scores = RowScores(bound)
    let check = OutputCheck(bound.loss, model: graph.model.name)
    try graph.plan.prepare(fixed: fixed, pass: number, kept: kept)
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
        return body(
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

  /// Adds a gradient or a product to a vector in the space of the parameters.
  ///
  /// - Parameters:
  ///   - number: Which of several directions.
  ///   - result: The vector.
  func add(direction number: Int = 0, to result: inout Vector<Float>) {
    let first = (graph.key.quantity == .gradient ? 1 : 0) + number * pass.parts.count
    result.withUnsafeMutableBuffer { target in
      for (position, part) in pass.parts.enumerated() {
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
