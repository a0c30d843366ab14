package import Communication
package import LinearAlgebra

/// Orthonormal basis V of a Krylov space and the operator projected on it.
///
/// After m steps `A V = V T + d c^T` up to rounding, with V of m orthonormal columns, T = `V^T A V`
/// (`projected`), d the next direction and c = `V^T A d` (`couplings`). Without a restart T is
/// tridiagonal and c has one entry, beta_m, at its end; after a thick restart T has an arrow and
/// c an entry for each kept Ritz vector (Wu and Simon 2000, doi:10.1137/S0895479898334605).
///
/// Every product is orthogonalised twice against the whole basis, so no ghost copies of
/// eigenvalues appear. Vectors are of the operator's scalar; T, c and all dots are `Double`.
package struct LanczosFactorization<Scalar: BLASScalar>: Sendable {
  /// Basis vectors.
  package private(set) var basis: KrylovBasis<Scalar>
  /// T, of order `count`.
  package private(set) var projected: SymmetricMatrix
  /// Unit vector that the next step appends; `nil` after a breakdown.
  package private(set) var direction: Vector<Scalar>?
  /// c, one entry per basis vector; zeros after a breakdown.
  package private(set) var couplings: [Double]
  /// Norm of what the last product left outside the basis.
  package private(set) var residualNorm: Double
  /// Columns before this one span an invariant space that a breakdown completed.
  package private(set) var activeStart: Int
  /// Largest entry of T or c seen, in absolute value: a lower bound of the operator's norm.
  package private(set) var scale: Double
  /// Largest residual norm that was taken for zero.
  package private(set) var droppedNorm: Double
  /// Largest difference seen between an entry of `V^T A V` and its mirror image.
  ///
  /// A product with a new direction has known parts along the old basis if the operator is
  /// symmetric and deterministic. What they are off by is the operator's own error, measured.
  package private(set) var operatorDefect: Double

  /// Creates an empty factorization.
  ///
  /// - Parameters:
  ///   - start: First direction, of any length but zero.
  ///   - ranks: Who takes the same steps, and some rows of the basis.
  /// - Throws: `KrylovError.noStartDirection`.
  package init(start: Vector<Scalar>, ranks: any Communicator = Alone()) throws {
    let norm = start.norm
    guard norm > 0, norm.isFinite else { throw KrylovError.noStartDirection }
    basis = KrylovBasis(dimension: start.count, ranks: ranks)
    projected = SymmetricMatrix(zeros: 0)
    direction = start.scaled(by: 1 / norm)
    couplings = []
    residualNorm = 0
    activeStart = 0
    scale = 0
    droppedNorm = 0
    operatorDefect = 0
  }

  /// Dimension of the operator.
  package var dimension: Int { basis.dimension }

  /// Number of basis vectors, m.
  package var count: Int { basis.count }

  /// Diagonal of T, the textbook's alpha.
  package var alphas: [Double] { (0..<count).map { projected[$0, $0] } }

  /// Entries beside the diagonal of T, then beta_m: the textbook's beta.
  package var betas: [Double] {
    guard count > 0 else { return [] }
    return (1..<count).map { projected[$0 - 1, $0] } + [couplings[count - 1]]
  }

  /// Whether the basis spans an invariant space, as far as rounding can tell.
  package var isInvariant: Bool { direction == nil }

  /// Size below which a number is rounding error of the products: `eps scale`.
  package var roundingFloor: Double { Double(Scalar.ulpOfOne) * scale }

  /// Largest remainder of a product that counts as zero: 64 `roundingFloor`.
  ///
  /// Some room, because `scale` is only a lower bound of the norm and because dividing by small
  /// betas has enlarged the rounding of earlier steps. What is dropped shows in the bounds.
  package var breakdownThreshold: Double { 64 * roundingFloor }

  /// One Lanczos step: appends the direction and projects its product.
  ///
  /// A remainder below `breakdownThreshold` is a breakdown: the basis then spans an invariant
  /// space, which is a success, not an error.
  ///
  /// - Parameter product: `A direction`; its memory becomes that of the next direction where nobody
  ///   else holds it.
  /// - Throws: `KrylovError.nonFiniteProduct`; `RankFailure` among ranks.
  /// - Precondition: The direction is not `nil`.
  /// - Complexity: O(dimension count), three passes over the basis.
  package mutating func expand(byProduct product: consuming Vector<Scalar>) throws {
    guard let direction else { preconditionFailure("expanding an invariant basis") }
    precondition(product.count == dimension, "product of \(product.count), not \(dimension)")
    if let index = product.firstNonFiniteIndex {
      throw KrylovError.nonFiniteProduct(index: index)
    }
    let last = count
    var remainder = consume product
    basis.append(direction)
    let coefficients = try basis.orthogonalize(&remainder)
    let norm = remainder.norm
    guard norm.isFinite, coefficients.allSatisfy(\.isFinite) else {
      // Finite elements whose squares overflow; the factorization stays as it was.
      basis.removeLast(keeping: last)
      throw KrylovError.nonFiniteProduct(index: 0)
    }
    projected = projected.resized(to: last + 1)
    for i in 0..<last {
      operatorDefect = max(operatorDefect, abs(coefficients[i] - couplings[i]))
      if couplings[i] != 0 { projected[i, last] = couplings[i] }
    }
    projected[last, last] = coefficients[last]
    residualNorm = norm
    scale = max(scale, abs(coefficients[last]), norm)
    couplings = [Double](repeating: 0, count: last + 1)
    if norm > breakdownThreshold && last + 1 < dimension {
      couplings[last] = norm
      remainder.rescale(by: 1 / norm)
      self.direction = consume remainder
    } else {
      droppedNorm = max(droppedNorm, norm)
      self.direction = nil
    }
  }

  /// One Lanczos step with an operator.
  package mutating func expand(
    with symmetricOperator: some SymmetricOperator<Scalar>
  ) throws {
    guard let direction else { return }
    basis.pool = symmetricOperator.pool
    var product = Vector<Scalar>(overwritten: dimension)
    try symmetricOperator.apply(to: direction, into: &product)
    try expand(byProduct: consume product)
  }

  /// Goes on after a breakdown, in a direction outside the invariant space.
  ///
  /// - Parameter candidate: Any vector; a random one almost surely has such a part.
  /// - Returns: Whether something of the candidate was left outside the basis.
  /// - Throws: `RankFailure` among ranks.
  package mutating func continueOutsideInvariantSpace(
    toward candidate: Vector<Scalar>
  ) throws -> Bool {
    precondition(candidate.count == dimension, "candidate of \(candidate.count)")
    activeStart = count
    couplings = [Double](repeating: 0, count: count)
    var outside = candidate
    for _ in 0..<2 {
      let before = outside.norm
      _ = try basis.orthogonalize(&outside)
      let norm = outside.norm
      guard norm > 1e3 * Double(Scalar.ulpOfOne) * before, norm.isFinite else { return false }
      outside = outside.scaled(by: 1 / norm)
    }
    direction = outside
    return true
  }

  /// Thick restart: keeps a few Ritz vectors and the direction, forgets the rest.
  ///
  /// - Parameter kept: Ritz pairs from `ritzPairs()`, at most `count - 1` of them.
  /// - Complexity: O(dimension count kept.count), one pass over the basis, in place.
  package mutating func compress(keeping kept: [RitzPair]) {
    // A breakdown just before makes every pair one of the invariant space.
    let settled = kept.filter { isInvariant || $0.isSettled }
    let active = kept.filter { !isInvariant && !$0.isSettled }
    let pairs = settled + active
    basis.replace(byCombinations: pairs.map(\.coefficients))
    var compressed = SymmetricMatrix(zeros: pairs.count)
    for (index, pair) in pairs.enumerated() { compressed[index, index] = pair.value }
    projected = compressed
    couplings = pairs.map(\.coupling)
    activeStart = settled.count
  }
}
