extension LanczosFactorization {
  /// Gauss quadrature of the start vector's spectral measure, from the steps so far.
  ///
  /// Nodes are the Ritz values, weights the squared first entries of the eigenvectors of T (Golub
  /// and Welsch 1969); directions taken after a breakdown have no weight. With a random sign
  /// start it is one probe of stochastic Lanczos quadrature.
  ///
  /// - Throws: `SymmetricMatrix.NoConvergence`.
  /// - Precondition: No thick restart has happened: the first basis vector is the start.
  /// - Complexity: O(count^3).
  package func quadrature() throws -> SpectralDensity.Quadrature {
    let pairs = try ritzPairs().filter { $0.coefficients[0] != 0 }
    return SpectralDensity.Quadrature(
      nodes: pairs.map(\.value), weights: pairs.map { $0.coefficients[0] * $0.coefficients[0] })
  }
}

extension SpectralDensity {
  /// Joins quadratures that were computed apart.
  ///
  /// - Parameters:
  ///   - dimension: Number of eigenvalues.
  ///   - quadratures: One per random sign vector.
  ///   - applications: Products that they took.
  package init(dimension: Int, quadratures: [Quadrature], applications: Int) {
    self.init(dimension: dimension, probes: quadratures, applications: applications)
  }
}
