internal import Datasets

extension BoundSamples {
  /// Weighted variance of the targets around the mean of each output, where R2 compares with it.
  ///
  /// `sum_{n,j} weight[n,j] (y[n,j] - mean_j)^2` for outputs j; from differences to the first sample,
  /// since squares of years would leave nothing of a variance of some months.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  /// - Complexity: One pass over the targets.
  func targetVariance() throws -> Double? {
    guard loss.metric == .r2, let target = samples.target else { return nil }
    let size = target.elementCount
    let origin = try samples.values(of: target, 0..<1).map(Double.init)
    var totals = [Double](repeating: 0, count: size)
    var sums = totals
    var squares = totals
    let block = max(1, (1 << 14) / size)
    for start in stride(from: 0, to: samples.count, by: block) {
      let range = start..<min(start + block, samples.count)
      let weights = try self.weights.values(range)
      for (index, value) in try samples.values(of: target, range).enumerated() {
        let output = index % size
        let weight = Double(weights[index])
        let difference = Double(value) - origin[output]
        totals[output] += weight
        sums[output] += weight * difference
        squares[output] += weight * difference * difference
      }
    }
    return (0..<size).reduce(0) { variance, output in
      guard totals[output] > 0 else { return variance }
      return variance + max(squares[output] - sums[output] * sums[output] / totals[output], 0)
    }
  }
}
