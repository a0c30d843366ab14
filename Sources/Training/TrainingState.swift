package import LinearAlgebra
package import NeuralNetworks

/// Everything that changes in the course of a training.
///
/// Random numbers are functions of seed, epoch and sample, so that counters are all there is to
/// keep of them.
package struct TrainingState: Sendable, Equatable {
  /// The weights.
  package var weights: Vector<Float>
  /// Velocity of the momentum.
  package var velocity: Vector<Float>
  /// Running statistics of batch norms.
  package var statistics: Vector<Float>
  /// Mask of sparse SAM; nil without one.
  package var mask: PerturbationMask?
  /// Epochs that are done.
  package var epoch: Int
  /// Steps that are done.
  package var step: Int
  /// What happened in each epoch.
  package var history: TrainingHistory

  /// The state before the first step.
  package init(_ network: Network, seed: UInt64) {
    weights = network.initialParameters(seed: seed).elements
    velocity = Vector(zeros: weights.count)
    statistics = network.initialState().elements
    epoch = 0
    step = 0
    history = TrainingHistory()
  }

  /// Makes a step along the gradient of a rule.
  mutating func make(_ optimizer: SGD, _ result: RuleGradient, learningRate: Double) {
    optimizer.step(
      gradient: result.gradient, weights: &weights, velocity: &velocity,
      learningRate: learningRate)
    statistics = result.state
    step += 1
  }
}
