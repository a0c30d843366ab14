package import Datasets
package import LinearAlgebra
package import NeuralNetworks
package import Objectives
internal import Training

/// The plain gradient and that of SAM on the same samples, and what they were computed with.
package struct GradientRatio: Sendable {
  /// Gradient at the weights, mean over all batches.
  package let plain: Vector<Float>
  /// Gradient at the perturbed weights, mean over all batches.
  package let perturbed: Vector<Float>
  /// Mean loss at the weights.
  package let loss: Double
  /// Samples that were used.
  package let samples: Int
  /// The ratios of each batch's own gradients, by the segments of the layout.
  package let batches: [[RatioCount]]

  /// Computes both gradients of a network.
  ///
  /// Every batch has its own perturbation `rho g / ||g||`, as in a training step; gradients and loss are
  /// means over the batches by the weights of their rows, as over one batch of all. Both passes use the same batch and the same kind of
  /// statistics, and there is no weight decay in either.
  ///
  /// - Parameters:
  ///   - samples: The samples in file order.
  ///   - batchSize: Samples that share a perturbation.
  ///   - batches: Number of batches from the start of the data.
  ///   - rho: Radius of the perturbation.
  ///   - model: The model.
  ///   - loss: The loss; nil for that which suits the targets.
  ///   - options: Statistics of batch norms, and how gradients are computed.
  ///   - point: Weights and running statistics.
  ///   - pool: The threads.
  ///   - progress: Called after each batch with their number; what it throws ends the work.
  /// - Returns: The gradients.
  /// - Throws: `TrainingError` for an impossible radius, errors of planning.
  package static func compute(
    _ samples: Samples, batchSize: Int, batches: Int, rho: Double, model: Model,
    loss: Loss? = nil, options: TrainingStepOptions, at point: ModelPoint, pool: WorkerPool,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> GradientRatio {
    let step = try TrainingStep(
      model: model, loss: loss, samples: samples, options: options, pool: pool)
    let settings = SharpnessSettings(rho: try Schedule(rho))
    let rule = GradientRule.sharpnessAware(settings, perturbable: nil)
    var plain = Vector<Float>(zeros: model.layout.count)
    var perturbed = plain
    var (mean, weight) = (0.0, 0.0)
    var counts: [[RatioCount]] = []
    let parts = stride(from: 0, to: samples.count, by: batchSize).prefix(batches).map {
      $0..<min($0 + batchSize, samples.count)
    }
    let usable = parts.filter { !step.mixesSamples || $0.count > 1 }
    let total = usable.reduce(0) { $0 + $1.count }
    guard total > 0 else { throw TrainingError("there is no batch of 2 or more samples") }
    for (index, range) in usable.enumerated() {
      let batch = samples.selecting(range)
      let result = try rule.gradient(at: point, rho: rho, oracle: BatchGradients(step, batch))
      weight += result.value.weight
      counts.append(
        model.layout.segments.map {
          RatioCount(plain: result.firstGradient, perturbed: result.gradient, in: $0.range)
        })
      // Where nothing counts in the first batches, they have no share in anything.
      let share = weight > 0 ? result.value.weight / weight : 0
      plain.scale(by: Float(1 - share))
      plain.add(result.firstGradient, scaledBy: Float(share))
      perturbed.scale(by: Float(1 - share))
      perturbed.add(result.gradient, scaledBy: Float(share))
      mean += share * (result.value.loss - mean)
      try progress(index + 1)
    }
    guard weight > 0 else {
      throw TrainingError("no row of the batches has a weight above 0; take more batches")
    }
    return GradientRatio(
      plain: plain, perturbed: perturbed, loss: mean, samples: total, batches: counts)
  }
}
