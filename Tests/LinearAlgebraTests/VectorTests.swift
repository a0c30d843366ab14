import LinearAlgebra
import Testing

/// Lengths around the register widths of the kernels, and none.
private let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 1000]

@Suite struct VectorTests {
  @Test func copiesShareUntilWritten() {
    let original = Vector<Float>([1, 2, 3])
    var copy = original
    copy[1] = 7
    #expect(original.array == [1, 2, 3])
    #expect(copy.array == [1, 7, 3])
    var scaled = copy
    scaled.scale(by: 2)
    #expect(copy.array == [1, 7, 3])
    #expect(scaled.array == [2, 14, 6])
  }

  @Test func aUniqueVectorIsWrittenInPlace() {
    var vector = Vector<Float>(zeros: 100)
    let before = vector.withUnsafeBuffer { $0.baseAddress }
    vector.withUnsafeMutableBuffer { $0[3] = 1 }
    vector.scale(by: 2)
    #expect(vector.withUnsafeBuffer { $0.baseAddress } == before)
  }

  @Test(arguments: lengths) func elementsStartAtACacheLine(count: Int) {
    let vector = Vector<Double>(zeros: count)
    let address = vector.withUnsafeBuffer { UInt(bitPattern: $0.baseAddress) }
    #expect(address % 64 == 0)
    #expect(vector.count == count)
  }

  @Test(arguments: lengths) func arithmeticEqualsScalarLoops(count: Int) {
    func check<Scalar: BLASScalar>(_ type: Scalar.Type) {
      let x = (0..<count).map { Scalar($0 % 13) - 6 }
      let y = (0..<count).map { Scalar($0 % 7) / 4 }
      // Small multiples of a quarter: every operation below is exact.
      var v = Vector(x)
      v.add(Vector(y), scaledBy: 2)
      #expect(v.array == zip(x, y).map { $0 + 2 * $1 })
      v = Vector(x)
      v.multiplyElements(by: Vector(y))
      #expect(v.array == zip(x, y).map { $0 * $1 })
      v.scale(by: -0.5)
      #expect(v.array == zip(x, y).map { $0 * $1 * -0.5 })
      #expect(Vector(x).map { $0 + 1 }.array == x.map { $0 + 1 })
      #expect(Vector(y).sum == y.reduce(0) { $0 + Double($1) })
      #expect(Vector(x).dot(Vector(y)) == zip(x, y).reduce(0) { $0 + Double($1.0 * $1.1) })
      #expect(Vector(x)[0..<(count / 2)].array == Array(x.prefix(count / 2)))
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func sumsAndDotsOfFloatsAccumulateInDouble() {
    // In Float, 2^24 + 1 = 2^24: a sum kept in Float would stop growing.
    let count = 1 << 10
    var elements = [Float](repeating: 1, count: count)
    elements[0] = 0x1p24
    let vector = Vector(elements)
    #expect(vector.sum == 0x1p24 + Double(count - 1))
    #expect(vector.dot(Vector(repeating: 1, count: count)) == 0x1p24 + Double(count - 1))
    // 1e30 squared overflows Float, not Double.
    #expect(Vector<Float>([1e30]).norm.isFinite)
  }

  @Test(arguments: lengths) func theFirstNonFiniteElementIsFound(count: Int) {
    let finite = Vector<Float>(repeating: .greatestFiniteMagnitude, count: count)
    #expect(finite.firstNonFiniteIndex == nil)
    for bad in [Float.nan, .infinity, -.infinity] {
      for position in 0..<min(count, 40) {
        var vector = Vector<Float>(repeating: 1, count: count)
        vector[position] = bad
        if count > 0 { vector[count - 1] = bad }
        #expect(vector.firstNonFiniteIndex == position)
      }
    }
  }

  @Test func aNonFiniteElementIsFoundInAnyBlock() {
    let count = 3 * 4096 + 5
    for position in [0, 4095, 4096, 4097, 8191, 8192, 12_287, 12_288, count - 1] {
      var vector = Vector<Double>(repeating: -1, count: count)
      vector[position] = .infinity
      #expect(vector.firstNonFiniteIndex == position)
    }
  }

  @Test func equalityIsThatOfFloatingPointNumbers() {
    #expect(Vector<Float>([0, 1]) == Vector<Float>([-0.0, 1]))
    #expect(Vector<Float>([.nan]) != Vector<Float>([.nan]))
    #expect(Vector<Float>([1]) != Vector<Float>([1, 1]))
  }
}
