public import LinearAlgebra

/// Diagonal of an operator with a standard error for each entry.
public struct DiagonalEstimate: Sendable {
  /// Estimated diagonal entries.
  public let values: Vector<Double>
  /// Their standard errors; `nil` with fewer than two samples.
  public let standardErrors: Vector<Double>?
  /// Random vectors, one product each.
  public let samples: Int
}

/// Diagonal by the mean of `z * (A z)`, element by element, over random signs z.
///
/// The variance of one sample of entry i is `sum_(j != i) A_ij^2` (Bekas, Kokiopoulou and Saad
/// 2007, doi:10.1016/j.apnum.2007.01.003); a diagonal operator is exact after one.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - samples: Random vectors, one product each.
///   - seed: Sample i uses the stream `diagonal` i.
///   - blockSize: Vectors that are given to the operator at once.
///   - progress: Called after each block with the samples so far; may throw to interrupt.
/// - Returns: Estimates with standard errors.
/// - Throws: `KrylovError`, and what the operator or `progress` throws.
public func estimatedDiagonal<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, samples: Int, seed: UInt64, blockSize: Int = 1,
  progress: (Int) throws -> Void = { _ in }
) throws -> DiagonalEstimate {
  try requirePositive(samples, "samples")
  try requirePositive(blockSize, "block size")
  var moments = ProductMoments(count: symmetricOperator.dimension)
  for batch in batches(of: samples, size: blockSize) {
    let signs = batch.map { index in
      var stream = RandomStream(seed: seed, label: "diagonal", index: index)
      return stream.signVector(count: symmetricOperator.dimension, as: Operator.Scalar.self)
    }
    let products = try symmetricOperator.products(with: signs)
    for (vector, product) in zip(signs, products) { moments.add(vector, product) }
    try progress(moments.samples)
  }
  return DiagonalEstimate(
    values: moments.mean, standardErrors: moments.standardError, samples: samples)
}
