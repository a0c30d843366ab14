import NeuralNetworks
import GraphRuntime
import Checkpoints
import DigitsReference
import HessianSpectra
import Krylov
import LinearAlgebra
import Objectives
import Testing

/// Spectra against eigenvalues that PyTorch and NumPy computed in float64, on networks that come with
/// the tests.
@Suite(.serialized) struct DigitsSpectrumTests {
  private func matrix(
    _ kind: CurvatureMatrix, _ reference: DigitsReference,
    at point: ModelPoint? = nil, _ options: RiskOptions = RiskOptions()
  ) throws -> RiskOperator {
    let risk = try EmpiricalRisk(
      model: reference.trained.model, samples: reference.samples(), options: options,
      pool: WorkerPool(threadCount: 2))
    return try RiskOperator(
      CurvatureSettings(kind), of: risk, at: point ?? reference.trained.point,
      selection: ParameterSelection(all: reference.trained.model.layout))
  }

  /// The spectrum with the error of its products measured as the command does.
  private func spectrum(
    _ kind: CurvatureMatrix, _ reference: DigitsReference, steps: Int, top: Int
  ) throws -> SpectrumResult {
    let matrix = try matrix(kind, reference)
    var moved = reference.trained.point
    moved.weights.elements = moved.weights.elements.movedByRounding(seed: 0)
    return try computeSpectrum(
      of: matrix, settings: SpectrumSettings(steps: steps, top: top, bottom: 2, traceSamples: 2),
      arithmeticError: {
        try arithmeticError(
          ofProduct: matrix.product(with: $0),
          against: self.matrix(
            kind, reference, at: moved, RiskOptions(convolution: .direct)), at: $0)
      }
    ).result
  }

  /// What stands behind an eigenvalue covers its distance from float64, and is not idly large.
  @Test(arguments: DigitsReference.Network.allCases)
  func theMeasuredErrorCoversTheDistanceFromFloat64(
    _ network: DigitsReference.Network
  ) throws {
    let reference = try DigitsReference(network)
    let result = try spectrum(.hessian, reference, steps: 100, top: 10)
    let expected = reference.figures.eigenvalues
    #expect(result.arithmeticFloor > 0 && result.errorFloor >= result.arithmeticFloor)
    #expect(result.errorFloor < 1e-5 * expected.largest[0])
    for (value, exact) in zip(result.largest, expected.largest) {
      #expect(value.isConverged)
      #expect(
        abs(value.value - exact) <= max(value.residualBound, result.errorFloor),
        "\(value), not \(exact) ± \(result.errorFloor)")
    }
    for (value, exact) in zip(result.smallest, expected.smallest) {
      #expect(abs(value.value - exact) <= max(value.residualBound, result.errorFloor))
    }
    let ratio = try #require(result.ratio)
    #expect(abs(ratio.value - expected.largest[0] / expected.largest[4]) <= ratio.bound)
  }

  @Test func traceOfTheHessian() throws {
    let reference = try DigitsReference(.mlp)
    let exact = try #require(reference.figures.eigenvalues.trace)
    let result = try computeSpectrum(
      of: matrix(.hessian, reference),
      settings: SpectrumSettings(steps: 60, top: 1, bottom: 0, traceSamples: 40)
    ).result
    let trace = try #require(result.trace)
    #expect(abs(trace.value - exact) < 4 * (try #require(trace.standardError)), "\(trace)")
  }

  @Test func theOtherMatrices() throws {
    let reference = try DigitsReference(.mlp)
    let figures = reference.figures.eigenvalues
    for (kind, exact) in [
      (CurvatureMatrix.gaussNewton, figures.gaussNewton), (.fisher, figures.fisher),
    ] {
      let exact = try #require(exact)
      let result = try spectrum(kind, reference, steps: 60, top: exact.count)
      for (value, expected) in zip(result.largest, exact) {
        #expect(
          abs(value.value - expected) <= max(value.residualBound, result.errorFloor),
          "\(kind): \(value), not \(expected) ± \(result.errorFloor)")
      }
    }
    // Its rank is at most the number of samples, so the basis holds all of it.
    let fisher = try computeSpectrum(
      of: matrix(.fisher, reference),
      settings: SpectrumSettings(
        steps: reference.figures.derivatives.samples + 1, top: 1, bottom: 0, traceSamples: 2)
    ).result
    let trace = try #require(reference.figures.derivatives.fisher.trace)
    #expect(abs((fisher.trace?.value ?? 0) - trace) < 1e-5 * trace)
  }
}
