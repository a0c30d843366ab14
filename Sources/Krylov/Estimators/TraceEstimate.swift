/// Trace of an operator with an estimate of its error.
package struct TraceEstimate: Sendable, Hashable, Codable {
  /// How the trace was estimated.
  package enum Method: String, Sendable, Hashable, Codable {
    case hutchinson
    case hutchPlusPlus
    case xTrace
    /// Exact on a Lanczos basis, Hutchinson outside it.
    case lanczosBasis
  }

  /// How the trace was estimated.
  package let method: Method
  /// The estimate; its expected value is the trace.
  package let value: Double
  /// Estimated standard deviation of `value`; `nil` with fewer than two samples.
  package let standardError: Double?
  /// Random vectors that the standard error is computed from.
  package let samples: Int
  /// Number of products with the operator.
  package let applications: Int
}

/// Mean of a few numbers and the standard error of the mean.
struct SampleMean {
  let mean: Double
  /// `nil` with fewer than two numbers.
  let standardError: Double?

  init(_ values: [Double]) {
    let count = Double(values.count)
    let mean = values.isEmpty ? 0 : values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = values.count > 1 ? (squares / (count * (count - 1))).squareRoot() : nil
  }
}

/// Refuses a number of samples or steps that is not positive.
func requirePositive(_ value: Int, _ name: String) throws {
  guard value > 0 else {
    throw KrylovError.invalidSetting(name: name, reason: "must be positive, is \(value)")
  }
}

/// Ranges of at most `size` that cover `0 ..< count` in order.
func batches(of count: Int, size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
}
