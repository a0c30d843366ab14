package import Datasets
internal import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks

/// Diagonal of the empirical Fisher matrix, and what its pass did to batch norms.
package struct FisherDiagonal: Sendable {
  /// `F_i = sum_n weight[n] (d l_n / d w_i)^2`, one entry per parameter, with l_n the mean loss of the
  /// rows of sample n and weight[n] the sum of their weights: 1/N where all count alike.
  package let elements: Vector<Double>
  /// Statistics of each sample alone, in the order of the samples; empty in inference mode.
  package let sampleStatistics: [Vector<Float>]
}

extension TrainingStep {
  /// Largest memory for the sums of squares of all lanes, in bytes.
  private static let fisherBudget = 256 << 20

  /// Diagonal of the empirical Fisher matrix over samples with their true targets.
  ///
  /// One gradient per sample: a graph for two samples takes each one twice, which is the same function
  /// of the weights also where batch norms use the statistics of that one sample. The targets are not
  /// smoothed: the Fisher matrix is about the model's own likelihood. A sample none of whose rows counts
  /// adds nothing.
  ///
  /// - Parameters:
  ///   - batch: The samples.
  ///   - point: Weights and running statistics.
  ///   - mode: Statistics of batch norms: the running ones, or those of each sample alone.
  /// - Returns: The diagonal, and statistics of single samples in batch mode.
  /// - Throws: `PlanError`, `OneDNNError` when the graph cannot be planned.
  /// - Complexity: About six forward passes over the samples, on all threads.
  package func fisherDiagonal(
    of batch: Samples, at point: ModelPoint, mode: NormalizationMode
  ) throws -> FisherDiagonal {
    let mixes = mode == .batch && model.bufferLayout.count > 0
    var plain = loss.loss
    plain.labelSmoothing = 0
    let likelihood = try BoundLoss(plain, model: model, target: batch.target)
    let key = RiskPlanKey(
      quantity: .gradient, batch: 2, mode: mixes ? .batch : .inference,
      execution: mixes ? .wholeBatch(chunk: 2) : .microBatches, convolution: options.convolution)
    let weights = try BoundSamples(batch, model: model, loss: likelihood).weights.sampleTotals()
    // Each worker has a plan of its own, since a single sample does not fill several threads.
    let engines = (0..<pool.threadCount).map { _ in
      RiskEngine(model, likelihood, device: CPU(WorkerPool(threadCount: 1)))
    }
    let graphs = try engines.map { try $0.graph(key) }
    let count = model.layout.count
    // A fixed number of lanes, whatever the number of threads, keeps the bits the same.
    let lanes = max(1, min(8, batch.count, Self.fisherBudget / (8 * max(count, 1))))
    let sums = SquareSums(lanes: lanes, count: count, samples: batch.count)
    pool.run(count: lanes) { lane, worker in
      for sample in (batch.count * lane / lanes)..<(batch.count * (lane + 1) / lanes)
      where weights[sample] > 0 {
        do {
          let pair = try BoundSamples(
            batch.selecting([sample, sample]), model: self.model, loss: likelihood)
          sums.add(
            try engines[worker].stepGradient(graphs[worker], pair, at: point, repeats: 2),
            lane: lane, sample: sample, weight: weights[sample])
        } catch {
          sums.fail(error)
        }
      }
    }
    try sums.check()
    return FisherDiagonal(
      elements: sums.mean(total: weights.reduce(0, +)),
      sampleStatistics: mixes ? sums.statistics : [])
  }
}

/// Weighted sums of squared gradients per lane, and the statistics of each sample.
private final class SquareSums: @unchecked Sendable {
  // `@unchecked`: a lane and a sample are written by one thread each.
  private let sums: UnsafeMutablePointer<Double>
  private let kept: UnsafeMutableBufferPointer<Vector<Float>?>
  private let lanes: Int
  private let count: Int
  private let failure = FirstError()

  init(lanes: Int, count: Int, samples: Int) {
    self.lanes = lanes
    self.count = count
    sums = .allocate(capacity: max(lanes * count, 1))
    sums.initialize(repeating: 0, count: lanes * count)
    kept = .allocate(capacity: samples)
    kept.initialize(repeating: nil)
  }

  deinit {
    sums.deallocate()
    kept.deinitialize()
    kept.deallocate()
  }

  func add(_ result: StepGradient, lane: Int, sample: Int, weight: Double) {
    kept[sample] = result.batchStatistics
    let target = sums + lane * count
    let count = count
    result.gradient.withUnsafeBuffer { source in
      guard let p = source.baseAddress else { return }
      var i = 0
      while i < count {
        let value = Double(p[i])
        target[i] += weight * (value * value)
        i &+= 1
      }
    }
  }

  /// Notes that a sample could not be taken in.
  func fail(_ error: any Error) { failure.set(error) }

  /// Throws what has been noted.
  func check() throws { try failure.check() }

  var statistics: [Vector<Float>] { kept.compactMap(\.self) }

  /// The sums of all lanes, added in order, divided by the sum of the weights.
  func mean(total: Double) -> Vector<Double> {
    let factor = 1 / total
    return Vector(uninitialized: count) { target in
      for i in 0..<count {
        var total = 0.0
        for lane in 0..<lanes { total += sums[lane * count + i] }
        target.initializeElement(at: i, to: total * factor)
      }
    }
  }
}
