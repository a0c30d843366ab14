internal import LinearAlgebra

/// Trace from a Lanczos basis V: exact on its span, Hutchinson outside it.
///
/// `tr(A) = tr(V^T A V) + tr(P A P)` with `P = I - V V^T`. The first part is the trace of the
/// projected operator, which costs nothing; the second is the mean of `z^T P A P z` over random
/// signs z. This is Hutch++ (Meyer, Musco, Musco and Woodruff 2021,
/// doi:10.1137/1.9781611976496.16) with a Krylov space in place of its sketch: the basis holds
/// the eigenvectors of large eigenvalues, so little is left to estimate.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - factorization: Its Lanczos factorization; restarts do not matter.
///   - samples: Random vectors, one product each.
///   - seed: Sample i uses the stream `trace.lanczos` i.
///   - blockSize: Vectors that are given to the operator at once.
///   - progress: Called after each block with the samples so far; may throw to interrupt.
/// - Returns: Estimate; its standard error is that of the second part, given V.
/// - Throws: `KrylovError`, and what the operator or `progress` throws.
/// - Complexity: O(d m) per sample beside the products, for a basis of m vectors.
package func lanczosTrace<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, outside factorization: LanczosFactorization<Operator.Scalar>,
  samples: Int, seed: UInt64, blockSize: Int = 1, progress: (Int) throws -> Void = { _ in }
) throws -> TraceEstimate {
  try requirePositive(samples, "samples")
  try requirePositive(blockSize, "block size")
  guard factorization.dimension == symmetricOperator.dimension else {
    throw KrylovError.wrongLength(
      of: "the Lanczos basis", expected: symmetricOperator.dimension,
      found: factorization.dimension)
  }
  let exact = factorization.alphas.reduce(0, +)
  guard factorization.count < factorization.dimension else {
    return TraceEstimate(
      method: .lanczosBasis, value: exact, standardError: 0, samples: 0, applications: 0)
  }
  var forms: [Double] = []
  for batch in batches(of: samples, size: blockSize) {
    let vectors = try batch.map { index in
      var stream = RandomStream(seed: seed, label: "trace.lanczos", index: index)
      var vector = stream.signVector(
        count: factorization.dimension, as: Operator.Scalar.self)
      _ = try factorization.basis.orthogonalize(&vector)
      return vector
    }
    let products = try symmetricOperator.products(with: vectors)
    forms += zip(vectors, products).map { $0.dot($1) }
    try progress(forms.count)
  }
  let rest = SampleMean(forms)
  return TraceEstimate(
    method: .lanczosBasis, value: exact + rest.mean, standardError: rest.standardError,
    samples: samples, applications: samples)
}
