internal import GraphRuntime
package import LinearAlgebra
internal import NeuralNetworks

extension EmpiricalRisk {
  /// Mean loss and right answers at parameters `w`.
  ///
  /// - Complexity: One forward pass over the samples.
  package func value(at w: Vector<Float>, state: Vector<Float>) throws -> RiskValue {
    let passes = try passes(.loss, at: w, state: state)
    return RiskValue(
      loss: passes.reduce(decay(w)) { $0 + $1.outputs[0].scalar },
      correct: passes.reduce(0) { $0 + $1.correct }, samples: sampleCount)
  }

  /// Mean loss and its gradient at parameters `w`.
  ///
  /// - Returns: The value, and the gradient in the order of the parameters.
  /// - Complexity: About three forward passes.
  package func gradient(
    at w: Vector<Float>, state: Vector<Float>
  ) throws -> (value: RiskValue, gradient: Vector<Float>) {
    let passes = try passes(.gradient, at: w, state: state)
    let value = RiskValue(
      loss: passes.reduce(decay(w)) { $0 + $1.outputs[0].scalar },
      correct: passes.reduce(0) { $0 + $1.correct }, samples: sampleCount)
    var gradient = sum(passes, from: 1)
    if options.weightDecay != 0 { gradient.add(w, scaledBy: Float(options.weightDecay)) }
    return (value, gradient)
  }

  /// Exact product of the Hessian at `w` with a direction.
  ///
  /// Forward over reverse mode: the tangent of the gradient (Pearlmutter 1994).
  ///
  /// - Complexity: About nine forward passes' worth of convolutions.
  package func hessianProduct(
    at w: Vector<Float>, state: Vector<Float>, direction: Vector<Float>
  ) throws -> Vector<Float> {
    try product(.hessianProduct, at: w, state: state, direction: direction)
  }

  /// Product of the generalised Gauss-Newton matrix at `w` with a direction.
  ///
  /// `G v = 1/N sum_n J_n^T (diag(p_n) - p_n p_n^T) J_n v` (Schraudolph 2002).
  package func gaussNewtonProduct(
    at w: Vector<Float>, state: Vector<Float>, direction: Vector<Float>
  ) throws -> Vector<Float> {
    try product(.gaussNewtonProduct, at: w, state: state, direction: direction)
  }

  private func product(
    _ quantity: RiskQuantity, at w: Vector<Float>, state: Vector<Float>, direction: Vector<Float>
  ) throws -> Vector<Float> {
    var result = sum(try passes(quantity, at: w, state: state, direction: direction), from: 0)
    if options.weightDecay != 0 { result.add(direction, scaledBy: Float(options.weightDecay)) }
    return result
  }

  /// Running statistics re-estimated at `w`: mean over the batches of mean and unbiased variance.
  ///
  /// What PyTorch's running averages tend to when the batches are passed with momentum None; used
  /// for points of a surface, where the stored statistics belong to other weights.
  package func recalibratedState(
    at w: Vector<Float>, state: Vector<Float>
  ) throws -> Vector<Float> {
    guard sampleCount % options.batchSize != 1 else {
      throw RiskError(
        description: "\(sampleCount) samples in batches of \(options.batchSize) leave one alone, "
          + "which has no variance: change --samples or --batch-size")
    }
    let passes = try passes(.batchStatistics, at: w, state: state, mode: .batch)
    return Self.average(passes, layout: network.stateLayout)
  }

  private static func average(_ passes: [Pass], layout: StateLayout) -> Vector<Float> {
    let total = Double(passes.reduce(0) { $0 + $1.samples })
    return Vector(uninitialized: layout.count) { target in
      target.initialize(repeating: 0)
      var sums = [Double](repeating: 0, count: layout.count)
      for pass in passes {
        let weight = Double(pass.samples) / total
        for (index, segment) in layout.segments.enumerated() {
          // Means and variances alternate; the variance becomes unbiased as in PyTorch.
          let count = Double(pass.graph.statisticsCounts[index / 2])
          let factor = segment.role == .runningVariance ? count / max(count - 1, 1) : 1
          pass.outputs[index].elements.withUnsafeBuffer { values in
            for (offset, place) in segment.range.enumerated() {
              sums[place] += weight * factor * Double(values[offset])
            }
          }
        }
      }
      for i in 0..<layout.count { target[i] = Float(sums[i]) }
    }
  }

  private func decay(_ w: Vector<Float>) -> Double {
    options.weightDecay == 0 ? 0 : options.weightDecay / 2 * w.dot(w)
  }

  /// The outputs of all passes, one per parameter from `first` on, added and joined.
  private func sum(_ passes: [Pass], from first: Int) -> Vector<Float> {
    let segments = network.layout.segments
    return Vector(uninitialized: network.layout.count) { target in
      for (index, segment) in segments.enumerated() {
        let parts = passes.map { $0.outputs[first + index].elements }
        parts[0].withUnsafeBuffer { source in
          for (offset, place) in segment.range.enumerated() {
            target.initializeElement(at: place, to: source[offset])
          }
        }
        for part in parts.dropFirst() {
          part.withUnsafeBuffer { source in
            for (offset, place) in segment.range.enumerated() { target[place] += source[offset] }
          }
        }
      }
    }
  }
}
