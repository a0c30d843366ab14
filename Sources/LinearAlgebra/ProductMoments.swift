/// Mean and standard error of element-wise products, kept in `Double`.
///
/// The accumulator behind a stochastic diagonal: sample s contributes `x_s * y_s`, element by
/// element. Means and squared deviations are updated one sample at a time (Welford 1962), so
/// nothing cancels when the spread is small beside the mean.
package struct ProductMoments: Sendable {
  /// Number of samples so far.
  package private(set) var samples = 0
  private var means: Vector<Double>
  private var squaredDeviations: Vector<Double>

  /// Creates an accumulator of `count` elements without samples.
  package init(count: Int) {
    means = Vector(zeros: count)
    squaredDeviations = Vector(zeros: count)
  }

  /// Adds the sample `x * y`.
  ///
  /// - Complexity: O(count).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func add<Scalar: BLASScalar>(_ x: Vector<Scalar>, _ y: Vector<Scalar>) {
    let count = means.count
    precondition(x.count == count && y.count == count, "vectors of \(count) expected")
    samples += 1
    let share = 1 / Double(samples)
    means.withUnsafeMutableBuffer { means in
      squaredDeviations.withUnsafeMutableBuffer { deviations in
        x.withUnsafeBuffer { x in
          y.withUnsafeBuffer { y in
            guard let m = means.baseAddress, let s = deviations.baseAddress,
              let p = x.baseAddress, let q = y.baseAddress
            else { return }
            var i = 0
            while i < count {
              let value = Double(p[i]) * Double(q[i])
              let before = value - m[i]
              let mean = m[i] + before * share
              s[i] += before * (value - mean)
              m[i] = mean
              i &+= 1
            }
          }
        }
      }
    }
  }

  /// Mean of the samples, element by element.
  package var mean: Vector<Double> { means }

  /// Standard error of the mean, element by element; `nil` with fewer than two samples.
  package var standardError: Vector<Double>? {
    guard samples > 1 else { return nil }
    let divisor = Double(samples) * Double(samples - 1)
    return squaredDeviations.map { ($0 / divisor).squareRoot() }
  }
}
