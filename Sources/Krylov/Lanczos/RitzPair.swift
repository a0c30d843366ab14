package import LinearAlgebra

/// Eigenpair of the projected operator: an approximation to one of the operator.
package struct RitzPair: Sendable {
  /// Ritz value theta, an approximate eigenvalue.
  package let value: Double
  /// Bound of the residual `||A x - theta x||` of the unit Ritz vector x = V s.
  ///
  /// It equals |c^T s| (|beta_m s_m| without a restart); an eigenvalue lies within it of theta.
  package let residualBound: Double
  /// s, over the whole basis.
  package let coefficients: [Double]
  /// Signed c^T s: the entry of this pair in c after a restart.
  let coupling: Double
  /// Whether the pair belongs to an invariant space that was left behind.
  let isSettled: Bool
}

extension LanczosFactorization {
  /// All Ritz pairs, in ascending order of value.
  ///
  /// - Throws: `SymmetricMatrix.NoConvergence`.
  /// - Complexity: O(count^3).
  package func ritzPairs() throws -> [RitzPair] {
    var pairs: [RitzPair] = []
    // The two blocks of T are decoupled; solved apart, equal values in them do not mix.
    for (range, isSettled) in [(0..<activeStart, true), (activeStart..<count, false)] {
      let (values, vectors) = try projected.block(range).eigenpairs()
      for (value, vector) in zip(values, vectors) {
        var coefficients = [Double](repeating: 0, count: count)
        coefficients.replaceSubrange(range, with: vector)
        let coupling =
          isSettled ? 0 : zip(couplings, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
        let bound = isSettled || isInvariant ? droppedNorm : abs(coupling)
        pairs.append(
          RitzPair(
            value: value, residualBound: bound, coefficients: coefficients,
            coupling: coupling, isSettled: isSettled))
      }
    }
    return pairs.sorted { $0.value < $1.value }
  }

  /// The unit Ritz vector x = V s.
  ///
  /// - Throws: `RankFailure` among ranks.
  /// - Complexity: O(dimension count), one pass over the basis.
  package func ritzVector(_ pair: RitzPair) throws -> Vector<Scalar> {
    let vector = try basis.combine(pair.coefficients)
    let norm = vector.norm
    return norm > 0 ? vector.scaled(by: 1 / norm) : vector
  }
}
