internal import Foundation
package import LinearAlgebra

/// A random walk: steps of given lengths in directions that know nothing of each other.
///
/// In many dimensions its points look low-dimensional all the same: with n equal steps the variance
/// along component k is proportional to `1 / sin^2(pi k / (2 (n + 1)))`, of which the first has 61 % and
/// the first two 76 % (Antognini and Sohl-Dickstein 2018, "PCA of high dimensional random walks with
/// comparison to neural network training", where this is derived). A path of weights says something as
/// far as it differs from this.
package struct RandomWalk: Sendable {
  /// Lengths of the steps, in order.
  package let stepLengths: [Double]
  /// Number of dimensions.
  package let dimension: Int

  /// Describes a walk.
  ///
  /// - Precondition: There is at least one dimension, and no length is negative.
  package init(stepLengths: [Double], dimension: Int) {
    precondition(dimension > 0 && stepLengths.allSatisfy { $0 >= 0 }, "no random walk")
    self.stepLengths = stepLengths
    self.dimension = dimension
  }

  /// Inner products of the points of one walk, measured from its start.
  ///
  /// The steps need not be drawn in all dimensions. For a matrix N of independent standard normal
  /// numbers with a row for each step, `N N^T = A A^T`, where A is lower triangular, has standard normal
  /// numbers below its diagonal and square roots of chi-squared ones with `d, d - 1, ...` degrees of
  /// freedom on it (Bartlett 1933). Rows of A scaled to a length are steps of that length in uniformly
  /// distributed directions, in coordinates of their own: the distribution is exact for any d.
  ///
  /// - Complexity: O(n^3) for n steps, whatever the dimension.
  package func gramMatrix(_ stream: inout RandomStream) -> SymmetricMatrix {
    let count = stepLengths.count
    var points = [[Double](repeating: 0, count: min(count, dimension))]
    for (step, length) in stepLengths.enumerated() {
      var row = points[0].map { _ in 0.0 }
      for column in row.indices.prefix(step) { row[column] = stream.normal() }
      if step < dimension {
        row[step] = stream.chiSquared(degrees: dimension - step).squareRoot()
      }
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      points.append(zip(points[step], row).map { $0 + $1 * length / norm })
    }
    var result = SymmetricMatrix(zeros: count + 1)
    for i in 1..<(count + 1) {
      for j in 1...i { result[i, j] = zip(points[i], points[j]).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return result
  }

  /// Shares of the components of several walks: their means and standard deviations.
  ///
  /// - Parameters:
  ///   - walks: How many are drawn, at least 2.
  ///   - seed: Seed of the streams `random walk`, one for each walk.
  /// - Returns: A mean and a deviation for each component, the largest first.
  /// - Throws: `SymmetricMatrix.NoConvergence`.
  package func shares(
    walks: Int, seed: UInt64
  ) throws -> (means: [Double], deviations: [Double]) {
    precondition(walks >= 2, "a spread takes two walks")
    let drawn = try (0..<walks).map { index in
      var stream = RandomStream(seed: seed, label: "random walk", index: index)
      return try PrincipalComponents(gram: gramMatrix(&stream)).shares
    }
    let means = drawn[0].indices.map { k in
      drawn.reduce(0) { $0 + $1[k] } / Double(walks)
    }
    let deviations = means.indices.map { k in
      (drawn.reduce(0) { $0 + ($1[k] - means[k]) * ($1[k] - means[k]) } / Double(walks - 1))
        .squareRoot()
    }
    return (means, deviations)
  }
}

extension RandomStream {
  /// Chi-squared number: the sum of the squares of as many standard normal ones.
  ///
  /// From two degrees on twice a gamma number by rejection (Marsaglia and Tsang 2000), whose time does
  /// not grow with the degrees.
  mutating func chiSquared(degrees: Int) -> Double {
    guard degrees > 1 else {
      let x = normal()
      return x * x
    }
    let d = Double(degrees) / 2 - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let base = 1 + c * x
      guard base > 0 else { continue }
      let v = base * base * base
      if log(1 - uniform()) < x * x / 2 + d - d * v + d * log(v) { return 2 * d * v }
    }
  }
}
