package import LinearAlgebra
package import NeuralNetworks
package import Objectives

/// Which gradient a step follows: that at the weights, or that at perturbed weights.
package enum GradientRule: Sendable {
  /// The gradient at the weights.
  case plain
  /// The gradient at `w + eps`, with the perturbation that the settings say (SAM and its kin);
  /// `perturbable` is 1 for parameters that may be perturbed, nil for all.
  case sharpnessAware(SharpnessSettings, perturbable: Vector<Float>?)
}

/// Gradient of a rule on one batch, and what was met on the way to it.
package struct RuleGradient: Sendable {
  /// Loss and right answers at the weights themselves.
  package let value: RiskValue
  /// The gradient to step along.
  package let gradient: Vector<Float>
  /// Gradient at the weights; where a mask leaves out whole tensors or filters and the norm does
  /// not need them, zero there.
  package let firstGradient: Vector<Float>
  /// Euclidean norm of the perturbation; 0 for the plain rule.
  package let perturbationNorm: Double
  /// Running statistics after the step.
  package let buffers: Buffers
  /// Multiplications with additions of all passes, relative to those of one whole gradient.
  package let relativeWork: Double
}

extension GradientRule {
  /// Computes the gradient of the rule.
  ///
  /// - Parameters:
  ///   - point: Weights and running statistics; the step is made at them, not at perturbed weights.
  ///   - rho: Radius of the perturbation.
  ///   - scope: What the perturbation may change, and what the first gradient is needed by.
  ///   - mask: Gives the mask once the first gradient is known.
  ///   - oracle: Loss and gradient of the batch.
  /// - Returns: The gradient and what was met on the way.
  /// - Throws: What `oracle` throws.
  package func gradient(
    at point: ModelPoint, rho: Double, scope: PerturbationScope = PerturbationScope(),
    mask: (_ firstGradient: Vector<Float>) -> PerturbationMask? = { _ in nil },
    oracle: some GradientOracle
  ) throws -> RuleGradient {
    switch self {
    case .plain:
      let first = try oracle.gradient(at: point, support: nil)
      return RuleGradient(
        value: first.value, gradient: first.gradient, firstGradient: first.gradient,
        perturbationNorm: 0,
        buffers: first.runningStatistics(after: point.buffers), relativeWork: 1)
    case .sharpnessAware(let settings, let perturbable):
      var norm = 0.0
      let (first, second) = try oracle.gradients(at: point, scope: scope) { first in
        let perturbation = settings.perturbation(
          gradient: first.gradient, weights: point.weights.elements, rho: rho,
          perturbable: perturbable, mask: mask(first.gradient))
        norm = perturbation.norm
        return perturbation
      }
      var buffers = first.runningStatistics(after: point.buffers)
      if settings.statistics == .twice { buffers = second.runningStatistics(after: buffers) }
      let whole = second.multiplyAdds + second.reusedMultiplyAdds
      return RuleGradient(
        value: first.value, gradient: second.gradient, firstGradient: first.gradient,
        perturbationNorm: norm, buffers: buffers,
        relativeWork: whole == 0
          ? 2 : Double(first.multiplyAdds + second.multiplyAdds) / Double(whole))
    }
  }
}
