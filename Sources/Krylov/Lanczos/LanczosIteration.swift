package import LinearAlgebra

/// Lanczos process that can stop after any step and go on later with the same bits.
///
/// A value: the factorization, the random stream for new directions after a breakdown, and the
/// counters. Drivers advance it; a caller that wants to save it takes `snapshot`,
/// `basisVectors` and `direction` and gives them to the initialiser later.
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
  /// - Throws: `KrylovError.noStartDirection`.
  package init(start: Vector<Scalar>, stream: RandomStream) throws {
    factorization = try LanczosFactorization(start: start)
    self.stream = stream
  }

  /// Creates an iteration with a normal random start, the stream `lanczos.start` of a seed.
  package init(dimension: Int, seed: UInt64) throws {
    var stream = RandomStream(seed: seed, label: "lanczos.start")
    let start = stream.normalVector(count: dimension, as: Scalar.self)
    try self.init(start: start, stream: RandomStream(seed: seed, label: "lanczos.continuation"))
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
        found = factorization.continueOutsideInvariantSpace(toward: candidate)
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

extension LanczosIteration {
  /// Everything but the vectors; small, for JSON.
  package struct Snapshot: Sendable, Hashable, Codable {
    let scalars: LanczosFactorization<Scalar>.Scalars
    let stream: RandomStream
    let applications: Int
    let restarts: Int
    /// Number of basis vectors that belong to the snapshot.
    package var basisCount: Int { scalars.couplings.count }
  }

  /// The numbers to save, beside `basisVectors` and `direction`.
  package var snapshot: Snapshot {
    Snapshot(
      scalars: factorization.scalars, stream: stream, applications: applications,
      restarts: restarts)
  }

  /// The basis vectors to save; a step without a restart only adds one at the end.
  package var basisVectors: [Vector<Scalar>] {
    (0..<factorization.count).map { factorization.basis.column($0) }
  }

  /// The next direction to save, `nil` after a breakdown.
  package var direction: Vector<Scalar>? { factorization.direction }

  /// Continues a saved iteration.
  ///
  /// - Parameters:
  ///   - snapshot: What `snapshot` gave.
  ///   - basisVectors: What `basisVectors` gave.
  ///   - direction: What `direction` gave.
  /// - Throws: `KrylovError.damagedSnapshot` when the parts do not fit together.
  package init(
    continuing snapshot: Snapshot, basisVectors: [Vector<Scalar>], direction: Vector<Scalar>?
  ) throws {
    factorization = try LanczosFactorization(
      scalars: snapshot.scalars, columns: basisVectors, direction: direction)
    guard snapshot.applications >= 0, snapshot.restarts >= 0 else {
      throw KrylovError.damagedSnapshot(reason: "its counters are out of range")
    }
    stream = snapshot.stream
    applications = snapshot.applications
    restarts = snapshot.restarts
  }
}
