package import Datasets
package import LinearAlgebra
package import NeuralNetworks

/// Loss and gradient of a training step on one batch.
package struct BatchGradients: GradientOracle {
  private let step: TrainingStep
  private let batch: Samples
  private let dropout: RandomStream

  /// Names the batch, and where the dropout masks of all its passes come from.
  package init(
    _ step: TrainingStep, _ batch: Samples,
    dropout: RandomStream = RandomStream(seed: 0, label: "dropout")
  ) {
    self.step = step
    self.batch = batch
    self.dropout = dropout
  }

  package func gradient(
    at point: ModelPoint, support: GradientSupport?
  ) throws -> StepGradient {
    try step.gradient(of: batch, at: point, support: support, dropout: dropout)
  }

  package func gradients(
    at point: ModelPoint, scope: PerturbationScope,
    perturbation: (StepGradient) throws -> Vector<Float>
  ) throws -> (first: StepGradient, second: StepGradient) {
    try step.gradients(
      of: batch, at: point, scope: scope, dropout: dropout, perturbation: perturbation)
  }
}
