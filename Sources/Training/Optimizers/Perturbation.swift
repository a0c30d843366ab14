package import LinearAlgebra

extension SharpnessSettings {
  /// The perturbation that raises the loss most, to first order, within the radius.
  ///
  /// SAM: `rho g / ||g||`. Sparse: `rho m g / ||g||` with the official norm, `rho m g / ||m g||` with
  /// the iso norm. Adaptive (ASAM) with `T = |w| + eta`: `rho T^2 g / ||T g||`, masked likewise. A
  /// gradient that is zero gives no perturbation.
  ///
  /// - Parameters:
  ///   - gradient: Gradient g at the weights.
  ///   - weights: The weights w.
  ///   - rho: Radius.
  ///   - perturbable: 1 for parameters that may be perturbed at all, 0 elsewhere; nil for all.
  ///   - mask: The mask m of sparse SAM.
  /// - Returns: The perturbation.
  package func perturbation(
    gradient: Vector<Float>, weights: Vector<Float>, rho: Double, perturbable: Vector<Float>?,
    mask: PerturbationMask?
  ) -> Vector<Float> {
    var direction = gradient
    var scale: Vector<Float>?
    if let adaptiveShift {
      let shift = Float(adaptiveShift)
      let magnitudes = weights.map { $0.magnitude + shift }
      direction.multiplyElements(by: magnitudes)
      scale = magnitudes
    }
    if let perturbable { direction.multiplyElements(by: perturbable) }
    let whole = self.mask?.norm == .iso ? nil : direction.norm
    if let mask { direction.multiplyElements(by: mask.elements) }
    let norm = whole ?? direction.norm
    guard norm != 0 else { return Vector(zeros: gradient.count) }
    var result = direction.scaled(by: rho / (norm + normEpsilon))
    if let scale { result.multiplyElements(by: scale) }
    return result
  }
}
