package import LinearAlgebra
package import NeuralNetworks

/// What the two passes of a sharpness-aware step are about.
package struct PerturbationScope: Hashable, Sendable {
  /// Segments of the parameter layout that may be perturbed, ascending; nil for all.
  package var perturbed: [Int]?
  /// Parameters that the first gradient, which is zero elsewhere, is needed by; nil for all.
  package var support: GradientSupport?

  /// Names tensors and parameters.
  package init(perturbed: [Int]? = nil, support: GradientSupport? = nil) {
    self.perturbed = perturbed
    self.support = support
  }
}

/// Loss and gradient of one batch at any point: what a gradient rule sees of a training step.
package protocol GradientOracle {
  /// Loss and gradient by some parameters, nil for all.
  func gradient(at point: ModelPoint, support: GradientSupport?) throws -> StepGradient

  /// Loss and gradient at a point, and by all parameters at perturbed weights.
  ///
  /// - Parameters:
  ///   - point: The weights.
  ///   - scope: What may be perturbed, and what the first gradient is needed by.
  ///   - perturbation: What is added to the weights, from the first gradient.
  /// - Returns: Both.
  /// - Throws: Errors of planning and data, and what `perturbation` throws.
  func gradients(
    at point: ModelPoint, scope: PerturbationScope,
    perturbation: (StepGradient) throws -> Vector<Float>
  ) throws -> (first: StepGradient, second: StepGradient)
}

extension GradientOracle {
  /// One pass after the other; nothing of the first one is used in the second.
  package func gradients(
    at point: ModelPoint, scope: PerturbationScope,
    perturbation: (StepGradient) throws -> Vector<Float>
  ) throws -> (first: StepGradient, second: StepGradient) {
    let first = try gradient(at: point, support: scope.support)
    var perturbed = point
    perturbed.weights.elements.add(try perturbation(first))
    return (first, try gradient(at: perturbed, support: nil))
  }
}
