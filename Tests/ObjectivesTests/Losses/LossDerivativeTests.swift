import Datasets
import LinearAlgebra
import NeuralNetworks
@testable import Objectives
import TestSupport
import Testing

/// Value, gradient and curvature of every loss against what is written out in Double.
@Suite struct LossDerivativeTests {
  /// All columns of a matrix.
  private func columns(
    _ one: LossCase, _ settings: CurvatureSettings, _ options: RiskOptions = RiskOptions()
  ) throws -> [[Double]] {
    let count = one.network.parameterCount
    let products = try one.risk(options).curvature(settings, at: one.point())
    return try products.products(
      with: (0..<count).map { index in
        var unit = Vector<Float>(zeros: count)
        unit[index] = 1
        return unit
      }
    ).map { $0.array.map(Double.init) }
  }

  private func error(_ a: [[Double]], _ b: [[Double]]) -> Double {
    relativeError(a.flatMap { $0 }, b.flatMap { $0 })
  }

  @Test(arguments: LossCase.all) func valueAndGradient(_ one: LossCase) throws {
    let (value, gradient) = try one.risk().gradient(at: one.point())
    let expected = one.value(one.network.weights)
    #expect(abs(value.loss - expected) < 1e-6 * max(abs(expected), 1), "\(value.loss), \(expected)")
    #expect(try one.risk().value(at: one.point()).loss == value.loss)
    let slopes = differences({ [one.value($0)] }, at: one.network.weights).flatMap { $0 }
    #expect(relativeError(gradient.array.map(Double.init), slopes) < Tolerance.exactInFloat)
  }

  @Test(arguments: LossCase.all) func hessian(_ one: LossCase) throws {
    let expected = secondDifferences(one.value, at: one.network.weights)
    #expect(
      try error(columns(one, CurvatureSettings(.hessian)), expected) < Tolerance.exactInFloat)
  }

  @Test(arguments: LossCase.all.filter { $0.loss.kind != .output })
  func gaussNewton(_ one: LossCase) throws {
    #expect(
      try error(columns(one, CurvatureSettings(.gaussNewton)), one.gaussNewton())
        < Tolerance.exactInFloat)
  }

  @Test(arguments: LossCase.all) func empiricalFisher(_ one: LossCase) throws {
    #expect(
      try error(columns(one, CurvatureSettings(.fisher)), one.fisher()) < Tolerance.exactInFloat)
  }

  /// Batches of two, the last one with a sample of padding, have the targets of their own samples.
  @Test(arguments: LossCase.likelihoods, [NormalizationMode.inference, .batch])
  func sampledFisherIsThatOfTheDrawnTargets(
    _ one: LossCase, _ mode: NormalizationMode
  ) throws {
    let options = RiskOptions(
      normalization: mode, batchSize: mode == .batch ? 3 : 128, microBatch: 2)
    let drawn = try one.risk(options).drawnTargets(at: one.point(), seed: 9, draw: 0)
    let targets = try #require(drawn.floats).array.map(Double.init)
    #expect(targets != one.targets)
    let settings = CurvatureSettings(.sampledFisher, targetSeed: 9)
    #expect(
      try error(columns(one, settings, options), one.fisher(targets: targets))
        < Tolerance.exactInFloat)
  }

  /// The expectation over the model's own targets is the Gauss-Newton matrix.
  @Test(arguments: LossCase.likelihoods) func drawsApproachTheGaussNewtonMatrix(
    _ one: LossCase
  ) throws {
    let exact = one.gaussNewton()
    func distance(_ draws: Int) throws -> Double {
      try error(
        columns(one, CurvatureSettings(.sampledFisher, targetSeed: 2, targetDraws: draws)), exact)
    }
    // The error falls as 1/sqrt(draws): by 10 from 10 to 1000, with room for chance.
    #expect(try distance(1000) < 0.15)
    #expect(try distance(1000) < 0.4 * distance(10))
  }
}
