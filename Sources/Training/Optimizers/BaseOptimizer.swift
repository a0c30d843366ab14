package import LinearAlgebra

/// The rule that makes a step of a gradient, wherever the gradient was taken.
public enum BaseOptimizer: Hashable, Sendable {
  /// Stochastic gradient descent with momentum.
  case sgd(SGD)
  /// Adam with decoupled weight decay.
  case adamW(AdamW)

  /// Its name.
  public var name: OptimizerName.Base {
    switch self {
    case .sgd: .sgd
    case .adamW: .adamW
    }
  }

  /// Factor of the weight decay.
  public var weightDecay: Double {
    switch self {
    case .sgd(let rule): rule.weightDecay
    case .adamW(let rule): rule.weightDecay
    }
  }

  /// What is remembered before the first step: zeros, as many as there are weights.
  package func initialMoments(count: Int) -> GradientMoments {
    switch self {
    case .sgd: GradientMoments(first: Vector(zeros: count))
    case .adamW: GradientMoments(first: Vector(zeros: count), second: Vector(zeros: count))
    }
  }

  /// Checks the settings.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  func validate() throws(TrainingError) {
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw TrainingError("weight decay \(weightDecay); give a number of 0 or more")
    }
    switch self {
    case .sgd(let rule): try rule.validate()
    case .adamW(let rule): try rule.validate()
    }
  }

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - gradient: Gradient of the loss, without weight decay.
  ///   - weights: Moved.
  ///   - moments: Updated; at first those of `initialMoments`.
  ///   - number: Which step it is, counted from 1.
  ///   - learningRate: Factor of the step.
  package func step(
    gradient: Vector<Float>, weights: inout Vector<Float>, moments: inout GradientMoments,
    number: Int, learningRate: Double
  ) {
    switch self {
    case .sgd(let rule):
      rule.step(
        gradient: gradient, weights: &weights, velocity: &moments.first, learningRate: learningRate)
    case .adamW(let rule):
      // Moved out and back, so that the vector is not copied.
      guard var second = moments.second.take() else {
        preconditionFailure("AdamW needs a second moment")
      }
      rule.step(
        gradient: gradient, weights: &weights, first: &moments.first, second: &second,
        number: number, learningRate: learningRate)
      moments.second = second
    }
  }
}

extension BaseOptimizer: Codable {
  private enum CodingKeys: String, CodingKey { case name }

  /// Reads a rule; files of earlier builds name none and have SGD.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decodeIfPresent(OptimizerName.Base.self, forKey: .name) ?? .sgd {
    case .sgd: self = .sgd(try SGD(from: decoder))
    case .adamW: self = .adamW(try AdamW(from: decoder))
    }
  }

  /// Writes the name beside the settings of the rule.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    switch self {
    case .sgd(let rule): try rule.encode(to: encoder)
    case .adamW(let rule): try rule.encode(to: encoder)
    }
  }
}
