import ComputationGraph
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing
import Training

@Suite struct OptimizerTests {
  /// A function of the weights in place of a network.
  private struct Formula: GradientOracle {
    let formula: @Sendable (Vector<Float>) -> (loss: Double, gradient: Vector<Float>)

    func gradient(at point: ModelPoint, support: GradientSupport?) -> StepGradient {
      let (loss, gradient) = formula(point.weights.elements)
      return StepGradient(value: OptimizerTests.value(loss), gradient: gradient)
    }
  }

  /// `f(w) = w_0^2 + w_1^2 / 2`, gradient `(2 w_0, w_1)`.
  private static let parabola = Formula { w in
    (Double(w[0] * w[0] + w[1] * w[1] / 2), Vector([2 * w[0], w[1]]))
  }

  fileprivate static func value(_ loss: Double) -> RiskValue {
    RiskValue(loss: loss, metric: nil, score: .nan, rows: 1, samples: 1)
  }

  /// Weights of a function without a model.
  private static func point(_ w: Vector<Float>) -> ModelPoint {
    ModelPoint(
      weights: ParameterVector(
        layout: ParameterLayout([ParameterTensor("w", [w.count], .weight)]), elements: w),
      buffers: Buffers(layout: BufferLayout([]), elements: Vector(zeros: 0)))
  }

  /// Runs two steps of a rule from (1, -2).
  private static func twoSteps(
    _ rule: GradientRule, _ sgd: SGD, rate: Double, rho: Double, mask: PerturbationMask? = nil
  ) throws -> [Float] {
    var w = Vector<Float>([1, -2])
    var v = Vector<Float>([0, 0])
    for _ in 0..<2 {
      let result = try rule.gradient(
        at: Self.point(w), rho: rho, mask: { _ in mask }, oracle: Self.parabola)
      sgd.step(gradient: result.gradient, weights: &w, velocity: &v, learningRate: rate)
    }
    return w.array
  }

  private static func expectClose(_ a: [Float], _ b: [Double]) {
    // A dozen roundings of numbers of order one.
    for (x, y) in zip(a, b) { #expect(abs(Double(x) - y) < 2e-6) }
    #expect(a.count == b.count)
  }

  @Test func momentumAndWeightDecayFollowPyTorchsOrder() throws {
    // Step 1: g + decay w = (2.1, -2.2), v = the same, w = (0.79, -1.78).
    // Step 2: g = (1.58, -1.78) + (0.079, -0.178), v = 0.9 v + g = (3.549, -3.938).
    let sgd = SGD(momentum: 0.9, weightDecay: 0.1)
    Self.expectClose(
      try Self.twoSteps(.plain, sgd, rate: 0.1, rho: 0), [0.4351, -1.3862])
  }

  @Test func nesterovLooksAhead() throws {
    // Step 1: g = (2, -2), v = g, w = (1, -2) - 0.1 (g + 0.5 v) = (0.7, -1.7).
    // Step 2: g = (1.4, -1.7), v = 0.5 v + g = (2.4, -2.7), w -= 0.1 (2.6, -3.05).
    let sgd = SGD(momentum: 0.5, nesterov: true, weightDecay: 0)
    Self.expectClose(try Self.twoSteps(.plain, sgd, rate: 0.1, rho: 0), [0.44, -1.395])
  }

  @Test func sharpnessAwareStepsUseTheGradientAtThePerturbedWeights() throws {
    // Step 1: g = (2, -2), eps = 0.1 (1, -1) / sqrt 2; gradient there (2.141421, -2.070711).
    let rule = GradientRule.sharpnessAware(
      SharpnessSettings(rho: try Schedule(0.1)), perturbable: nil)
    let sgd = SGD(momentum: 0, weightDecay: 0)
    let e = 0.1 / 2.0.squareRoot()
    let w1 = (1 - 0.1 * 2 * (1 + e), -2 + 0.1 * (2 + e))
    let norm = (4 * w1.0 * w1.0 + w1.1 * w1.1).squareRoot()
    let w2 = (
      w1.0 - 0.1 * 2 * (w1.0 + 0.1 * 2 * w1.0 / norm), w1.1 - 0.1 * (w1.1 + 0.1 * w1.1 / norm)
    )
    Self.expectClose(try Self.twoSteps(rule, sgd, rate: 0.1, rho: 0.1), [w2.0, w2.1])
  }

  @Test func normsOfAMaskedPerturbationDiffer() throws {
    let g = Vector<Float>([3, 4])
    let mask = PerturbationMask(ones: [0], count: 2)
    func perturbation(_ norm: MaskSettings.Norm) throws -> [Float] {
      let settings = SharpnessSettings(
        rho: try Schedule(1), mask: MaskSettings(policy: .fisher, norm: norm))
      return settings.perturbation(
        gradient: g, weights: Vector([1, 1]), rho: 1, perturbable: nil, mask: mask
      ).array
    }
    #expect(try perturbation(.official) == [0.6, 0])
    #expect(try perturbation(.iso) == [1, 0])
  }

  @Test func adaptivePerturbationIsRhoLongInItsOwnScale() throws {
    let settings = SharpnessSettings(rho: try Schedule(1), adaptiveShift: 0)
    let eps = settings.perturbation(
      gradient: Vector([3, 2]), weights: Vector([-1, 2]), rho: 0.5, perturbable: nil, mask: nil)
    // T g = (3, 4): eps = 0.5 T (3, 4) / 5.
    Self.expectClose(eps.array, [0.3, 0.8])
  }

  @Test func zeroGradientGivesNoPerturbation() throws {
    let settings = SharpnessSettings(rho: try Schedule(1))
    let eps = settings.perturbation(
      gradient: Vector([0, 0]), weights: Vector([1, 1]), rho: 0.5, perturbable: nil, mask: nil)
    #expect(eps.array == [0, 0])
  }

  @Test func parametersThatMayNotBePerturbedStayAndDoNotCountInTheNorm() throws {
    let settings = SharpnessSettings(rho: try Schedule(1), roles: [.weight])
    let eps = settings.perturbation(
      gradient: Vector([3, 4]), weights: Vector([1, 1]), rho: 1, perturbable: Vector([1, 0]),
      mask: nil)
    #expect(eps.array == [1, 0])
  }

  @Test func gradientNormDecaysAtTheRateOfTheTheorems() throws {
    // f(w) = sum_i sqrt(1 + w_i^2) with noise; mean ||grad||^2 over T steps is O(log T / sqrt T)
    // with rates 1 / sqrt t (Mi et al. 2022, theorem 2).
    let rule = GradientRule.sharpnessAware(
      SharpnessSettings(
        rho: try Schedule(0.1, decay: .inverseSquareRoot),
        mask: MaskSettings(policy: .fisher, norm: .official)), perturbable: nil)
    let mask = PerturbationMask(ones: [0, 2], count: 4)
    let rate = try Schedule(0.5, decay: .inverseSquareRoot)
    let radius = try Schedule(0.1, decay: .inverseSquareRoot)
    func meanSquare(steps: Int) throws -> Double {
      var noise = RandomStream(seed: 1, label: "test.noise")
      var w = Vector<Float>([3, -4, 5, -6])
      var v = Vector<Float>(zeros: 4)
      var total = 0.0
      for step in 0..<steps {
        let slope = w.map { $0 / (1 + $0 * $0).squareRoot() }
        total += slope.dot(slope)
        let jitter: Vector<Float> = noise.normalVector(count: 4)
        let result = try rule.gradient(
          at: Self.point(w), rho: radius.value(step: step, of: steps),
          mask: { _ in mask },
          oracle: Formula { w in
            var g = w.map { $0 / (1 + $0 * $0).squareRoot() }
            g.add(jitter, scaledBy: 0.3)
            return (0, g)
          })
        SGD(momentum: 0, weightDecay: 0).step(
          gradient: result.gradient, weights: &w, velocity: &v,
          learningRate: rate.value(step: step, of: steps))
      }
      return total / Double(steps)
    }
    let (few, many) = (try meanSquare(steps: 500), try meanSquare(steps: 8000))
    let bound = (log2(8000) / 8000.0.squareRoot()) / (log2(500) / 500.0.squareRoot())
    // The bound falls to 0.36 of itself; the mean must fall at least as fast.
    #expect(many / few < bound)
  }

  private func log2(_ x: Double) -> Double {
    var (x, result) = (x, 0.0)
    while x > 2 { (x, result) = (x / 2, result + 1) }
    return result + (x - 1)
  }

  /// The paper perturbs all parameters: tables of tokens belong to them.
  @Test func allParametersArePerturbedUnlessRolesAreChosen() throws {
    let model = try Model(
      .named("nplm-2-3-4", input: .tokens(length: 3, vocabulary: 5), classCount: 5))
    #expect(model.layout.segments.contains { $0.role == .embedding })
    let settings = SharpnessSettings(rho: try Schedule(0.1))
    for roles in [settings.roles, settings.paperCode.roles] {
      #expect(
        PerturbationMask.positions(of: roles, in: model.layout).count == model.layout.count)
    }
  }
}
