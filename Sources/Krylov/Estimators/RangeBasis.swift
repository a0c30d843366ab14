internal import LinearAlgebra

/// Orthonormal basis Q of the span of vectors that come one by one, with `Y = Q R`.
///
/// Two-pass Gram-Schmidt in `Double`. A vector that adds nothing beyond rounding gets no column,
/// so Q has the numerical rank of Y.
struct RangeBasis<Scalar: BLASScalar> {
  private(set) var basis: ColumnMatrix<Scalar>
  /// Columns of R; column k has as many entries as Q had columns after vector k.
  private(set) var coefficients: [[Double]] = []
  private var largestNorm = 0.0

  init(of symmetricOperator: some SymmetricOperator<Scalar>) {
    basis = ColumnMatrix(rows: symmetricOperator.dimension)
    basis.pool = symmetricOperator.pool
  }

  /// Number of columns of Q.
  var rank: Int { basis.columns }

  /// Appends a vector.
  ///
  /// - Complexity: O(dimension rank).
  mutating func append(_ y: Vector<Scalar>) {
    largestNorm = max(largestNorm, y.norm)
    var remainder = y
    var column = basis.orthogonalize(&remainder)
    let norm = remainder.norm
    // Of a unit remainder, all but 1e-2 must be more than rounding of the products.
    if norm > 100 * Double(Scalar.ulpOfOne) * largestNorm && rank < basis.rows {
      var unit = remainder.scaled(by: 1 / norm)
      _ = basis.orthogonalize(&unit)
      basis.append(unit.scaled(by: 1 / unit.norm))
      column.append(norm)
    }
    coefficients.append(column)
  }

  /// R with zeros filled in: one column of `rank` entries per vector.
  var paddedCoefficients: [[Double]] {
    coefficients.map { $0 + [Double](repeating: 0, count: rank - $0.count) }
  }
}
