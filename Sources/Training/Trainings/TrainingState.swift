package import LinearAlgebra
package import NeuralNetworks

/// Everything that changes in the course of a training.
///
/// Random numbers are functions of seed, epoch and sample, so that counters are all there is to
/// keep of them.
package struct TrainingState: Sendable, Equatable {
  /// Weights and running statistics.
  package var point: ModelPoint
  /// Velocity of the momentum.
  package var velocity: Vector<Float>
  /// Mask of sparse SAM; nil without one.
  package var mask: PerturbationMask?
  /// Epochs that are done.
  package var epoch: Int
  /// Steps that are done.
  package var step: Int
  /// What happened in each epoch.
  package var history: TrainingHistory

  /// The state before the first step.
  package init(_ model: Model, seed: UInt64) {
    point = model.initialPoint(seed: seed)
    velocity = Vector(zeros: model.layout.count)
    epoch = 0
    step = 0
    history = TrainingHistory()
  }

  /// Makes a step along the gradient of a rule.
  mutating func make(_ optimizer: SGD, _ result: RuleGradient, learningRate: Double) {
    optimizer.step(
      gradient: result.gradient, weights: &point.weights.elements, velocity: &velocity,
      learningRate: learningRate)
    point.buffers = result.buffers
    step += 1
  }
}
