package import Krylov
package import LinearAlgebra

/// Error of products as a distance of eigenvalues: three times `||B x - A x||`, where A and B differ in
/// their rounding alone.
///
/// A is the matrix as an analysis multiplies by it. B is the same matrix, rounded otherwise. Both are
/// symmetric, so for a Ritz pair (theta, x) of A an eigenvalue of B lies within
/// `||B x - theta x|| <= ||A x - theta x|| + ||B x - A x||` of theta (Parlett 1998, theorem 4.5.1).
/// What the arithmetic adds to a residual bound is thus measured, and not only its asymmetric part,
/// which is all that a Lanczos run can see of it.
///
/// It is one draw of a random error, of the size of that of A against exact arithmetic; the factor
/// three is for its scatter.
///
/// - Parameters:
///   - product: `A x`, so that what A takes memory for may be gone when B is there.
///   - other: The operator B.
///   - x: A vector of norm 1, where the error matters: an eigenvector of the largest eigenvalue.
/// - Returns: The error, in units of the eigenvalues.
/// - Throws: `KrylovError`, and what the operator throws.
/// - Complexity: One product with B.
package func arithmeticError<Scalar: BLASScalar>(
  ofProduct product: Vector<Scalar>, against other: some SymmetricOperator<Scalar>,
  at x: Vector<Scalar>
) throws -> Double {
  var difference = try other.product(with: x)
  difference.add(product, scaledBy: -1)
  return 3 * difference.norm
}

extension Vector<Float> {
  /// Weights of which a random half have moved to a neighbouring number: the smallest change that
  /// single precision can make, and about what the first rounding of a product with them does.
  ///
  /// - Parameter seed: Seed of the stream `arithmetic.weights`.
  /// - Returns: The moved weights.
  package func movedByRounding(seed: UInt64) -> Vector<Float> {
    var stream = RandomStream(seed: seed, label: "arithmetic.weights")
    return map { weight in
      switch stream.integer(below: 4) {
      case 0: weight.nextUp
      case 1: weight.nextDown
      default: weight
      }
    }
  }
}
