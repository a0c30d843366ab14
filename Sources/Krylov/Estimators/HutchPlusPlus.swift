internal import LinearAlgebra

/// Trace by Hutch++: exact on a sketched subspace, Hutchinson on what is left.
///
/// `tr(Q^T A Q)` with Q a basis of `A S` for random signs S, plus the mean of `z^T P A P z` with
/// `P = I - Q Q^T` (Meyer, Musco, Musco and Woodruff 2021, doi:10.1137/1.9781611976496.16). A
/// third of the products goes to each part. The error falls as 1/products when the spectrum
/// decays, and is rounding when the rank is at most a third of the products.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - applications: Products at most, 3 or more.
///   - seed: Seed of the streams `trace.hutch++.sketch` and `trace.hutch++.remainder`.
///   - blockSize: Vectors that are given to the operator at once.
/// - Returns: Estimate; its standard error is that of the second part, given Q.
/// - Throws: `KrylovError`, and what the operator throws.
/// - Complexity: O(d applications^2) beside the products; d applications / 3 elements of memory.
public func hutchPlusPlusTrace<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, applications: Int, seed: UInt64, blockSize: Int = 1
) throws -> TraceEstimate {
  guard applications >= 3 else {
    throw KrylovError.invalidSetting(
      name: "applications", reason: "Hutch++ needs at least 3, got \(applications)")
  }
  try requirePositive(blockSize, "block size")
  let dimension = symmetricOperator.dimension
  func signs(_ label: String, _ index: Int) -> Vector<Operator.Scalar> {
    var stream = RandomStream(seed: seed, label: label, index: index)
    return stream.signVector(count: dimension)
  }
  var used = 0
  var range = RangeBasis<Operator.Scalar>(of: symmetricOperator)
  for batch in batches(of: min(applications / 3, dimension), size: blockSize) {
    let sketch = batch.map { signs("trace.hutch++.sketch", $0) }
    for product in try symmetricOperator.products(with: sketch) { range.append(product) }
    used += batch.count
  }
  var exact = 0.0
  for batch in batches(of: range.rank, size: blockSize) {
    let columns = batch.map { range.basis.column($0) }
    let products = try symmetricOperator.products(with: columns)
    for (column, product) in zip(columns, products) { exact += column.dot(product) }
    used += batch.count
  }
  // Nothing is left when Q spans the whole space.
  let remaining = range.rank < dimension ? applications - used : 0
  var forms: [Double] = []
  for batch in batches(of: remaining, size: blockSize) {
    let vectors = batch.map { index in
      var vector = signs("trace.hutch++.remainder", index)
      _ = range.basis.orthogonalize(&vector)
      return vector
    }
    let products = try symmetricOperator.products(with: vectors)
    forms += zip(vectors, products).map { $0.dot($1) }
    used += batch.count
  }
  let rest = SampleMean(forms)
  return TraceEstimate(
    method: .hutchPlusPlus, value: exact + rest.mean,
    standardError: remaining == 0 ? 0 : rest.standardError, samples: forms.count,
    applications: used)
}
