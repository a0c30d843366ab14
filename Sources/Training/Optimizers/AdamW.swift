package import LinearAlgebra

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101), in PyTorch's form.
///
/// `m <- beta1 m + (1 - beta1) g`, `v <- beta2 v + (1 - beta2) g^2`, and with the corrections of step t,
/// counted from 1, for moments that start at zero,
/// `w <- w - rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + decay w)`.
/// No weight decay enters the moments.
public struct AdamW: Codable, Hashable, Sendable {
  /// Share of the mean gradient that is kept.
  public var beta1: Double
  /// Share of the mean squared gradient that is kept.
  public var beta2: Double
  /// Summand of the denominator.
  public var epsilon: Double
  /// Share of the weights, times the learning rate, that each step takes away.
  public var weightDecay: Double

  /// Creates the rule; the defaults are PyTorch's.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Checks the settings.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  func validate() throws(TrainingError) {
    for (name, beta) in [("beta1", beta1), ("beta2", beta2)] {
      guard (0..<1).contains(beta) else {
        throw TrainingError("\(name) \(beta); give a number in 0..<1")
      }
    }
    // Without it, a weight whose gradients were all zero would be divided by zero.
    guard epsilon > 0, epsilon.isFinite else {
      throw TrainingError("epsilon \(epsilon); give a number above 0")
    }
  }

  /// Makes one step, in one pass over the vectors.
  ///
  /// An element is computed in Double and rounded where it is stored. Means of squares past the largest
  /// Float stay at it: infinite ones would hold the weight where it is for good.
  ///
  /// - Parameters:
  ///   - gradient: Gradient of the loss, without weight decay.
  ///   - weights: Moved.
  ///   - first: Moving mean of the gradient; updated.
  ///   - second: Moving mean of its square; updated.
  ///   - number: Which step it is, counted from 1.
  ///   - learningRate: Factor of the step.
  package func step(
    gradient: Vector<Float>, weights: inout Vector<Float>, first: inout Vector<Float>,
    second: inout Vector<Float>, number: Int, learningRate: Double
  ) {
    let count = weights.count
    precondition(
      gradient.count == count && first.count == count && second.count == count && number >= 1,
      "vectors of different lengths, or a step before the first")
    let length = learningRate / (1 - pow(beta1, number))
    let correction = 1 / (1 - pow(beta2, number))
    let decay = learningRate * weightDecay
    let largest = Double(Float.greatestFiniteMagnitude)
    unsafe gradient.withUnsafeBuffer { gradient in
      unsafe weights.withUnsafeMutableBuffer { weights in
        unsafe first.withUnsafeMutableBuffer { first in
          unsafe second.withUnsafeMutableBuffer { second in
            guard let g = gradient.baseAddress, let w = weights.baseAddress,
              let m = first.baseAddress, let v = second.baseAddress
            else { return }
            var i = 0
            while i < count {
              let slope = unsafe Double(g[i])
              let mean = unsafe beta1 * Double(m[i]) + (1 - beta1) * slope
              let square = unsafe beta2 * Double(v[i]) + (1 - beta2) * slope * slope
              let weight = unsafe Double(w[i])
              let move = length * mean / ((square * correction).squareRoot() + epsilon)
              unsafe m[i] = Float(mean)
              unsafe v[i] = Float(square < largest ? square : largest)
              unsafe w[i] = Float(weight - move - decay * weight)
              i &+= 1
            }
          }
        }
      }
    }
  }
}

/// `base^exponent` for an exponent of 1 or more, by squaring: the same bits on every platform.
private func pow(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
