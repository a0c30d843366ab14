import Communication
import Krylov
import LinearAlgebra
import TestSupport
import Testing

/// Ranks that each hold some rows of a basis, against a single process.
@Suite struct RankedKrylovTests {
  /// Three sections of rows, the last one short: ranks get one or two of them, or none.
  private static let dimension = 2 * ColumnMatrix<Float>.sectionRows + 1000

  /// Eigenvalues of one over whole numbers along the axes, some of them negative.
  private static let matrix = DiagonalOperator(
    (0..<dimension).map { $0 % 5 == 4 ? -1 / Float($0) : 1 / Float($0 + 1) })

  private struct Outcome: Equatable {
    let result: LanczosResult
    let vectors: [Vector<Float>]
    let trace: TraceEstimate
    let density: SpectralDensity
  }

  private static func outcome(basis: Int?, on ranks: any Communicator) throws -> Outcome {
    var iteration = try LanczosIteration<Float>(dimension: dimension, seed: 3, ranks: ranks)
    let settings = try LanczosSettings(
      largest: 2, smallest: 1, maximumSteps: 8, maximumBasisSize: basis)
    let result = try extremalEigenpairs(of: matrix, continuing: &iteration, settings: settings)
    let trace = try lanczosTrace(
      of: matrix, outside: iteration.factorization, samples: 1, seed: 3)
    return Outcome(
      result: result,
      vectors: try iteration.largestRitzVectors(2) + iteration.smallestRitzVectors(1),
      trace: trace,
      density: try spectralDensity(
        of: matrix, probes: 2, steps: 2, seed: 3, continuing: nil, blockSize: 2, ranks: ranks))
  }

  /// With restarts (basis of 6) and without.
  @Test(arguments: [nil, 6]) func anyNumberOfRanksGivesTheBitsOfOne(basis: Int?) throws {
    let expected = try Self.outcome(basis: basis, on: Alone())
    #expect((expected.result.restarts > 0) == (basis != nil))
    for size in [2, 4] {
      let outcomes = try ThreadRanks.run(size) { try Self.outcome(basis: basis, on: $0) }
      #expect(outcomes.allSatisfy { $0 == expected }, "\(size) ranks")
    }
  }

  /// A breakdown is one for all: the next direction is outside the space that all of them hold.
  @Test func ranksGoOnTogetherAfterABreakdown() throws {
    let repeated = DiagonalOperator(
      (0..<Self.dimension).map { $0 < 5 ? 3 : $0 % 2 == 0 ? 1 : 2 })
    @Sendable func outcome(on ranks: any Communicator) throws -> LanczosResult {
      var iteration = try LanczosIteration<Float>(dimension: Self.dimension, seed: 4, ranks: ranks)
      return try extremalEigenpairs(
        of: repeated, continuing: &iteration,
        settings: try LanczosSettings(largest: 2, maximumSteps: 5, stopsEarly: false))
    }
    let expected = try outcome(on: Alone())
    #expect(expected.applications == 5)
    let results = try ThreadRanks.run(2) { try outcome(on: $0) }
    #expect(results == [expected, expected])
  }

  @Test func aRankHoldsItsRowsAlone() throws {
    func bytes(_ size: Int) throws -> [Int] {
      try ThreadRanks.run(size) { ranks in
        var basis = KrylovBasis<Float>(dimension: Self.dimension, ranks: ranks)
        for _ in 0..<8 { basis.append(Vector(zeros: Self.dimension)) }
        return basis.byteCount
      }
    }
    let all = try bytes(1)[0]
    // Ranks of one section, of which only the last is short.
    let parts = try bytes(3)
    #expect(parts.allSatisfy { $0 <= all / 2 + 4096 })
    #expect(parts.reduce(0, +) < all + 3 * 4096)
  }

  /// Two ranks of the same memory have room for a basis of nearly twice the size.
  @Test func aLimitOfMemoryIsThatOfEachRank() {
    let sections = 100
    let dimension = sections * ColumnMatrix<Float>.sectionRows
    let bytes = 23 * 4 * dimension
    func size(_ ranks: Int) -> Int {
      LanczosSettings.basisSize(
        fitting: bytes, dimension: dimension, bytesPerElement: 4, ranks: ranks)
    }
    #expect(size(1) == 20)
    #expect(size(2) == 40)
    // The largest share is 34 of 100 sections.
    #expect(size(3) == 20 * 100 / 34)
  }
}

/// A matrix with its eigenvalues on the diagonal, too large to be dense.
private struct DiagonalOperator: SymmetricOperator {
  private let diagonal: Vector<Float>

  init(_ diagonal: [Float]) { self.diagonal = Vector(diagonal) }

  var dimension: Int { diagonal.count }

  func apply(to x: Vector<Float>, into y: inout Vector<Float>) {
    y = x
    y.multiplyElements(in: 0..<dimension, by: diagonal)
  }
}
