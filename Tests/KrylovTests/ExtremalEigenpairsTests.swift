import Foundation
import Krylov
import LinearAlgebra
import TestSupport
import Testing

@Suite struct ExtremalEigenpairsTests {
  /// A residual below rounding says nothing; the bound does not go below it.
  @Test func aBoundIsAtLeastWhatRoundingLeaves() throws {
    let diagonal = (1...6).map(Double.init)
    let result = try extremalEigenpairs(
      of: DenseSymmetricOperator(diagonal: diagonal),
      settings: LanczosSettings(largest: 3, maximumSteps: 6, tolerance: 0), seed: 2)
    for (found, exact) in zip(result.largest, diagonal.reversed()) {
      #expect(found.residualBound < result.roundingFloor)
      let bound = result.bound(of: found)
      #expect(bound >= result.roundingFloor && bound >= result.operatorDefect)
      #expect(abs(found.value - exact) <= Double(diagonal.count) * bound)
    }
  }

  /// Values against the known spectrum, bounds against true residuals.
  private func check<Scalar: BLASScalar>(
    _ spectrum: SpectrumCase, as type: Scalar.Type, basis: Int?
  ) throws {
    let matrix = KnownMatrix<Scalar>(spectrum: spectrum.values)
    let n = matrix.dimension
    let wanted = min(3, n)
    // The small end of a graded spectrum lies below the rounding of the large end: values there
    // are near some eigenvalue, but not each near its own, and a short basis never gets there.
    let isGraded = matrix.norm > 1e7
    let wantedSmallest = isGraded && basis != nil ? 0 : wanted
    let settings = try LanczosSettings(
      largest: wanted, smallest: wantedSmallest, maximumSteps: 600, maximumBasisSize: basis,
      tolerance: 1e-5)
    var iteration = try LanczosIteration<Scalar>(dimension: n, seed: 11)
    let counter = CountingOperator(matrix)
    let result = try extremalEigenpairs(of: counter, continuing: &iteration, settings: settings)
    let comment: Comment = "\(spectrum.name) \(type) \(result.stopReason)"
    try #require(result.largest.count == wanted && result.smallest.count == wantedSmallest)
    #expect(result.applications == counter.applications)
    #expect(result.operatorDefect <= 32 * result.roundingFloor, comment)
    #expect(result.stopReason != .reachedMaximumSteps, comment)
    // Storing the matrix perturbs its eigenvalues by n eps ||A||; each value adds its bound.
    let storage = Double(n) * Double(Scalar.ulpOfOne) * matrix.norm
    for (found, exact) in zip(result.largest, matrix.spectrum.reversed()) {
      #expect(found.isConverged, comment)
      #expect(abs(found.value - exact) <= storage + found.residualBound, comment)
    }
    for (found, exact) in zip(result.smallest, matrix.spectrum) {
      #expect(found.isConverged, comment)
      let distances = matrix.spectrum.map { abs(found.value - $0) }
      let error = isGraded ? distances.min() ?? .infinity : abs(found.value - exact)
      #expect(error <= storage + found.residualBound, comment)
    }
    let vectors = try iteration.largestRitzVectors(wanted)
    for (found, x) in zip(result.largest, vectors) {
      var residual = try matrix.product(with: x)
      residual.add(x, scaledBy: Scalar(-found.value))
      #expect(abs(x.norm - 1) <= 4 * Double(Scalar.ulpOfOne), comment)
      #expect(residual.norm <= found.residualBound + 64 * result.roundingFloor, comment)
    }
  }

  @Test(arguments: SpectrumCase.all) func bothEndsMatchTheKnownSpectrum(
    spectrum: SpectrumCase
  ) throws {
    try check(spectrum, as: Float.self, basis: nil)
    try check(spectrum, as: Double.self, basis: nil)
  }

  @Test(arguments: SpectrumCase.all) func bothEndsMatchWithThickRestarts(
    spectrum: SpectrumCase
  ) throws {
    try check(spectrum, as: Float.self, basis: 12)
    try check(spectrum, as: Double.self, basis: 12)
  }

  @Test func restartsHappenAndKeepTheBasisSmall() throws {
    let matrix = KnownMatrix<Float>(spectrum: (0..<200).map { pow(Double($0) / 200, 2) })
    let settings = try LanczosSettings(
      largest: 4, maximumSteps: 2000, maximumBasisSize: 14, tolerance: 1e-5)
    let result = try extremalEigenpairs(of: matrix, settings: settings, seed: 3)
    #expect(result.stopReason == .converged)
    #expect(result.restarts > 0 && result.basisSize <= 14)
    for (found, exact) in zip(result.largest, matrix.spectrum.reversed()) {
      #expect(abs(found.value - exact) < 1e-4 * exact)
    }
  }

  @Test func theSearchStopsAsSoonAsTheWantedPairsConverge() throws {
    let matrix = KnownMatrix<Double>(spectrum: [100, 50] + (0..<198).map { Double($0) / 198 })
    let result = try extremalEigenpairs(
      of: matrix, settings: LanczosSettings(largest: 2, maximumSteps: 150), seed: 1)
    #expect(result.stopReason == .converged && result.applications < 20)
    #expect(result.convergedCount == 2)
    #expect(result.all.count == result.applications)
  }

  @Test func tooFewStepsAreReportedAsNotConverged() throws {
    let matrix = KnownMatrix<Double>(spectrum: (0..<200).map { Double($0) })
    let result = try extremalEigenpairs(
      of: matrix, settings: LanczosSettings(largest: 5, maximumSteps: 7), seed: 1)
    #expect(result.stopReason == .reachedMaximumSteps && result.applications == 7)
    #expect(result.convergedCount < 5)
    let fewer = try extremalEigenpairs(
      of: matrix, settings: LanczosSettings(largest: 5, maximumSteps: 3), seed: 1)
    #expect(fewer.largest.count == 3)
  }

  @Test func invariantSpacesNameTheirDimension() throws {
    let zero = KnownMatrix<Float>(spectrum: [Double](repeating: 0, count: 20))
    let result = try extremalEigenpairs(
      of: zero, settings: LanczosSettings(largest: 2), seed: 1)
    #expect(result.largest.map(\.value) == [0, 0])
    #expect(result.stopReason == .invariantSubspace(dimension: 3))
    let two = KnownMatrix<Double>(spectrum: [1, -3])
    let whole = try extremalEigenpairs(of: two, settings: LanczosSettings(largest: 1), seed: 1)
    #expect(whole.stopReason == .invariantSubspace(dimension: 2))
  }

  /// Each block after a breakdown brings one more copy; the last one brings none and ends it.
  @Test(arguments: [1.0, -1.0]) func allCopiesOfAnEigenvalueAreFound(sign: Double) throws {
    let diagonal = [5, 5, 5, 3, 2] + [Double](repeating: 1, count: 10)
    let matrix = DenseSymmetricOperator<Double>(diagonal: diagonal.map { sign * $0 })
    let settings = try LanczosSettings(largest: sign > 0 ? 3 : 0, smallest: sign > 0 ? 0 : 3)
    let result = try extremalEigenpairs(of: matrix, settings: settings, seed: 1)
    let found = result.largest + result.smallest
    #expect(found.count == 3 && found.allSatisfy { abs($0.value - 5 * sign) < 1e-13 })
    // {5, 3, 2, 1}, {5, 1}, {5, 1}, {1}
    #expect(result.stopReason == .invariantSubspace(dimension: 9))
  }

  @Test func impossibleRequestsAreErrors() throws {
    let matrix = KnownMatrix<Double>(spectrum: [1, 2])
    #expect(throws: KrylovError.tooManyPairs(requested: 3, dimension: 2)) {
      try extremalEigenpairs(of: matrix, settings: LanczosSettings(largest: 3), seed: 1)
    }
    #expect(throws: KrylovError.self) { try LanczosSettings(largest: 0) }
    #expect(throws: KrylovError.self) { try LanczosSettings(largest: -1, smallest: 3) }
    #expect(throws: KrylovError.self) { try LanczosSettings(largest: 1, maximumSteps: 0) }
    #expect(throws: KrylovError.self) { try LanczosSettings(largest: 1, tolerance: .nan) }
    #expect(throws: KrylovError.self) { try LanczosSettings(largest: 9, maximumBasisSize: 10) }
    #expect(throws: KrylovError.self) {
      try LanczosSettings(largest: .max, smallest: 1, maximumBasisSize: 10)
    }
    var wrong = try LanczosIteration<Double>(dimension: 5, seed: 1)
    #expect(throws: KrylovError.self) {
      try extremalEigenpairs(
        of: matrix, continuing: &wrong, settings: LanczosSettings(largest: 1))
    }
    #expect(throws: KrylovError.nonFiniteProduct(index: 1)) {
      try extremalEigenpairs(
        of: DenseSymmetricOperator<Double>(
          columns: [Vector([1, 0]), Vector([0, .nan])]), settings: LanczosSettings(largest: 1),
        seed: 1)
    }
  }

  private struct Interruption: Error {}

  /// Stopped after any step and continued: the same bits as in one go.
  @Test(arguments: [1, 5, 11, 12, 13, 30], [nil, 12]) func aContinuedSearchGivesTheSameBits(
    stop: Int, basis: Int?
  ) throws {
    let matrix = KnownMatrix<Float>(spectrum: (0..<80).map { Double($0 / 2) })
    let settings = try LanczosSettings(
      largest: 3, smallest: 2, maximumSteps: 300, maximumBasisSize: basis, tolerance: 1e-6)
    var straight = try LanczosIteration<Float>(dimension: 80, seed: 2)
    let expected = try extremalEigenpairs(
      of: matrix, continuing: &straight, settings: settings)
    #expect(expected.applications > 30)

    var interrupted = try LanczosIteration<Float>(dimension: 80, seed: 2)
    #expect(throws: Interruption.self) {
      try extremalEigenpairs(of: matrix, continuing: &interrupted, settings: settings) {
        progress, _ in if progress.step == stop { throw Interruption() }
      }
    }
    let result = try extremalEigenpairs(of: matrix, continuing: &interrupted, settings: settings)
    #expect(result == expected)
    #expect(try interrupted.largestRitzVectors(1) == straight.largestRitzVectors(1))
  }

  /// After a breakdown the next direction comes from the saved random stream.
  @Test(arguments: 3...8) func aSearchContinuedAfterABreakdownGivesTheSameBits(stop: Int) throws {
    let diagonal: [Float] = [5, 5, 5, 3, 2] + [Float](repeating: 1, count: 10)
    let matrix = DenseSymmetricOperator<Float>(diagonal: diagonal)
    let settings = try LanczosSettings(largest: 3)
    var straight = try LanczosIteration<Float>(dimension: 15, seed: 2)
    let expected = try extremalEigenpairs(
      of: matrix, continuing: &straight, settings: settings)
    var interrupted = try LanczosIteration<Float>(dimension: 15, seed: 2)
    #expect(throws: Interruption.self) {
      try extremalEigenpairs(of: matrix, continuing: &interrupted, settings: settings) {
        progress, _ in if progress.step == stop { throw Interruption() }
      }
    }
    #expect(
      try extremalEigenpairs(of: matrix, continuing: &interrupted, settings: settings) == expected)
    for index in 0..<straight.factorization.count {
      #expect(
        try interrupted.factorization.basis.vector(index)
          == straight.factorization.basis.vector(index))
    }
  }

  @Test func progressIsReportedForEveryStep() throws {
    let matrix = KnownMatrix<Double>(spectrum: (0..<50).map { Double($0) })
    var iteration = try LanczosIteration<Double>(dimension: 50, seed: 4)
    var steps: [Int] = []
    var values: [Double] = []
    let result = try extremalEigenpairs(
      of: matrix, continuing: &iteration, settings: LanczosSettings(largest: 1)
    ) { progress, _ in
      steps.append(progress.step)
      values.append(progress.largest.value)
    }
    #expect(steps == Array(1...result.applications))
    // Cauchy interlacing: the largest Ritz value never falls.
    for (before, after) in zip(values, values.dropFirst()) { #expect(after >= before - 1e-13) }
  }

  /// The upper triangle is off by 0.01: the search must show an error of that order.
  @Test func anAsymmetricOperatorShowsInTheDefect() throws {
    let columns = (0..<20).map { j in
      Vector<Double>((0..<20).map { i in i == j ? Double(i) : (i < j ? 0.01 : 0) })
    }
    struct Asymmetric: SymmetricOperator {
      let matrix: ColumnMatrix<Double>
      let dimension = 20
      func apply(to x: Vector<Double>, into y: inout Vector<Double>) {
        y = matrix.combine(x.array)
      }
    }
    let matrix = Asymmetric(matrix: ColumnMatrix(rows: 20, columns: columns))
    let result = try extremalEigenpairs(
      of: matrix, settings: LanczosSettings(largest: 2), seed: 1)
    #expect(result.operatorDefect > 1e-3 && result.operatorDefect < 1)
  }

  @Test func bytesBecomeABasisSize() {
    #expect(
      LanczosSettings.basisSize(fitting: 1000, dimension: 10, bytesPerElement: 4) == 22)
    #expect(LanczosSettings.basisSize(fitting: 10, dimension: .max, bytesPerElement: 4) == 0)
    #expect(LanczosSettings.basisSize(fitting: 0, dimension: 10, bytesPerElement: 4) == 0)
  }
}
