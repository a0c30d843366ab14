import Foundation

func tanhOf(_ x: Double) -> Double { tanh(x) }
func expOf(_ x: Double) -> Double { exp(x) }
func logOf(_ x: Double) -> Double { log(x) }

/// `log sum_k e^(x_k)`.
func logSumExp(_ x: some Collection<Double>) -> Double {
  let top = x.max() ?? 0
  return top + log(x.reduce(0) { $0 + exp($1 - top) })
}

/// Central differences of a function with several values: one row for each variable.
func differences(
  _ f: ([Double]) -> [Double], at x: [Double], step: Double = 1e-5
) -> [[Double]] {
  x.indices.map { index in
    var moved = x
    moved[index] = x[index] + step
    let high = f(moved)
    moved[index] = x[index] - step
    return zip(high, f(moved)).map { ($0 - $1) / (2 * step) }
  }
}

/// Second derivatives by central differences in pairs of variables.
///
/// With the step h, truncation is of order h^2 = 1e-8 and rounding of order 1e-16 / h^2 = 1e-8.
func secondDifferences(
  _ f: ([Double]) -> Double, at x: [Double], step h: Double = 1e-4
) -> [[Double]] {
  var matrix = x.map { _ in x.map { _ in 0.0 } }
  for i in x.indices {
    for j in 0...i {
      var sum = 0.0
      for (a, b) in [(1.0, 1.0), (1, -1), (-1, 1), (-1, -1)] {
        var moved = x
        moved[i] += a * h
        moved[j] += b * h
        sum += a * b * f(moved)
      }
      matrix[i][j] = sum / (4 * h * h)
      matrix[j][i] = matrix[i][j]
    }
  }
  return matrix
}
