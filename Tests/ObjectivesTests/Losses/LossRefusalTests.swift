import Datasets
import LinearAlgebra
import NeuralNetworks
@testable import Objectives
import Testing

/// What does not belong together is said in one line that tells what to do.
@Suite struct LossRefusalTests {
  private func array(_ shape: [Int], integers: Bool = false) -> SampleArray {
    let count = LossCase.count * shape.reduce(1, *)
    return integers
      ? SampleArray("y", shape, integers: [Int](repeating: 0, count: count))
      : SampleArray("y", shape, Vector<Float>(zeros: count))
  }

  private func message(
    _ loss: Loss?, outputs: [Int], target: SampleArray?
  ) throws -> String {
    let model = try SmoothPerceptron(outputShape: outputs).model()
    do {
      _ = try BoundLoss(loss, model: model, target: target)
      return ""
    } catch {
      return error.description
    }
  }

  @Test func shapesThatDoNotFit() throws {
    let cases: [(loss: Loss?, outputs: [Int], target: SampleArray?, message: String)] = [
      (
        nil, [3], nil,
        "the data have no target that the output [3] of smooth perceptron is compared with; add an "
          + "array named target, or choose `loss` output where the output is the loss"
      ),
      (
        Loss(.squaredError), [3], nil,
        "squared-error: the data have no target and smooth perceptron gives [3]; add an array named "
          + "target"
      ),
      (
        Loss(.output), [3], nil,
        "output: smooth perceptron gives [3] per sample, but a loss is one number; choose another "
          + "`loss`"
      ),
      (
        nil, [3], array([2]),
        "squared-error: the target 'y' has [2] per sample and smooth perceptron gives [3]; give one "
          + "number for each output"
      ),
      (
        Loss(.squaredError), [2, 3], array([4], integers: true),
        "squared-error: the target 'y' has [4] per sample and smooth perceptron gives [2, 3]; give one "
          + "number for each output, or one class, a whole number, for each row of outputs"
      ),
      (
        nil, [2, 3], array([4], integers: true),
        "cross-entropy: the target 'y' has [4] per sample and smooth perceptron gives [2, 3]; give "
          + "one class, a whole number, for each row of outputs"
      ),
      (
        Loss(.crossEntropy), [3], array([]),
        "cross-entropy: the target 'y' has [] per sample and smooth perceptron gives [3]; give "
          + "classes as whole numbers, or a probability for each output; or choose `loss` squared-error"
      ),
      (
        nil, [1], array([], integers: true),
        "cross-entropy: the target 'y' has [] per sample and smooth perceptron gives [1]; one class "
          + "leaves nothing to tell apart; choose squared-error or binary-cross-entropy with `loss`"
      ),
      (
        Loss(.crossEntropy, classWeights: [1, 2]), [3], array([], integers: true),
        "cross-entropy: the target 'y' has [] per sample and smooth perceptron gives [3]; give one "
          + "class weight for each of 3 classes, not 2"
      ),
      (
        Loss(.crossEntropy, classWeights: [1, 2, 3]), [3], array([3]),
        "cross-entropy: the target 'y' has [3] per sample and smooth perceptron gives [3]; class "
          + "weights need one class per row; put them into the target or into weight"
      ),
      (
        Loss(.squaredError, classWeights: [1, 2, 3]), [3], array([3]),
        "squared-error has no classes that could have weights or smoothed labels; leave them out, or "
          + "weigh samples by an array named weight"
      ),
      (
        Loss(.binaryCrossEntropy, labelSmoothing: 0.1), [3], array([3]),
        "binary-cross-entropy has no classes that could have weights or smoothed labels; leave them "
          + "out, or weigh samples by an array named weight"
      ),
    ]
    for (loss, outputs, target, expected) in cases {
      #expect(try message(loss, outputs: outputs, target: target) == expected)
    }
  }

  /// Axes of extent 1 come and go with the program that wrote a file.
  @Test func axesOfExtentOneDoNotMatter() throws {
    for (outputs, target) in [
      ([3], array([1], integers: true)), ([1, 3], array([], integers: true)),
      ([1], array([])), ([], array([1])), ([2], array([2, 1])),
    ] {
      #expect(try message(nil, outputs: outputs, target: target) == "")
    }
  }

  private func samples(
    target: [Float]? = nil, classes: [Int]? = nil, weights: [Float]? = nil, outputs: Int
  ) -> Samples {
    var array: SampleArray?
    if let target { array = SampleArray("y", [outputs], Vector(target)) }
    if let classes { array = SampleArray("y", [], integers: classes) }
    return Samples(
      count: 2, inputs: [SampleArray("x", [2], Vector<Float>([1, 2, 3, 4]))], target: array,
      weights: weights.map {
        SampleArray("weight", $0.count == 2 ? [] : [$0.count / 2], Vector($0))
      })
  }

  private func riskMessage(
    _ loss: Loss.Kind? = nil, _ samples: Samples, outputs: [Int],
    head: SmoothPerceptron.Head = .none,
    matrix: CurvatureMatrix? = nil
  ) throws -> String {
    let network = SmoothPerceptron(outputShape: outputs, head: head)
    do {
      let model = try network.model()
      let risk = try EmpiricalRisk(
        model: model, loss: loss.map { Loss($0) }, samples: samples,
        pool: WorkerPool(threadCount: 2))
      let point = ModelPoint(
        model, weights: Vector(network.weights.map(Float.init)), buffers: Vector<Float>(zeros: 0))
      if let matrix {
        _ = try risk.curvature(CurvatureSettings(matrix), at: point).product(
          with: point.weights.elements)
      } else {
        _ = try risk.gradient(at: point)
      }
      return ""
    } catch let error as RiskError {
      return error.description
    }
  }

  @Test func valuesThatNoTargetHas() throws {
    let cases: [(loss: Loss.Kind?, samples: Samples, outputs: Int, message: String)] = [
      (
        nil, samples(classes: [0, 3], outputs: 3), 3,
        "sample 1 has the target 3, outside the 3 classes of the network; give data with the classes "
          + "it was trained on"
      ),
      (
        nil, samples(classes: [-1, 0], outputs: 3), 3,
        "sample 0 has the target -1, outside the 3 classes of the network; give data with the classes "
          + "it was trained on"
      ),
      (
        nil, samples(classes: [-100, -100], outputs: 3), 3,
        "no row of the samples has a weight above 0; give other samples"
      ),
      (
        nil, samples(target: [1, 2], weights: [0, 0], outputs: 1), 1,
        "no row of the samples has a weight above 0; give other samples"
      ),
      (
        nil, samples(target: [1, 2], weights: [1, 1, 1, 1], outputs: 1), 1,
        "'weight' has 2 weights per sample; give one, or one for each of 1 rows"
      ),
      (
        .crossEntropy, samples(target: [1, 0, 0, 0.5, 0.75, 0.5], outputs: 3), 3,
        "the probabilities in sample 1 of 'y' add up to 1.75 along the last axis, not to 1; give "
          + "probabilities of the classes, or choose `loss` squared-error or binary-cross-entropy"
      ),
      (
        .crossEntropy, samples(target: [1.5, 0, -0.5, 1, 0, 0], outputs: 3), 3,
        "sample 0 of 'y' holds 1.5; cross-entropy takes probabilities in 0...1"
      ),
      (
        .binaryCrossEntropy, samples(target: [1, -1], outputs: 1), 1,
        "sample 1 of 'y' holds -1.0; binary-cross-entropy takes probabilities in 0...1"
      ),
    ]
    for (loss, samples, outputs, expected) in cases {
      #expect(try riskMessage(loss, samples, outputs: [outputs]) == expected)
    }
  }

  /// A network that gives logits has a loss like any other, and it would be wrong.
  @Test(arguments: [nil, CurvatureMatrix.hessian, .gaussNewton, .fisher])
  func logitsAreNoProbabilities(matrix: CurvatureMatrix?) throws {
    let samples = samples(classes: [0, 2], outputs: 3)
    func text(_ loss: Loss.Kind, _ head: SmoothPerceptron.Head) throws -> String {
      try riskMessage(loss, samples, outputs: [3], head: head, matrix: matrix)
    }
    let end = "; choose `loss` cross-entropy if they are logits"
    let logits = try text(.logProbabilities, .none)
    #expect(
      logits.hasPrefix(
        "the outputs of smooth perceptron for sample 0 have exponentials that add up to "),
      "\(logits)")
    #expect(logits.hasSuffix(", so they are no log-probabilities" + end), "\(logits)")
    let negative = try text(.probabilities, .logSoftmax)
    #expect(negative.contains("for sample 0 hold -"), "\(negative)")
    #expect(negative.hasSuffix(", so they are no probabilities" + end), "\(negative)")
    #expect(try text(.logProbabilities, .softmax).contains("add up to"))
    #expect(try text(.logProbabilities, .logSoftmax) == "")
    #expect(try text(.probabilities, .softmax) == "")
    let events = try riskMessage(
      .eventProbabilities, self.samples(target: [1, 0, 1, 0, 1, 0], outputs: 3), outputs: [3],
      matrix: matrix)
    #expect(
      events.hasSuffix(
        ", so they are no event-probabilities; choose `loss` binary-cross-entropy if they are logits"
      ),
      "\(events)")
  }

  @Test func logitsAreNoProbabilitiesOfEventsThatAreClasses() throws {
    let samples = samples(classes: [0, 2], outputs: 3)
    #expect(try riskMessage(.eventProbabilities, samples, outputs: [3], head: .sigmoid) == "")
    let text = try riskMessage(.eventProbabilities, samples, outputs: [3])
    #expect(text.contains("for sample 0 hold "), "\(text)")
    #expect(text.hasSuffix("choose `loss` binary-cross-entropy if they are logits"), "\(text)")
  }

  /// Numbers would be drawn, and there is no class that they could be.
  @Test(arguments: [Loss.Kind.squaredError, .binaryCrossEntropy])
  func noNumbersAreDrawnInPlaceOfClasses(kind: Loss.Kind) throws {
    let text = try riskMessage(
      kind, samples(classes: [0, 2], outputs: 3), outputs: [3], matrix: .sampledFisher)
    #expect(
      text
        == "\(kind.rawValue) draws a number for each output, but the targets are classes; use the "
        + "Gauss-Newton matrix, which is the expectation, or the empirical Fisher matrix")
  }

  @Test func aLossInsideTheModelHasNoGaussNewtonMatrix() throws {
    let samples = samples(outputs: 1)
    let gaussNewton = try riskMessage(.output, samples, outputs: [1], matrix: .gaussNewton)
    #expect(
      gaussNewton
        == "the loss is inside smooth perceptron, so there is no Gauss-Newton matrix; use "
        + "the Hessian or the empirical Fisher matrix")
    let sampled = try riskMessage(.output, samples, outputs: [1], matrix: .sampledFisher)
    #expect(
      sampled
        == "the loss is inside smooth perceptron, so no target can be drawn from the model; use "
        + "the empirical Fisher matrix")
  }
}
