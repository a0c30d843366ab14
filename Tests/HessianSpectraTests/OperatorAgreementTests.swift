import Datasets
import GraphRuntime
import HessianSpectra
import Krylov
import LinearAlgebra
import NeuralNetworks
@testable import Objectives
import TestSupport
import Testing

/// Products of every matrix against matrices written out in Double.
@Suite struct OperatorAgreementTests {
  /// Largest distance of a column from the matrix, relative to the matrix's largest column.
  private func columnError(
    _ subject: RiskOperator, _ matrix: SymmetricMatrix
  ) throws -> Double {
    var worst = 0.0
    var scale = 0.0
    for column in 0..<matrix.order {
      var unit = Vector<Float>(zeros: matrix.order)
      unit[column] = 1
      let product = try subject.product(with: unit).array.map(Double.init)
      let expected = (0..<matrix.order).map { matrix[$0, column] }
      let distance = zip(product, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      worst = max(worst, distance.squareRoot())
      scale = max(scale, expected.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    return worst / scale
  }

  @Test func theHessianIsThatOfFiniteDifferences() throws {
    let tiny = try TinyNetwork.perceptron()
    #expect(try columnError(tiny.matrix(.hessian), tiny.differencedHessian()) < 1e-5)
  }

  @Test func theEmpiricalFisherIsThatOfPerSampleGradients() throws {
    let tiny = try TinyNetwork.perceptron()
    #expect(try columnError(tiny.matrix(.fisher), tiny.fisher()) < 1e-5)
  }

  @Test func theSampledFisherIsThatOfTheDrawnLabels() throws {
    let tiny = try TinyNetwork.perceptron()
    let drawn = try tiny.risk().drawnTargets(at: tiny.point, seed: 9, draw: 0)
    let labels = try #require(drawn.floats).array.map { Int32($0) }
    #expect(labels != tiny.labels)
    #expect(try columnError(tiny.matrix(.sampledFisher), tiny.fisher(labels: labels)) < 1e-5)
  }

  /// The expectation over the model's own labels is the Gauss-Newton matrix.
  @Test func manyDrawsOfLabelsApproachTheGaussNewtonMatrix() throws {
    let tiny = try TinyNetwork.perceptron()
    let risk = try tiny.risk()
    let selection = ParameterSelection(all: tiny.model.layout)
    var stream = RandomStream(seed: 1, label: "direction")
    let v: Vector<Float> = stream.normalVector(count: selection.count)
    let exact = try tiny.matrix(.gaussNewton).product(with: v)
    func distance(_ draws: Int) throws -> Double {
      let sampled = try RiskOperator(
        CurvatureSettings(.sampledFisher, targetSeed: 2, targetDraws: draws), of: risk,
        at: tiny.point, selection: selection)
      var difference = try sampled.product(with: v)
      difference.add(exact, scaledBy: -1)
      return difference.norm / exact.norm
    }
    // The error falls as 1/sqrt(draws): by 10 from 4 to 400, with room for chance.
    #expect(try distance(400) < 0.1)
    #expect(try distance(400) < 0.5 * distance(4))
  }

  @Test(arguments: CurvatureMatrix.allCases, [NormalizationMode.inference, .batch])
  func everyMatrixIsASymmetricOperator(_ kind: CurvatureMatrix, _ mode: NormalizationMode) throws {
    let tiny = try TinyNetwork.residual()
    let options = RiskOptions(
      normalization: mode, batchSize: 6, microBatch: 4, weightDecay: 1e-3)
    let subject = try tiny.matrix(kind, options)
    #expect(try checkSymmetricOperator(subject, tolerance: 1e-5) == [])
  }

  @Test(arguments: CurvatureMatrix.allCases)
  func aBlockIsThatOfTheWholeMatrix(_ kind: CurvatureMatrix) throws {
    let tiny = try TinyNetwork.residual()
    let layout = tiny.model.layout
    let whole = try tiny.matrix(kind)
    var bits = RandomStream(seed: 4, label: "mask")
    let mask = Vector<Float>((0..<layout.count).map { _ in bits.sign() > 0 ? 1 : 0 })
    for selection in [
      try ParameterSelection(layout, patterns: ["layer2.*"], roles: [.weight]),
      try ParameterSelection(layout, patterns: [], roles: [.normScale, .normShift]),
      try ParameterSelection(layout, mask: mask),
    ] {
      var stream = RandomStream(seed: 2, label: "direction")
      let x: Vector<Float> = stream.normalVector(count: selection.count)
      let expected = selection.restrict(try whole.product(with: selection.embed(x)))
      var difference = try tiny.matrix(kind, selection: selection).product(with: x)
      difference.add(expected, scaledBy: -1)
      #expect(difference.norm <= 1e-5 * expected.norm)
    }
  }

  @Test func weightDecayAddsItsMultipleOfTheIdentity() throws {
    let tiny = try TinyNetwork.perceptron()
    var stream = RandomStream(seed: 6, label: "direction")
    let x: Vector<Float> = stream.normalVector(count: tiny.model.layout.count)
    for kind in CurvatureMatrix.allCases {
      var expected = try tiny.matrix(kind).product(with: x)
      expected.add(x, scaledBy: 0.25)
      var difference = try tiny.matrix(kind, RiskOptions(weightDecay: 0.25)).product(with: x)
      difference.add(expected, scaledBy: -1)
      #expect(difference.norm <= 1e-6 * expected.norm)
    }
  }
}
