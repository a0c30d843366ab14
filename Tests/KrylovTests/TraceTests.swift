import Foundation
import Krylov
import LinearAlgebra
import Testing

/// Squared Frobenius norm and diagonal of a matrix, from its products with unit vectors.
private func entries(of matrix: KnownMatrix<Double>) throws -> [[Double]] {
  try (0..<matrix.dimension).map { j in
    var unit = Vector<Double>(zeros: matrix.dimension)
    unit[j] = 1
    return try matrix.product(with: unit).array
  }
}

@Suite struct TraceTests {
  private let quadratic = (1...100).map { 1 / Double($0 * $0) }

  @Test func hutchinsonHasItsKnownVariance() throws {
    let matrix = KnownMatrix<Double>(spectrum: (0..<60).map { Double($0) - 20 })
    let columns = try entries(of: matrix)
    let all = columns.joined().reduce(0) { $0 + $1 * $1 }
    let diagonal = columns.indices.reduce(0) { $0 + columns[$1][$1] * columns[$1][$1] }
    let samples = 400
    let exact = (2 * (all - diagonal) / Double(samples)).squareRoot()
    let estimate = try hutchinsonTrace(of: matrix, samples: samples, seed: 1)
    #expect(abs(estimate.value - matrix.trace) < 5 * exact)
    let error = try #require(estimate.standardError)
    // A sample deviation of 400 has itself a relative deviation near 1/sqrt(800), 4 %.
    #expect(abs(error / exact - 1) < 0.25)
    #expect(estimate.samples == samples && estimate.applications == samples)
  }

  @Test func hutchinsonIsExactForADiagonal() throws {
    let matrix = DenseSymmetricOperator<Double>(diagonal: [1, 2, 4, -3])
    let estimate = try hutchinsonTrace(of: matrix, samples: 3, seed: 1)
    #expect(estimate.value == 4 && estimate.standardError == 0)
    let single = try hutchinsonTrace(of: matrix, samples: 1, seed: 1)
    #expect(single.value == 4 && single.standardError == nil)
  }

  @Test func hutchinsonStopsAtItsTarget() throws {
    let matrix = KnownMatrix<Double>(spectrum: (0..<60).map { 10 + Double($0) })
    let counter = CountingOperator(matrix)
    let estimate = try hutchinsonTrace(
      of: counter, samples: 5000, seed: 2, targetRelativeError: 0.02)
    let error = try #require(estimate.standardError)
    #expect(error <= 0.02 * estimate.value)
    #expect(estimate.applications == counter.applications && counter.applications < 5000)
    #expect(abs(estimate.value - matrix.trace) < 5 * error)
  }

  @Test func theBlockSizeDoesNotChangeAnyEstimate() throws {
    let matrix = KnownMatrix<Float>(spectrum: quadratic)
    #expect(
      try hutchinsonTrace(of: matrix, samples: 10, seed: 1)
        == hutchinsonTrace(of: matrix, samples: 10, seed: 1, blockSize: 4))
    #expect(
      try hutchPlusPlusTrace(of: matrix, applications: 20, seed: 1)
        == hutchPlusPlusTrace(of: matrix, applications: 20, seed: 1, blockSize: 4))
    #expect(
      try xTrace(of: matrix, applications: 20, seed: 1)
        == xTrace(of: matrix, applications: 20, seed: 1, blockSize: 4))
  }

  /// Rank 4 with 24 products: both sketches hold the whole range.
  private func lowRank<Scalar: BLASScalar>(_ type: Scalar.Type, tolerance: Double) throws {
    let matrix = KnownMatrix<Scalar>(spectrum: [Double](repeating: 0, count: 60) + [9, 5, -3, 1])
    let plus = try hutchPlusPlusTrace(of: matrix, applications: 24, seed: 3)
    let cross = try xTrace(of: matrix, applications: 24, seed: 3)
    for estimate in [plus, cross] {
      #expect(abs(estimate.value - 12) < tolerance, "\(estimate.method) \(type)")
      #expect(try #require(estimate.standardError) < tolerance)
      #expect(estimate.applications <= 24)
    }
  }

  @Test func lowRankIsExact() throws {
    // 64 rows, eps ||A||, and the condition 9 of the range.
    try lowRank(Float.self, tolerance: 64 * 9 * 9 * 1.2e-7)
    try lowRank(Double.self, tolerance: 64 * 9 * 9 * 2.3e-16)
  }

  @Test(arguments: SpectrumCase.all) func everySpectrumIsWithinItsError(
    spectrum: SpectrumCase
  ) throws {
    let matrix = KnownMatrix<Double>(spectrum: spectrum.values)
    // With as many samples as rows the sketch is the whole space and the estimate exact.
    let estimate = try xTrace(of: matrix, applications: 2 * matrix.dimension, seed: 4)
    let scale = matrix.norm * Double(matrix.dimension)
    #expect(abs(estimate.value - matrix.trace) <= 1e-10 * scale, "\(spectrum.name)")
    let plus = try hutchPlusPlusTrace(of: matrix, applications: 60, seed: 4)
    let bound = 5 * (plus.standardError ?? .infinity) + 1e-10 * scale
    #expect(abs(plus.value - matrix.trace) <= bound, "\(spectrum.name)")
  }

  /// Over seeds: unbiased, the stated error of the size of the true one, and far below Hutchinson.
  @Test func theDecayingSpectrumIsEstimatedFarBetterThanByHutchinson() throws {
    let matrix = KnownMatrix<Double>(spectrum: quadratic)
    let runs = 40
    let frobenius = quadratic.reduce(0) { $0 + $1 * $1 }
    let hutchinson = (2 * frobenius / 30).squareRoot()
    func check(_ estimate: (UInt64) throws -> TraceEstimate) throws {
      let estimates = try (0..<runs).map { try estimate(UInt64($0)) }
      let errors = estimates.map { $0.value - matrix.trace }
      let stated = try estimates.map { try #require($0.standardError) }
      let bias = errors.reduce(0, +) / Double(runs)
      let spread = (errors.reduce(0) { $0 + $1 * $1 } / Double(runs)).squareRoot()
      let claimed = (stated.reduce(0) { $0 + $1 * $1 } / Double(runs)).squareRoot()
      #expect(abs(bias) < 5 * spread / Double(runs).squareRoot())
      #expect(spread < 0.2 * hutchinson, "\(estimates[0].method): \(spread)")
      #expect(claimed > spread / 2 && claimed < spread * 2, "\(claimed) for \(spread)")
    }
    try check { try hutchPlusPlusTrace(of: matrix, applications: 30, seed: $0) }
    try check { try xTrace(of: matrix, applications: 30, seed: $0) }
  }

  @Test func tooFewProductsAreErrors() {
    let matrix = KnownMatrix<Double>(spectrum: [1, 2])
    #expect(throws: KrylovError.self) { try hutchinsonTrace(of: matrix, samples: 0, seed: 1) }
    #expect(throws: KrylovError.self) {
      try hutchinsonTrace(of: matrix, samples: 1, seed: 1, blockSize: 0)
    }
    #expect(throws: KrylovError.self) {
      try hutchPlusPlusTrace(of: matrix, applications: 2, seed: 1)
    }
    #expect(throws: KrylovError.self) { try xTrace(of: matrix, applications: 1, seed: 1) }
    #expect(throws: KrylovError.self) {
      try estimatedDiagonal(of: matrix, samples: 0, seed: 1)
    }
  }

  @Test func diagonalEntriesHaveTheirKnownVariance() throws {
    let matrix = KnownMatrix<Double>(spectrum: (0..<40).map { Double($0) - 10 })
    let columns = try entries(of: matrix)
    let samples = 300
    let estimate = try estimatedDiagonal(of: matrix, samples: samples, seed: 5, blockSize: 7)
    let errors = try #require(estimate.standardErrors)
    #expect(estimate.samples == samples && estimate.values.count == 40)
    for i in columns.indices {
      let row = columns[i].reduce(0) { $0 + $1 * $1 } - columns[i][i] * columns[i][i]
      let exact = (row / Double(samples)).squareRoot()
      #expect(abs(estimate.values[i] - columns[i][i]) < 5 * exact)
      #expect(abs(errors[i] / exact - 1) < 0.4)
    }
  }

  @Test func aDiagonalIsEstimatedExactly() throws {
    let matrix = DenseSymmetricOperator<Float>(diagonal: [1, -2, 0, 5])
    let estimate = try estimatedDiagonal(of: matrix, samples: 2, seed: 1)
    #expect(estimate.values.array == [1, -2, 0, 5])
    #expect(estimate.standardErrors?.array == [0, 0, 0, 0])
    #expect(try estimatedDiagonal(of: matrix, samples: 1, seed: 1).standardErrors == nil)
  }
}
