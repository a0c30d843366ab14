package import Communication
package import LinearAlgebra

/// Lanczos process that can stop after any step and go on later with the same bits.
///
/// A value: the factorization, the random stream for new directions after a breakdown, and the
/// counters. Drivers advance it.
package struct LanczosIteration<Scalar: BLASScalar>: Sendable {
  /// Basis and projected operator.
  package private(set) var factorization: LanczosFactorization<Scalar>
  /// Number of products with the operator.
  package private(set) var applications = 0
  /// Number of thick restarts.
  package private(set) var restarts = 0
  private var stream: RandomStream

  /// Creates an iteration with a given start vector.
  ///
  /// - Parameters:
  ///   - start: First direction, of any length but zero.
  ///   - stream: Source of new directions after a breakdown.
  ///   - ranks: Who takes the same steps, and some rows of the basis.
  /// - Throws: `KrylovError.noStartDirection`.
  package init(
    start: Vector<Scalar>, stream: RandomStream, ranks: any Communicator = Alone()
  ) throws {
    factorization = try LanczosFactorization(start: start, ranks: ranks)
    self.stream = stream
  }

  /// Creates an iteration with a normal random start, the stream `lanczos.start` of a seed.
  package init(dimension: Int, seed: UInt64, ranks: any Communicator = Alone()) throws {
    var stream = RandomStream(seed: seed, label: "lanczos.start")
    let start = stream.normalVector(count: dimension, as: Scalar.self)
    try self.init(
      start: start, stream: RandomStream(seed: seed, label: "lanczos.continuation"), ranks: ranks)
  }

  /// One step with the operator, after a restart or a new direction where one is due.
  ///
  /// - Parameters:
  ///   - symmetricOperator: The operator of all steps.
  ///   - maximumBasisSize: Basis vectors to hold at most.
  ///   - choose: Picks what a restart keeps, among the pairs in ascending order.
  /// - Returns: Whether there was a direction left to go.
  /// - Throws: `KrylovError.nonFiniteProduct`, and what the operator throws.
  package mutating func advance(
    with symmetricOperator: some SymmetricOperator<Scalar>, maximumBasisSize: Int,
    choose: ([RitzPair]) -> [RitzPair]
  ) throws -> Bool {
    if factorization.count >= maximumBasisSize {
      factorization.compress(keeping: choose(try factorization.ritzPairs()))
      restarts += 1
    }
    if factorization.isInvariant {
      guard factorization.count < factorization.dimension else { return false }
      // A second try only matters in tiny dimensions, where a draw may fall into the space.
      var attempts = 0
      var found = false
      while !found && attempts < 8 {
        let candidate = stream.normalVector(count: factorization.dimension, as: Scalar.self)
        found = try factorization.continueOutsideInvariantSpace(toward: candidate)
        attempts += 1
      }
      guard found else { return false }
    }
    try factorization.expand(with: symmetricOperator)
    applications += 1
    return true
  }

  /// The unit Ritz vectors of the largest values, in descending order of value.
  package func largestRitzVectors(_ count: Int) throws -> [Vector<Scalar>] {
    try factorization.ritzPairs().suffix(count).reversed().map(factorization.ritzVector)
  }

  /// The unit Ritz vectors of the smallest values, in ascending order of value.
  package func smallestRitzVectors(_ count: Int) throws -> [Vector<Scalar>] {
    try factorization.ritzPairs().prefix(count).map(factorization.ritzVector)
  }
}
