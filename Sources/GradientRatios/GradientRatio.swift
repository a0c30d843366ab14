package import Datasets
package import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks
internal import Objectives
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

  /// Computes both gradients of a network.
  ///
  /// Every batch has its own perturbation `rho g / ||g||`, as in a training step; the gradients are
  /// weighted means over the batches. Both passes use the same batch and the same kind of
  /// statistics, and there is no weight decay in either.
  ///
  /// - Parameters:
  ///   - data: The samples in file order.
  ///   - batchSize: Samples that share a perturbation.
  ///   - batches: Number of batches from the start of the data.
  ///   - rho: Radius of the perturbation.
  ///   - network: The network.
  ///   - mode: Statistics of batch norms.
  ///   - convolution: Which convolution algorithms may be used.
  ///   - weights: The weights.
  ///   - state: Running statistics.
  ///   - pool: The threads.
  ///   - progress: Called after each batch with their number; what it throws ends the work.
  /// - Returns: The gradients.
  /// - Throws: `TrainingError` for an impossible radius, errors of planning.
  package static func compute(
    _ data: NormalizedDataset, batchSize: Int, batches: Int, rho: Double, network: Network,
    mode: NormalizationMode, convolution: ConvolutionChoice = .automatic, weights: Vector<Float>,
    state: Vector<Float>, pool: WorkerPool, progress: (Int) throws -> Void = { _ in }
  ) throws -> GradientRatio {
    let step = TrainingStep(
      network: network,
      options: TrainingStepOptions(normalization: mode, convolution: convolution), pool: pool)
    try step.check(data.dataset)
    let settings = SharpnessSettings(rho: try Schedule(rho))
    let rule = GradientRule.sharpnessAware(settings, support: nil)
    var plain = Vector<Float>(zeros: weights.count)
    var perturbed = plain
    var (loss, samples) = (0.0, 0)
    let parts = data.batches(of: batchSize).prefix(batches)
    let usable = parts.filter { !step.mixesSamples || $0.count > 1 }
    let total = usable.reduce(0) { $0 + $1.count }
    guard total > 0 else { throw TrainingError("there is no batch of 2 or more samples") }
    for (index, batch) in usable.enumerated() {
      let result = try rule.gradient(at: weights, state: state, rho: rho) { w, support in
        try step.gradient(of: batch, at: w, state: state, support: support)
      }
      let share = Double(batch.count) / Double(total)
      plain.add(result.firstGradient, scaledBy: Float(share))
      perturbed.add(result.gradient, scaledBy: Float(share))
      loss += share * result.value.loss
      samples += batch.count
      try progress(index + 1)
    }
    return GradientRatio(plain: plain, perturbed: perturbed, loss: loss, samples: samples)
  }
}
