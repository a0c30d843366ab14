internal import LinearAlgebra

/// Trace by XTrace: Hutch++ made exchangeable, every sample used for sketch and remainder.
///
/// With `Y = A Omega = Q R` for m random vectors of norm sqrt(d), estimate i takes the basis
/// without sample i, `Q_i Q_i^T = Q (I - s_i s_i^T) Q^T`, exactly, and sample i for the remainder:
///
///     t_i = tr(H) - s_i^T H s_i + f_i (w_i^T r_i - 2 x_i^T r_i + x_i^T H x_i)
///
/// with `H = Q^T A Q`, `w_i = Q^T omega_i`, `x_i = w_i - s_i s_i^T w_i`, r_i the columns of R, s_i
/// the unit columns of `R^-T`, and `f_i = (d - m + 1) / (d - ||x_i||^2)` so that the remainder is a
/// sphere average in its own space (Epperly, Tropp and Webber 2024, doi:10.1137/23M1548323,
/// sections 2.1 and 2.3). The estimate is the mean of the t_i and the error estimate their
/// standard error, which the paper shows to be of the right size.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - applications: Products at most, 2 or more; half of them are samples.
///   - seed: Sample i uses the stream `trace.xtrace` i.
///   - blockSize: Vectors that are given to the operator at once.
/// - Returns: Estimate with its error estimate.
/// - Throws: `KrylovError`, and what the operator throws.
/// - Complexity: O(d m^2 + m^3) beside the products; d m elements of memory.
public func xTrace<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, applications: Int, seed: UInt64, blockSize: Int = 1
) throws -> TraceEstimate {
  guard applications >= 2 else {
    throw KrylovError.invalidSetting(
      name: "applications", reason: "XTrace needs at least 2, got \(applications)")
  }
  try requirePositive(blockSize, "block size")
  let dimension = symmetricOperator.dimension
  let samples = min(applications / 2, dimension)
  func sample(_ index: Int) -> Vector<Operator.Scalar> {
    var stream = RandomStream(seed: seed, label: "trace.xtrace", index: index)
    let normal = stream.normalVector(count: dimension, as: Operator.Scalar.self)
    return normal.scaled(by: Double(dimension).squareRoot() / normal.norm)
  }
  var range = RangeBasis<Operator.Scalar>(of: symmetricOperator)
  for batch in batches(of: samples, size: blockSize) {
    for product in try symmetricOperator.products(with: batch.map(sample)) {
      range.append(product)
    }
  }
  let rank = range.rank
  var projected = SymmetricMatrix(zeros: rank)
  for batch in batches(of: rank, size: blockSize) {
    let products = try symmetricOperator.products(with: batch.map { range.basis.column($0) })
    for (j, product) in zip(batch, products) {
      let column = range.basis.project(product)
      for i in 0..<rank {
        // The mean of both triangles: H is symmetric only up to the operator's rounding.
        projected[i, j] = i < j ? (projected[i, j] + column[i]) / 2 : column[i]
      }
    }
  }
  let trace = (0..<rank).reduce(0) { $0 + projected[$1, $1] }
  let coefficients = range.paddedCoefficients
  // A deficient rank means that the samples hold the whole range: leaving one out changes
  // nothing, and R has no inverse.
  let isDeficient = rank < samples
  let estimates = (0..<samples).map { i in
    let left = isDeficient ? nil : leftOutDirection(i, of: coefficients)
    let w = range.basis.project(sample(i))
    let r = coefficients[i]
    let x = left.map { s in subtract(s, times: inner(s, w), from: w) } ?? w
    let kept = trace - (left.map { inner($0, projected.product($0)) } ?? 0)
    let freedom = Double(dimension - (isDeficient ? rank : rank - 1))
    let squaredNorm = Double(dimension) - inner(x, x)
    // A remainder without room, or lost in rounding, adds nothing.
    guard freedom > 0, squaredNorm > 1e-10 * Double(dimension) else { return kept }
    let form = inner(w, r) - 2 * inner(x, r) + inner(x, projected.product(x))
    return kept + freedom / squaredNorm * form
  }
  let result = SampleMean(estimates)
  return TraceEstimate(
    method: .xTrace, value: result.mean, standardError: result.standardError, samples: samples,
    applications: samples + rank)
}

/// Unit vector orthogonal to all columns of the triangular R but column i: `R^-T e_i` scaled.
private func leftOutDirection(_ i: Int, of r: [[Double]]) -> [Double] {
  var s = [Double](repeating: 0, count: r.count)
  s[i] = 1
  for row in (i + 1)..<max(r.count, i + 1) {
    var sum = 0.0
    for k in i..<row { sum += r[row][k] * s[k] }
    s[row] = -sum / r[row][row]
  }
  let norm = inner(s, s).squareRoot()
  return s.map { $0 / norm }
}

private func inner(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

private func subtract(_ a: [Double], times factor: Double, from b: [Double]) -> [Double] {
  zip(a, b).map { $1 - factor * $0 }
}
