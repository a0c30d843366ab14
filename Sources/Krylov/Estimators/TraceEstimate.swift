/// Trace of an operator with an estimate of its error.
public struct TraceEstimate: Sendable, Hashable, Codable {
  /// How the trace was estimated.
  public enum Method: String, Sendable, Hashable, Codable {
    /// Mean of `z^T A z` over random signs.
    case hutchinson
    /// Exact on a sketched subspace, Hutchinson on what is left.
    case hutchPlusPlus
    /// Exact on leave-one-out sketches, with their spread as error.
    case xTrace
    /// Exact on a Lanczos basis, Hutchinson outside it.
    case lanczosBasis
  }

  /// How the trace was estimated.
  public let method: Method
  /// The estimate; its expected value is the trace.
  public let value: Double
  /// Estimated standard deviation of `value`; `nil` with fewer than two samples.
  public let standardError: Double?
  /// Random vectors that the standard error is computed from.
  public let samples: Int
  /// Number of products with the operator.
  public let applications: Int
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
