package import NeuralNetworks

/// Everything that changes in the course of a training.
///
/// Random numbers are functions of seed, epoch and sample, so that counters are all there is to
/// keep of them.
package struct TrainingState: Sendable, Equatable {
  /// Weights and running statistics.
  package var point: ModelPoint
  /// What the base optimizer remembers of earlier gradients.
  package var moments: GradientMoments
  /// Mask of sparse SAM; nil without one.
  package var mask: PerturbationMask?
  /// Epochs that are done.
  package var epoch: Int
  /// Steps that are done.
  package var step: Int
  /// What happened in each epoch.
  package var history: TrainingHistory

  /// The state before the first step, at given or random weights.
  ///
  /// - Precondition: The start is a point of the model.
  package init(
    _ model: Model, optimizer: BaseOptimizer, seed: UInt64, start: ModelPoint? = nil
  ) {
    precondition(start?.fits(model) ?? true, "the start belongs to another model")
    point = start ?? model.initialPoint(seed: seed)
    moments = optimizer.initialMoments(count: model.layout.count)
    epoch = 0
    step = 0
    history = TrainingHistory()
  }

  /// Makes a step along the gradient of a rule.
  mutating func make(_ optimizer: BaseOptimizer, _ result: RuleGradient, learningRate: Double) {
    step += 1
    optimizer.step(
      gradient: result.gradient, weights: &point.weights.elements, moments: &moments,
      number: step, learningRate: learningRate)
    point.buffers = result.buffers
  }
}
