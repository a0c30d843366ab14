public import LinearAlgebra

/// Eigenvalue that power iteration found, with its residual.
public struct PowerIterationResult<Scalar: BLASScalar>: Sendable {
  /// Rayleigh quotient `v^T A v`; negative when the largest in absolute value is.
  public let value: Double
  /// `||A v - value v||` outside the pairs found before.
  public let residualNorm: Double
  /// Products spent on this pair.
  public let applications: Int
  /// Whether the residual is within the tolerance.
  public let isConverged: Bool
  /// The unit vector v.
  public let vector: Vector<Scalar>
}

/// The eigenvalues of largest absolute value by power iteration with deflation.
///
/// For comparison with published figures that were made this way; Lanczos needs far fewer
/// products. Stops on the residual, not on the change of the value, which can be small long
/// before the vector is right.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - count: Number of pairs.
///   - maximumIterations: Products per pair at most.
///   - tolerance: Largest residual, relative to the absolute value of the eigenvalue.
///   - seed: Pair k starts from the stream `power.start` k.
/// - Returns: Pairs in the order found.
/// - Throws: `KrylovError`, and what the operator throws.
public func powerIteration<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, count: Int = 1, maximumIterations: Int = 100,
  tolerance: Double = 1e-3, seed: UInt64
) throws -> [PowerIterationResult<Operator.Scalar>] {
  try requirePositive(count, "count")
  try requirePositive(maximumIterations, "maximum iterations")
  let dimension = symmetricOperator.dimension
  guard count <= dimension else {
    throw KrylovError.tooManyPairs(requested: count, dimension: dimension)
  }
  var found = ColumnMatrix<Operator.Scalar>(rows: dimension)
  var results: [PowerIterationResult<Operator.Scalar>] = []
  var scale = 0.0
  for index in 0..<count {
    var stream = RandomStream(seed: seed, label: "power.start", index: index)
    var vector = stream.normalVector(count: dimension, as: Operator.Scalar.self)
    // Twice: the second time cleans the rounding that normalising a small remainder enlarges.
    for _ in 0..<2 {
      _ = found.orthogonalize(&vector)
      vector = vector.scaled(by: 1 / vector.norm)
    }
    var applications = 0
    while true {
      var product = try symmetricOperator.product(with: vector)
      applications += 1
      _ = found.orthogonalize(&product)
      let value = vector.dot(product)
      let norm = product.norm
      scale = max(scale, norm)
      var residual = product
      residual.add(vector, scaledBy: Operator.Scalar(-value))
      let residualNorm = residual.norm
      let floor = 16 * Double(Operator.Scalar.ulpOfOne) * scale
      let isConverged = residualNorm <= max(tolerance * abs(value), floor)
      if isConverged || applications == maximumIterations {
        found.append(vector)
        results.append(
          PowerIterationResult(
            value: value, residualNorm: residualNorm, applications: applications,
            isConverged: isConverged, vector: vector))
        break
      }
      vector = product.scaled(by: 1 / norm)
    }
  }
  return results
}
