package import LinearAlgebra

/// Stochastic gradient descent with momentum, in PyTorch's form.
///
/// `g <- g + decay w`, `v <- momentum v + g`, `w <- w - rate v`, or with Nesterov's rule
/// `w <- w - rate (g + momentum v)`. The velocity starts at zero.
public struct SGD: Codable, Hashable, Sendable {
  /// Share of the velocity that is kept.
  public var momentum: Double
  /// Whether the step looks ahead.
  public var nesterov: Bool
  /// Factor of the weights in the gradient of the step; no part of a perturbation.
  public var weightDecay: Double

  /// Creates the rule.
  public init(momentum: Double = 0.9, nesterov: Bool = false, weightDecay: Double = 5e-4) {
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Checks the settings.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  func validate() throws(TrainingError) {
    guard (0..<1).contains(momentum) else {
      throw TrainingError("momentum \(momentum); give a number in 0..<1")
    }
    guard !nesterov || momentum > 0 else {
      throw TrainingError("Nesterov's rule needs a momentum above 0")
    }
  }

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - gradient: Gradient of the loss, without weight decay.
  ///   - weights: Moved.
  ///   - velocity: Updated.
  ///   - learningRate: Length of the step in units of the velocity.
  package func step(
    gradient: Vector<Float>, weights: inout Vector<Float>, velocity: inout Vector<Float>,
    learningRate: Double
  ) {
    var gradient = gradient
    if weightDecay != 0 { gradient.add(weights, scaledBy: Float(weightDecay)) }
    guard momentum != 0 else {
      weights.add(gradient, scaledBy: Float(-learningRate))
      return
    }
    velocity.scale(by: Float(momentum))
    velocity.add(gradient)
    if nesterov {
      gradient.add(velocity, scaledBy: Float(momentum))
      weights.add(gradient, scaledBy: Float(-learningRate))
    } else {
      weights.add(velocity, scaledBy: Float(-learningRate))
    }
  }
}
