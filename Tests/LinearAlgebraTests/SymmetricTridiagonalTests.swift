import Foundation
import LinearAlgebra
import Testing

@Suite struct SymmetricTridiagonalTests {
  /// The second-difference matrix has eigenvalues 2 - 2 cos(k pi / (n + 1)).
  @Test(arguments: [1, 2, 3, 50]) func secondDifferencesHaveTheirKnownSpectrum(n: Int) throws {
    let matrix = SymmetricTridiagonal(
      diagonal: [Double](repeating: 2, count: n),
      offDiagonal: [Double](repeating: -1, count: n - 1))
    let (values, vectors) = try matrix.eigenpairs()
    try #require(values.count == n && vectors.count == n)
    for k in 0..<n {
      let exact = 2 - 2 * cos(Double(k + 1) * Double.pi / Double(n + 1))
      #expect(abs(values[k] - exact) < 4e-15 * Double(n))
      let v = vectors[k]
      for i in 0..<n {
        let left = i > 0 ? v[i - 1] : 0
        let right = i + 1 < n ? v[i + 1] : 0
        #expect(abs(2 * v[i] - left - right - values[k] * v[i]) < 4e-15 * Double(n))
      }
      for j in 0...k {
        let dot = zip(v, vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - (j == k ? 1 : 0)) < 4e-15 * Double(n))
      }
    }
  }

  @Test func anEmptyMatrixHasNoPairs() throws {
    let pairs = try SymmetricTridiagonal(diagonal: [], offDiagonal: []).eigenpairs()
    #expect(pairs.values.isEmpty && pairs.vectors.isEmpty)
  }

  @Test(arguments: [Double.nan, .infinity]) func nonFiniteEntriesAreAnError(bad: Double) {
    #expect(throws: SymmetricTridiagonal.NoConvergence.self) {
      try SymmetricTridiagonal(diagonal: [1, bad], offDiagonal: [0]).eigenpairs()
    }
    #expect(throws: SymmetricTridiagonal.NoConvergence.self) {
      try SymmetricTridiagonal(diagonal: [1, 1], offDiagonal: [bad]).eigenpairs()
    }
  }
}
