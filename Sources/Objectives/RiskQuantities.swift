internal import GraphRuntime
package import LinearAlgebra
internal import NeuralNetworks

extension EmpiricalRisk {
  /// Mean loss and right answers at parameters `w`.
  ///
  /// - Complexity: One forward pass over the samples.
  package func value(at w: Vector<Float>, state: Vector<Float>) throws -> RiskValue {
    var loss = decay(w)
    var correct = 0
    try forEachPass(.loss, at: w, state: state) { pass in
      loss += pass.outputs[0].scalar
      correct += pass.correct
    }
    return RiskValue(loss: loss, correct: correct, samples: sampleCount)
  }

  /// Mean loss and its gradient at parameters `w`.
  ///
  /// - Returns: The value, and the gradient in the order of the parameters.
  /// - Complexity: About three forward passes.
  package func gradient(
    at w: Vector<Float>, state: Vector<Float>
  ) throws -> (value: RiskValue, gradient: Vector<Float>) {
    var loss = decay(w)
    var correct = 0
    var gradient = Vector<Float>(zeros: network.layout.count)
    try forEachPass(.gradient, at: w, state: state) { pass in
      loss += pass.outputs[0].scalar
      correct += pass.correct
      pass.add(outputsFrom: 1, of: Array(network.layout.segments.indices), to: &gradient)
    }
    if options.weightDecay != 0 { gradient.add(w, scaledBy: Float(options.weightDecay)) }
    return (RiskValue(loss: loss, correct: correct, samples: sampleCount), gradient)
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
    var result = Vector<Float>(zeros: network.layout.count)
    try forEachPass(quantity, at: w, state: state, direction: direction) { pass in
      pass.add(outputsFrom: 0, of: Array(network.layout.segments.indices), to: &result)
    }
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
    var sums = [Double](repeating: 0, count: network.stateLayout.count)
    try forEachPass(.batchStatistics, at: w, state: state, mode: .batch) { pass in
      let weight = Double(pass.samples) / Double(sampleCount)
      for (index, segment) in network.stateLayout.segments.enumerated() {
        // Means and variances alternate; the variance becomes unbiased as in PyTorch.
        let count = Double(pass.graph.statisticsCounts[index / 2])
        let factor = segment.role == .runningVariance ? count / max(count - 1, 1) : 1
        for (place, value) in zip(segment.range, pass.outputs[index].elements) {
          sums[place] += weight * factor * Double(value)
        }
      }
    }
    return Vector(sums.map(Float.init))
  }

  private func decay(_ w: Vector<Float>) -> Double {
    options.weightDecay == 0 ? 0 : options.weightDecay / 2 * w.dot(w)
  }
}

extension EmpiricalRisk.Pass {
  /// Adds outputs that belong to tensors of the network to a vector in the space of the parameters.
  ///
  /// - Parameters:
  ///   - first: The output of the first tensor; those of the others follow.
  ///   - segments: Numbers of the tensors.
  ///   - result: The vector.
  func add(outputsFrom first: Int, of segments: [Int], to result: inout Vector<Float>) {
    let layout = graph.network.layout.segments
    result.withUnsafeMutableBuffer { target in
      for (position, index) in segments.enumerated() {
        let source = outputs[first + position].elements
        for (offset, place) in layout[index].range.enumerated() { target[place] += source[offset] }
      }
    }
  }
}
