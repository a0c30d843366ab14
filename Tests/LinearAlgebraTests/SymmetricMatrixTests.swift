import Foundation
import LinearAlgebra
import Testing

@Suite struct SymmetricMatrixTests {
  @Test(arguments: [0, 1, 2, 7, 40]) func eigenpairsRebuildTheMatrix(order: Int) throws {
    var stream = RandomStream(seed: UInt64(order), label: "symmetric")
    var matrix = SymmetricMatrix(zeros: order)
    for i in 0..<order { for j in 0...i { matrix[i, j] = stream.normal() } }
    let (values, vectors) = try matrix.eigenpairs()
    try #require(values.count == order && vectors.count == order)
    #expect(values == values.sorted())
    let scale = values.map { abs($0) }.max() ?? 0
    for (value, vector) in zip(values, vectors) {
      for (left, x) in zip(matrix.product(vector), vector) {
        #expect(abs(left - value * x) <= 2e-15 * Double(order) * scale)
      }
    }
  }

  @Test func settingAnEntrySetsItsMirrorImage() {
    var matrix = SymmetricMatrix(zeros: 3)
    matrix[0, 2] = 5
    #expect(matrix[2, 0] == 5)
    #expect(matrix.product([1, 0, 2]) == [10, 0, 5])
    #expect(matrix.block(1..<3)[1, 0] == 0)
    #expect(matrix.resized(to: 4)[2, 0] == 5 && matrix.resized(to: 4).order == 4)
  }

  @Test(arguments: [Double.nan, -.infinity]) func nonFiniteEntriesAreAnError(bad: Double) {
    var matrix = SymmetricMatrix(zeros: 3)
    matrix[1, 2] = bad
    #expect(throws: SymmetricMatrix.NoConvergence.self) { try matrix.eigenpairs() }
  }

  /// What is verified finds an error of one part in a million in one entry, and lets LAPACK's own pass.
  @Test(arguments: [1, 2, 9, 40, 150])
  func wrongEigenpairsAreFound(order: Int) throws {
    var matrix = SymmetricMatrix(zeros: order)
    var stream = RandomStream(seed: UInt64(order), label: "verified")
    for i in 0..<order { for j in 0...i { matrix[i, j] = stream.normal() } }
    let right = try matrix.eigenpairs()
    #expect(matrix.isExplained(by: right))
    var wrong = right
    wrong.vectors[order / 2][order / 3] += 1e-6
    #expect(!matrix.isExplained(by: wrong))
    wrong = right
    wrong.values[order - 1] *= 1 + 1e-6
    #expect(!matrix.isExplained(by: wrong))
  }
}
