import Krylov
import LinearAlgebra
import Testing

@Suite struct PowerIterationTests {
  @Test func theLargestAbsoluteValuesAreFoundInOrder() throws {
    let matrix = KnownMatrix<Double>(spectrum: [-10, 6, -3] + (0..<30).map { Double($0) / 30 })
    let results = try powerIteration(
      of: matrix, count: 3, maximumIterations: 500, tolerance: 1e-7, seed: 1)
    #expect(results.count == 3)
    for (result, exact) in zip(results, [-10.0, 6, -3]) {
      #expect(result.isConverged)
      // The error of a Rayleigh quotient is at most its residual.
      #expect(abs(result.value - exact) <= 2 * result.residualNorm + 1e-12)
      var residual = try matrix.product(with: result.vector)
      residual.add(result.vector, scaledBy: -result.value)
      #expect(residual.norm <= 1e-5)
    }
  }

  @Test func lanczosNeedsFewerProducts() throws {
    let matrix = KnownMatrix<Float>(spectrum: (0..<100).map { 1 + Double($0) / 100 })
    let power = try powerIteration(
      of: matrix, maximumIterations: 2000, tolerance: 1e-4, seed: 1)
    let lanczos = try extremalEigenpairs(
      of: matrix, settings: LanczosSettings(largest: 1, tolerance: 1e-4), seed: 1)
    #expect(lanczos.applications * 3 < power[0].applications)
    #expect(abs(lanczos.largest[0].value - power[0].value) < 1e-3)
  }

  @Test func tooFewIterationsAreReported() throws {
    let matrix = KnownMatrix<Double>(spectrum: [1, 0.999, 0.5])
    let result = try powerIteration(of: matrix, maximumIterations: 3, tolerance: 1e-10, seed: 2)
    #expect(!result[0].isConverged && result[0].applications == 3)
  }

  @Test func degenerateOperatorsWork() throws {
    let zero = KnownMatrix<Float>(spectrum: [0, 0])
    #expect(try powerIteration(of: zero, count: 2, seed: 1).map(\.value) == [0, 0])
    let one = KnownMatrix<Double>(spectrum: [-4])
    #expect(try powerIteration(of: one, seed: 1).map(\.value) == [-4])
    #expect(throws: KrylovError.tooManyPairs(requested: 2, dimension: 1)) {
      try powerIteration(of: one, count: 2, seed: 1)
    }
  }
}
