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
  package let buffers: Vector<Float>
  /// Multiplications with additions of all passes, relative to those of one whole gradient.
  package let relativeWork: Double
}

extension GradientRule {
  /// Loss and gradient at a point, by the parameters given (nil for all).
  package typealias Oracle = (
    _ point: ModelPoint, _ support: GradientSupport?
  ) throws -> StepGradient

  /// Computes the gradient of the rule.
  ///
  /// - Parameters:
  ///   - point: Weights and running statistics; the step is made at them, not at perturbed weights.
  ///   - rho: Radius of the perturbation.
  ///   - support: Parameters that the first gradient is needed by; nil for all.
  ///   - mask: Gives the mask once the first gradient is known.
  ///   - oracle: Loss and gradient of the batch.
  /// - Returns: The gradient and what was met on the way.
  /// - Throws: What `oracle` throws.
  package func gradient(
    at point: ModelPoint, rho: Double, support: GradientSupport? = nil,
    mask: (_ firstGradient: Vector<Float>) -> PerturbationMask? = { _ in nil }, oracle: Oracle
  ) throws -> RuleGradient {
    switch self {
    case .plain:
      let first = try oracle(point, nil)
      return RuleGradient(
        value: first.value, gradient: first.gradient, firstGradient: first.gradient,
        perturbationNorm: 0,
        buffers: first.runningStatistics(after: point.buffers.elements), relativeWork: 1)
    case .sharpnessAware(let settings, let perturbable):
      let first = try oracle(point, support)
      let perturbation = settings.perturbation(
        gradient: first.gradient, weights: point.weights.elements, rho: rho,
        perturbable: perturbable,
        mask: mask(first.gradient))
      var perturbed = point
      perturbed.weights.elements.add(perturbation)
      let second = try oracle(perturbed, nil)
      var buffers = first.runningStatistics(after: point.buffers.elements)
      if settings.statistics == .twice { buffers = second.runningStatistics(after: buffers) }
      return RuleGradient(
        value: first.value, gradient: second.gradient, firstGradient: first.gradient,
        perturbationNorm: perturbation.norm, buffers: buffers,
        relativeWork: first.multiplyAdds == second.multiplyAdds
          ? 2 : 1 + Double(first.multiplyAdds) / Double(second.multiplyAdds))
    }
  }
}
