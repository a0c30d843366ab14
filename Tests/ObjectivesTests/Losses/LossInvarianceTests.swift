import Datasets
import LinearAlgebra
import NeuralNetworks
@testable import Objectives
import TestSupport
import Testing

/// What no loss may depend on.
@Suite struct LossInvarianceTests {
  private func results(_ risk: EmpiricalRisk, _ one: LossCase) throws -> [[Float]] {
    let point = try one.point()
    var stream = RandomStream(seed: 1, label: "direction")
    let v: Vector<Float> = stream.normalVector(count: one.network.parameterCount)
    let (value, gradient) = try risk.gradient(at: point)
    var results = [[Float(value.loss)], gradient.array]
    for matrix in CurvatureMatrix.allCases {
      if one.loss.kind == .output, matrix == .gaussNewton { continue }
      if matrix == .sampledFisher, !one.isLikelihood { continue }
      results.append(
        try risk.curvature(CurvatureSettings(matrix, targetSeed: 4), at: point).product(with: v)
          .array)
    }
    return results
  }

  /// Five samples fill micro-batches of 2 and 3 with padding, which does not count.
  @Test(arguments: LossCase.all) func paddingDoesNotCount(_ one: LossCase) throws {
    let whole = try results(one.risk(RiskOptions(microBatch: 5)), one)
    for options in [
      RiskOptions(microBatch: 2), RiskOptions(microBatch: 3), RiskOptions(microBatch: 8),
      RiskOptions(normalization: .batch, batchSize: 3, microBatch: 2),
      RiskOptions(normalization: .batch, batchSize: 128, microBatch: 3),
    ] {
      let other = try results(one.risk(options), one)
      for (a, b) in zip(whole, other) {
        #expect(relativeError(a.map(Double.init), b.map(Double.init)) < Tolerance.exactInFloat)
      }
    }
  }

  /// Single precision rounds these probabilities to 0 and 1, whose logarithms are no numbers.
  @Test(arguments: [
    (Loss.Kind.binaryCrossEntropy, Loss.Kind.eventProbabilities, SmoothPerceptron.Head.sigmoid),
    (.crossEntropy, .probabilities, .softmax),
  ])
  func probabilitiesThatAreRoundedToZeroHaveTheLossOfTheirLogits(
    logits: Loss.Kind, probabilities: Loss.Kind, head: SmoothPerceptron.Head
  ) throws {
    var one = LossCase(
      testDescription: "", network: SmoothPerceptron(outputShape: [2, 3]), loss: Loss(logits),
      classAxis: head == .softmax ? 1 : nil,
      targets: head == .softmax
        ? (0..<10).map { Double($0 % 3) } : (0..<30).map { Double($0 % 2) })
    let scaled = one.network.weights.map { Float(300 * $0) }
    let point = try ModelPoint(
      one.network.model(), weights: Vector(scaled), buffers: Vector<Float>(zeros: 0))
    let expected = try one.risk().gradient(at: point)
    one.loss = Loss(probabilities)
    one.network.head = head
    let found = try one.risk().gradient(at: point)
    #expect(expected.value.loss > 40 && abs(found.value.loss / expected.value.loss - 1) < 1e-6)
    #expect(
      relativeError(
        found.gradient.array.map(Double.init), expected.gradient.array.map(Double.init))
        < Tolerance.exactInFloat)
  }

  @Test(arguments: LossCase.all) func threadsDoNotChangeABit(_ one: LossCase) throws {
    let options = RiskOptions(microBatch: 2)
    let alone = try results(one.risk(options, threads: 1), one)
    #expect(try alone == results(one.risk(options, threads: 3), one))
  }

  /// Weights are relative: twice the weights are the same mean.
  @Test(arguments: LossCase.all.filter { $0.weights != nil })
  func weightsAreRelative(_ one: LossCase) throws {
    var other = one
    other.weights = one.weights?.map { 2 * $0 }
    #expect(try results(one.risk(), one) == results(other.risk(), other))
  }

  /// A sample without weight could as well be left out.
  @Test func samplesWithoutWeightMayBeLeftOut() throws {
    for one in LossCase.all where one.weights?.count == one.sampleCount {
      let places = one.weights.map { weights in weights.indices.filter { weights[$0] > 0 } } ?? []
      let part = try EmpiricalRisk(
        model: one.network.model(), loss: one.loss, samples: one.samples.selecting(places),
        pool: WorkerPool(threadCount: 2))
      let whole = try one.risk().value(at: one.point())
      let left = try part.value(at: one.point())
      #expect(abs(left.loss - whole.loss) < 1e-6 * max(abs(whole.loss), 1))
      #expect(left.rows == whole.rows && left.correct == whole.correct)
    }
  }
}
