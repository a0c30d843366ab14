@testable import LinearAlgebra
import Testing

/// Around registers and blocks of rows, and one whose columns would lie whole pages apart.
private let heights = [1, 7, 8, 9, 15, 16, 17, 1023, 1024, 1025, 2048, 3000]
private let widths = [0, 1, 2, 3, 4, 5, 8, 9, 13]

@Suite struct ColumnMatrixTests {
  /// Small integers: all products and sums below are exact, so results must be equal.
  private func sample<Scalar: BLASScalar>(
    rows: Int, columns: Int, as type: Scalar.Type
  ) -> [Vector<Scalar>] {
    (0..<columns).map { j in
      let elements: [Scalar] = (0..<rows).map { i in
        let digit = (i * 7 + j * 5) % 11
        return Scalar(digit - 5)
      }
      return Vector(elements)
    }
  }

  private func check<Scalar: BLASScalar>(rows: Int, columns: Int, as type: Scalar.Type) {
    let vectors = sample(rows: rows, columns: columns, as: type)
    let matrix = ColumnMatrix(rows: rows, columns: vectors)
    let y = Vector((0..<rows).map { Scalar($0 % 5 - 2) })
    let coefficients = (0..<columns).map { Double($0 % 3 - 1) }
    #expect(matrix.columns == columns)
    #expect((0..<columns).map { matrix.column($0) } == vectors)
    #expect(matrix.project(y) == vectors.map { $0.dot(y) })
    var combination = Vector<Scalar>(zeros: rows)
    for (vector, c) in zip(vectors, coefficients) { combination.add(vector, scaledBy: Scalar(c)) }
    #expect(matrix.combine(coefficients) == combination)
    var difference = y
    difference.add(combination, scaledBy: -1)
    var result = y
    matrix.subtractCombination(coefficients, from: &result)
    #expect(result == difference)
  }

  @Test(arguments: heights, widths) func productsEqualColumnByColumnLoops(rows: Int, columns: Int) {
    check(rows: rows, columns: columns, as: Float.self)
    check(rows: rows, columns: columns, as: Double.self)
  }

  /// Three sections of rows, the last one short.
  @Test func threadsDoNotChangeTheBitsOfProducts() {
    let rows = 2 * ColumnMatrix<Float>.sectionRows + 1234
    var stream = RandomStream(seed: 5, label: "sections")
    let vectors = (0..<6).map { _ in stream.normalVector(count: rows, as: Float.self) }
    let y = stream.normalVector(count: rows, as: Float.self)
    let results = [nil, WorkerPool(threadCount: 1), WorkerPool(threadCount: 3)].map { pool in
      var matrix = ColumnMatrix(rows: rows, columns: vectors)
      matrix.pool = pool
      var rest = y
      let removed = matrix.orthogonalize(&rest)
      return (removed, matrix.project(y), rest)
    }
    #expect(results.allSatisfy { $0 == results[0] })
    // Sums of products of normal numbers, in Double.
    for (sum, vector) in zip(results[0].1, vectors) { #expect(abs(sum - vector.dot(y)) < 1e-8) }
  }

  @Test(arguments: heights) func columnsAreReplacedByCombinations(rows: Int) {
    let vectors = sample(rows: rows, columns: 9, as: Float.self)
    let original = ColumnMatrix(rows: rows, columns: vectors)
    var matrix = original
    let combinations: [[Double]] = (0..<5).map { k in
      (0..<9).map { i in
        let digit = (i * k) % 3
        return Double(digit - 1)
      }
    }
    matrix.replaceColumns(byCombinations: combinations)
    #expect(matrix.columns == 5)
    for k in 0..<5 { #expect(matrix.column(k) == original.combine(combinations[k])) }
    #expect((0..<9).map { original.column($0) } == vectors, "a copy must not change")
  }

  @Test func copiesShareUntilWritten() {
    let zeros = Vector<Float>(zeros: 5)
    let ones = Vector<Float>(repeating: 1, count: 5)
    let original = ColumnMatrix(rows: 5, columns: [zeros, zeros])
    var copy = original
    copy.setColumn(1, to: ones)
    copy.append(ones)
    #expect(original.columns == 2 && original.column(1) == zeros)
    #expect(copy.columns == 3 && copy.column(1) == ones && copy.column(2) == ones)
  }

  @Test func droppedColumnsGiveTheirMemoryBack() {
    var matrix = ColumnMatrix(
      rows: 100, columns: (0..<20).map { Vector<Float>(repeating: Float($0), count: 100) })
    let full = matrix.byteCount
    matrix.removeLast(keeping: 8)
    #expect(matrix.columns == 8 && matrix.byteCount == full / 3)
    matrix.append(Vector(repeating: -1, count: 100))
    #expect(matrix.column(8)[99] == -1 && matrix.column(7)[0] == 7)
  }

  /// After orthogonalisation what is left is orthogonal to working precision, even of a vector
  /// that lies in the span up to rounding; one pass would leave an error of order 1 there.
  @Test func orthogonalisationReachesWorkingPrecision() {
    func check<Scalar: BLASScalar>(_ type: Scalar.Type, rows: Int, unit: Double) {
      var stream = RandomStream(seed: 1, label: "orthogonalise")
      var matrix = ColumnMatrix<Scalar>(rows: rows)
      for _ in 0..<10 {
        var y = stream.normalVector(count: rows, as: type)
        let old = y
        let coefficients = matrix.orthogonalize(&y)
        var restored = y
        restored.add(matrix.combine(coefficients))
        restored.add(old, scaledBy: -1)
        #expect(restored.norm <= 8 * unit * old.norm)
        y.scale(by: Scalar(1 / y.norm))
        matrix.append(y)
      }
      var nearly = matrix.combine([Double](repeating: 1, count: 10))
      nearly.add(stream.normalVector(count: rows, as: type), scaledBy: Scalar(1e3 * unit))
      _ = matrix.orthogonalize(&nearly)
      let worst = matrix.project(nearly).map { abs($0) }.max() ?? .infinity
      #expect(worst <= 8 * unit * nearly.norm)
    }
    check(Float.self, rows: 1500, unit: 0x1p-24)
    check(Double.self, rows: 1500, unit: 0x1p-53)
  }
}
