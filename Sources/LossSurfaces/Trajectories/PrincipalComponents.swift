package import LinearAlgebra

/// Principal components of T points in d dimensions, from the T x T matrix of their inner products.
///
/// With points `p_t`, their mean m and `X = [p_t - m]`, `X X^T = H G H` has the eigenvalues of the
/// scatter matrix `X^T X`, which is d x d and never made. H takes the mean out of rows and columns, so
/// that it does not matter from which origin the inner products are measured.
package struct PrincipalComponents: Sendable {
  /// Sums of the squared distances to the mean along each component, the largest first: T - 1 of them,
  /// of which those that rounding made negative are 0.
  package let variances: [Double]
  /// Eigenvectors of the centred inner products, in the order of `variances`.
  private let vectors: [[Double]]

  /// Finds the components.
  ///
  /// - Parameter gram: Inner products `G_st = <p_s, p_t>`, measured from any origin.
  /// - Throws: `SymmetricMatrix.NoConvergence`, also for entries that are not finite.
  /// - Complexity: O(T^3).
  package init(gram: SymmetricMatrix) throws {
    let pairs = try Self.centred(gram).eigenpairs()
    let order = pairs.values.indices.reversed().prefix(max(gram.order - 1, 0))
    variances = order.map { max(pairs.values[$0], 0) }
    vectors = order.map { pairs.vectors[$0] }
  }

  /// `H G H` with `H = I - 1 1^T / T`.
  private static func centred(_ gram: SymmetricMatrix) -> SymmetricMatrix {
    let count = gram.order
    guard count > 0 else { return gram }
    let means = (0..<count).map { i in
      (0..<count).reduce(0) { $0 + gram[i, $1] } / Double(count)
    }
    let mean = means.reduce(0, +) / Double(count)
    var result = SymmetricMatrix(zeros: count)
    for i in 0..<count {
      for j in 0...i { result[i, j] = gram[i, j] - means[i] - means[j] + mean }
    }
    return result
  }

  /// Sum of all squared distances to the mean.
  package var total: Double { variances.reduce(0, +) }

  /// Share of each component in the total; zeros where all points are equal.
  package var shares: [Double] {
    let total = total
    return variances.map { total > 0 ? $0 / total : 0 }
  }

  /// Coefficients c of a component's unit vector `u = sum_t c_t p_t`.
  ///
  /// They add up to 0, so that u does not depend on the origin either.
  ///
  /// - Parameter component: Which one, the largest being 0.
  /// - Returns: A coefficient for each point.
  /// - Precondition: Its variance is not 0.
  package func coefficients(of component: Int) -> [Double] {
    let norm = variances[component].squareRoot()
    precondition(norm > 0, "a component without variance has no direction")
    return vectors[component].map { $0 / norm }
  }
}
