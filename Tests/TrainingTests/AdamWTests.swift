import Checkpoints
import Datasets
import DigitsReference
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

@Suite struct AdamWTests {
  /// Weights after steps along gradients, from zero moments.
  private static func steps(
    _ rule: AdamW, from weights: [Float], along gradients: [[Float]], rate: Double = 0.1
  ) -> (weights: [Float], moments: GradientMoments) {
    var w = Vector(weights)
    let optimizer = BaseOptimizer.adamW(rule)
    var moments = optimizer.initialMoments(count: weights.count)
    for (index, gradient) in gradients.enumerated() {
      optimizer.step(
        gradient: Vector(gradient), weights: &w, moments: &moments, number: index + 1,
        learningRate: rate)
    }
    return (w.array, moments)
  }

  @Test func firstStepIsTheSignOfTheGradientTimesTheRate() {
    // Both corrections make m = g and v = g^2, whatever the betas; epsilon is 1e-8 of |g|, and the
    // result is rounded once: half a unit in the last place of 2.
    for rule in [AdamW(weightDecay: 0), AdamW(beta1: 0.5, beta2: 0.3, weightDecay: 0)] {
      let w = Self.steps(rule, from: [1, -2, 0.5], along: [[3, -1, 0]]).weights
      for (x, y) in zip(w, [0.9, -1.9, 0.5]) { #expect(abs(Double(x) - y) < 1.3e-7) }
    }
  }

  @Test func withoutBetasEveryStepIsTheSign() {
    let rule = AdamW(beta1: 0, beta2: 0, epsilon: 1e-12, weightDecay: 0)
    let w = Self.steps(rule, from: [1, 1], along: [[5, -1e-3], [-2e-4, -7], [1e6, 0]]).weights
    for (x, y) in zip(w, [0.9, 1.2]) { #expect(abs(Double(x) - y) < 4e-7) }
  }

  @Test func twoStepsAreThoseOfTheFormula() {
    // m: 0.1 * 2 = 0.2, then 0.9 * 0.2 - 0.1 = 0.08; v: 0.001 * 4 = 0.004, then 0.003996 + 0.001.
    let rule = AdamW(weightDecay: 0.5)
    let (w, moments) = Self.steps(rule, from: [1], along: [[2], [-1]])
    let first = 1 - 0.1 * (2 / (2 + 1e-8) + 0.5)
    let mean = 0.08 / (1 - 0.81)
    let square = 0.004996 / (1 - 0.999 * 0.999)
    let second = first - 0.1 * (mean / (square.squareRoot() + 1e-8) + 0.5 * first)
    #expect(abs(Double(w[0]) - second) < 1.2e-7)
    #expect(abs(Double(moments.first[0]) - 0.08) < 1e-8)
    #expect(abs(Double(moments.second?[0] ?? .nan) - 0.004996) < 1e-9)
  }

  @Test func weightDecayIsNoPartOfTheMoments() {
    let (w, moments) = Self.steps(
      AdamW(weightDecay: 0.5), from: [4, -8], along: [[0, 0], [0, 0]])
    for (x, y) in zip(w, [4 * 0.9025, -8 * 0.9025]) { #expect(abs(Double(x) - y) < 1e-6) }
    #expect(moments.first.array == [0, 0] && moments.second?.array == [0, 0])
  }

  @Test func stepsDoNotDependOnTheScaleOfTheLoss() {
    let gradients: [[Float]] = [[1, -2, 0.25], [0.5, 3, 1], [-1, 0.125, 2]]
    let rule = AdamW(epsilon: 1e-30, weightDecay: 0.01)
    let plain = Self.steps(rule, from: [1, 2, 3], along: gradients)
    // A power of two scales moments without rounding.
    let scaled = Self.steps(rule, from: [1, 2, 3], along: gradients.map { $0.map { 1024 * $0 } })
    #expect(plain.weights == scaled.weights)
  }

  @Test func squaresPastTheLargestFloatDoNotHoldTheWeightForGood() {
    let (w, moments) = Self.steps(
      AdamW(beta2: 0.5, weightDecay: 0), from: [0],
      along: [[1e30]] + Array(repeating: [1], count: 300))
    #expect(moments.second?.firstNonFiniteIndex == nil)
    // Long after the first gradient every step is the rate again.
    #expect(w[0] < -1 && w[0].isFinite)
  }

  /// Five steps of a network against PyTorch in float64.
  @Test(arguments: [false, true]) func stepsAreThoseOfPyTorch(isSharpnessAware: Bool) throws {
    let reference = try DigitsReference(.mlp)
    let figures = try #require(reference.figures.adamw)
    let run = isSharpnessAware ? figures.sam : figures.plain
    let rule: GradientRule =
      isSharpnessAware
      ? .sharpnessAware(SharpnessSettings(rho: try Schedule(figures.rho)), perturbable: nil)
      : .plain
    let optimizer = BaseOptimizer.adamW(
      AdamW(
        beta1: figures.beta1, beta2: figures.beta2, epsilon: figures.epsilon,
        weightDecay: figures.weight_decay))
    let samples = try reference.samples(allOf: .train)
    let model = reference.trained.model
    let step = try TrainingStep(model: model, samples: samples, pool: WorkerPool(threadCount: 1))
    let start = reference.trained.point
    var point = start
    var moments = optimizer.initialMoments(count: model.layout.count)
    // PyTorch's own float32 differs from the reference by at most 5e-7 in all of these; four times
    // that, for sums in another order.
    func close(_ a: Double, _ b: Double, _ what: String) {
      #expect(abs(a - b) <= 2e-6 * abs(b), "\(what): \(a) against \(b)")
    }
    for k in 0..<5 {
      let result = try rule.gradient(
        at: point, rho: figures.rho,
        oracle: BatchGradients(step, samples.selecting(128 * k..<128 * (k + 1))))
      close(result.value.loss, run.losses[k], "loss \(k)")
      optimizer.step(
        gradient: result.gradient, weights: &point.weights.elements, moments: &moments,
        number: k + 1, learningRate: figures.rate)
    }
    close(point.weights.elements.dot(reference.probe), run.weights_dot_probe, "weights dot probe")
    close(moments.first.norm, run.mean_norm, "mean of gradients")
    close(moments.second?.norm ?? .nan, run.square_norm, "mean of squares")
    var moved = point.weights.elements
    moved.add(start.weights.elements, scaledBy: -1)
    close(moved.norm, run.distance, "distance")
  }

  @Test func everyNameIsReadBackAndUnknownOnesAreNot() throws {
    let names = OptimizerName.allCases.map(\.rawValue)
    #expect(
      names == [
        "sgd", "sam", "asam", "ssam-f", "ssam-d",
        "adamw", "sam-adamw", "asam-adamw", "ssam-f-adamw", "ssam-d-adamw",
      ])
    for name in OptimizerName.allCases {
      #expect(OptimizerName(rawValue: name.rawValue) == name)
      let text = try JSONEncoder().encode([name])
      #expect(String(decoding: text, as: UTF8.self) == "[\"\(name.rawValue)\"]")
      #expect(try JSONDecoder().decode([OptimizerName].self, from: text) == [name])
    }
    #expect(OptimizerName(rawValue: "adam") == nil && OptimizerName(rawValue: "plain") == nil)
    #expect(OptimizerName(rawValue: "sam-sgd") == nil)
  }

  @Test func configurationsSayTheirOptimizer() throws {
    var configuration = try TrainerTests.configuration(sharpness: TrainerTests.sparse(.dynamic))
    #expect(configuration.optimizerName == .ssamD)
    configuration.optimizer = .adamW(AdamW(beta2: 0.99))
    #expect(configuration.optimizerName.rawValue == "ssam-d-adamw")
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(TrainingConfiguration.self, from: data) == configuration)
    #expect(String(decoding: data, as: UTF8.self).contains("\"name\":\"adamw\""))
  }

  @Test func ruleWithoutANameIsThatOfEarlierBuilds() throws {
    let text = #"{"momentum": 0.8, "nesterov": true, "weightDecay": 0.001}"#
    #expect(
      try JSONDecoder().decode(BaseOptimizer.self, from: Data(text.utf8))
        == .sgd(SGD(momentum: 0.8, nesterov: true, weightDecay: 0.001)))
  }
}
