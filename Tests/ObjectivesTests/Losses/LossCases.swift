import LinearAlgebra
@testable import Objectives

extension LossCase {
  private static func draws(_ label: String) -> RandomStream { RandomStream(seed: 3, label: label) }

  private static func classes(_ count: Int, below bound: Int, ignoring places: [Int] = [])
    -> [Double]
  {
    var stream = draws("classes")
    return (0..<count).map { index in
      let own = Double(stream.integer(below: bound))
      return places.contains(index) ? -100 : own
    }
  }

  private static func numbers(_ count: Int) -> [Double] {
    var stream = draws("numbers")
    return (0..<count).map { _ in Double(Float(stream.normal())) }
  }

  /// Rows of numbers that add up to 1, exact in single precision.
  private static func probabilities(_ rows: Int) -> [Double] {
    var stream = draws("probabilities")
    return (0..<rows).flatMap { _ -> [Double] in
      let cut = [Double(stream.integer(below: 65)) / 64, Double(stream.integer(below: 65)) / 64]
      return [cut.min() ?? 0, abs(cut[0] - cut[1]), 1 - (cut.max() ?? 0)]
    }
  }

  /// A sample without weight among others.
  private static let weights = [1.0, 0.5, 0, 2, 0.25]

  /// Every loss, with everything that can be said of its rows.
  static let all: [LossCase] = [
    LossCase(
      testDescription: "cross-entropy", network: SmoothPerceptron(outputShape: [3]),
      loss: Loss(.crossEntropy), classAxis: 0, targets: classes(5, below: 3)),
    LossCase(
      testDescription: "cross-entropy with class weights and an ignored sample",
      network: SmoothPerceptron(outputShape: [3]),
      loss: Loss(.crossEntropy, classWeights: [1, 0.5, 3]), classAxis: 0,
      targets: classes(5, below: 3, ignoring: [1]), weights: weights),
    LossCase(
      testDescription: "cross-entropy with smoothed labels",
      network: SmoothPerceptron(outputShape: [3]), loss: Loss(.crossEntropy, labelSmoothing: 0.2),
      classAxis: 0, targets: classes(5, below: 3)),
    LossCase(
      testDescription: "cross-entropy with probabilities for targets",
      network: SmoothPerceptron(outputShape: [3]), loss: Loss(.crossEntropy), classAxis: 0,
      targets: probabilities(5), weights: weights),
    LossCase(
      testDescription: "tokens, some of them ignored, a whole sample too",
      network: SmoothPerceptron(outputShape: [2, 3]), loss: Loss(.crossEntropy), classAxis: 1,
      targets: classes(10, below: 3, ignoring: [1, 4, 5])),
    LossCase(
      testDescription: "tokens with weights of their own",
      network: SmoothPerceptron(outputShape: [2, 3]), loss: Loss(.crossEntropy), classAxis: 1,
      targets: classes(10, below: 3, ignoring: [0]), weights: [1, 2, 0, 1, 0.5, 1, 3, 1, 1, 0.25]),
    LossCase(
      testDescription: "classes along the first axis",
      network: SmoothPerceptron(outputShape: [3, 2, 1]),
      loss: Loss(.crossEntropy, classWeights: [2, 1, 1]), classAxis: 0,
      targets: classes(10, below: 3, ignoring: [7])),
    LossCase(
      testDescription: "log-probabilities",
      network: SmoothPerceptron(outputShape: [3], head: .logSoftmax), loss: Loss(.logProbabilities),
      classAxis: 0, targets: classes(5, below: 3), weights: weights),
    LossCase(
      testDescription: "probabilities of tokens",
      network: SmoothPerceptron(outputShape: [2, 3], head: .softmax), loss: Loss(.probabilities),
      classAxis: 1, targets: classes(10, below: 3, ignoring: [2])),
    LossCase(
      testDescription: "squared error of one number", network: SmoothPerceptron(outputShape: [1]),
      loss: Loss(.squaredError), targets: numbers(5)),
    LossCase(
      testDescription: "squared error of two numbers with weights of samples",
      network: SmoothPerceptron(outputShape: [2]), loss: Loss(.squaredError), targets: numbers(10),
      weights: weights),
    LossCase(
      testDescription: "squared error with weights of numbers",
      network: SmoothPerceptron(outputShape: [2]), loss: Loss(.squaredError), targets: numbers(10),
      weights: [1, 2, 0, 1, 0.5, 1, 3, 1, 1, 0.25]),
    LossCase(
      testDescription: "binary cross-entropy", network: SmoothPerceptron(outputShape: [2]),
      loss: Loss(.binaryCrossEntropy), targets: [0, 1, 1, 1, 0, 0, 0.25, 1, 0, 1], weights: weights),
    LossCase(
      testDescription: "probabilities of events",
      network: SmoothPerceptron(outputShape: [2], head: .sigmoid), loss: Loss(.eventProbabilities),
      targets: [0, 1, 1, 1, 0, 0, 0.25, 1, 0, 1], weights: weights),
    LossCase(
      testDescription: "probabilities of events without a sigmoid",
      network: SmoothPerceptron(outputShape: [2], head: .shiftedTanh),
      loss: Loss(.eventProbabilities), targets: [0, 1, 1, 1, 0, 0, 0.25, 1, 0, 1]),
    LossCase(
      testDescription: "squared error of classes, one of them ignored",
      network: SmoothPerceptron(outputShape: [3]),
      loss: Loss(.squaredError, classWeights: [1, 0.5, 3]), classAxis: 0,
      targets: classes(5, below: 3, ignoring: [1]), weights: weights),
    LossCase(
      testDescription: "squared error of smoothed classes along the first axis",
      network: SmoothPerceptron(outputShape: [3, 2, 1]),
      loss: Loss(.squaredError, labelSmoothing: 0.2),
      classAxis: 0, targets: classes(10, below: 3)),
    LossCase(
      testDescription: "binary cross-entropy of classes of tokens",
      network: SmoothPerceptron(outputShape: [2, 3]), loss: Loss(.binaryCrossEntropy), classAxis: 1,
      targets: classes(10, below: 3, ignoring: [4])),
    LossCase(
      testDescription: "probabilities of events that are classes",
      network: SmoothPerceptron(outputShape: [3], head: .sigmoid), loss: Loss(.eventProbabilities),
      classAxis: 0, targets: classes(5, below: 3), weights: weights),
    LossCase(
      testDescription: "output", network: SmoothPerceptron(outputShape: [1]), loss: Loss(.output),
      targets: [], weights: weights),
  ]

  /// Those that say how likely a target is, from which one can be drawn.
  static let likelihoods = all.filter { $0.isLikelihood && $0.loss.labelSmoothing == 0 }

  /// Whether a target can be drawn in place of its own.
  var isLikelihood: Bool { loss.kind != .output && (loss.isCategorical || !hasClasses) }
}
