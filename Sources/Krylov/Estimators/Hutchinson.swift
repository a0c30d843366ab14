internal import LinearAlgebra

/// Trace by Hutchinson's estimator: the mean of `z^T A z` over random signs z.
///
/// Variance of one sample: `2 (||A||_F^2 - sum_i A_ii^2)` (Hutchinson 1989,
/// doi:10.1080/03610918908812806), so the error falls as 1/sqrt(samples) and is 0 for a diagonal
/// operator.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - samples: Random vectors at most, one product each.
///   - seed: Sample i uses the stream `trace.hutchinson` i, whatever the other arguments.
///   - targetRelativeError: Stop when the standard error is at most this share of the estimate,
///     after 10 samples at the earliest; `nil` takes all samples.
///   - blockSize: Vectors that are given to the operator at once.
///   - progress: Called after each block with the estimate so far; may throw to interrupt.
/// - Returns: Estimate with its standard error.
/// - Throws: `KrylovError`, and what the operator or `progress` throws.
public func hutchinsonTrace<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, samples: Int, seed: UInt64,
  targetRelativeError: Double? = nil, blockSize: Int = 1,
  progress: (TraceEstimate) throws -> Void = { _ in }
) throws -> TraceEstimate {
  try requirePositive(samples, "samples")
  try requirePositive(blockSize, "block size")
  var forms: [Double] = []
  func estimate() -> TraceEstimate {
    let sample = SampleMean(forms)
    return TraceEstimate(
      method: .hutchinson, value: sample.mean, standardError: sample.standardError,
      samples: forms.count, applications: forms.count)
  }
  for batch in batches(of: samples, size: blockSize) {
    let signs = batch.map { index in
      var stream = RandomStream(seed: seed, label: "trace.hutchinson", index: index)
      return stream.signVector(count: symmetricOperator.dimension, as: Operator.Scalar.self)
    }
    let products = try symmetricOperator.products(with: signs)
    forms += zip(signs, products).map { $0.dot($1) }
    let current = estimate()
    try progress(current)
    if let target = targetRelativeError, forms.count >= 10,
      let error = current.standardError, error <= target * abs(current.value)
    {
      break
    }
  }
  return estimate()
}
