import Krylov
import LinearAlgebra
import TestSupport
import Testing

/// Unit roundoff times a small constant for sums of a few terms.
private func rounding<Scalar: BLASScalar>(_ type: Scalar.Type) -> Double {
  8 * Double(Scalar.ulpOfOne)
}

@Suite struct OperatorTests {
  private func laws<Scalar: BLASScalar>(_ type: Scalar.Type) throws -> [String] {
    let base = KnownMatrix<Scalar>(spectrum: (0..<17).map { Double($0) - 5 })
    let other = KnownMatrix<Scalar>(spectrum: (0..<17).map { Double($0 * $0) }, seed: 2)
    let mask = Vector<Scalar>((0..<17).map { $0 % 3 == 0 ? 0 : 1 })
    var stream = RandomStream(seed: 3, label: "known")
    let vector = stream.normalVector(count: 17, as: type)
    let known = vector.scaled(by: 1 / vector.norm)
    let tolerance = rounding(type)
    // Cancellation in a projected or shifted product is relative to the product before it.
    return try checkSymmetricOperator(base, tolerance: tolerance)
      + checkSymmetricOperator(ScaledOperator(base, by: -2.5), tolerance: tolerance)
      + checkSymmetricOperator(ShiftedOperator(base, by: 0.75), tolerance: tolerance)
      + checkSymmetricOperator(SumOperator(base, other), tolerance: tolerance)
      + checkSymmetricOperator(DeflatedOperator(base, removing: [known]), tolerance: 4 * tolerance)
      + checkSymmetricOperator(MaskedOperator(base, mask: mask), tolerance: tolerance)
      + checkSymmetricOperator(PrincipalBlockOperator(base, range: 3..<9), tolerance: tolerance)
      + checkSymmetricOperator(CountingOperator(base), tolerance: tolerance)
  }

  @Test func everyOperatorKeepsTheContract() throws {
    #expect(try laws(Float.self) == [])
    #expect(try laws(Double.self) == [])
  }

  @Test func operatorsEqualTheirDenseMatrices() throws {
    let a = DenseSymmetricOperator<Double>(diagonal: [1, 2, 3])
    let b = DenseSymmetricOperator<Double>(
      columns: [Vector([0, 1, 0]), Vector([1, 0, 2]), Vector([0, 2, 0])])
    let x = Vector<Double>([1, 10, 100])
    #expect(try ScaledOperator(a, by: 2).product(with: x).array == [2, 40, 600])
    #expect(try ShiftedOperator(a, by: 1).product(with: x).array == [2, 30, 400])
    #expect(try SumOperator(a, b).product(with: x).array == [11, 221, 320])
    #expect(try MaskedOperator(b, mask: Vector([1, 1, 0])).product(with: x).array == [10, 1, 0])
    #expect(
      try PrincipalBlockOperator(b, range: 1..<3).product(with: Vector([1, 10])).array == [20, 2])
    #expect(
      try DeflatedOperator(a, removing: [Vector([0, 1, 0])]).product(with: x).array
        == [1, 0, 300])
  }

  @Test func productsAreCounted() throws {
    let counter = CountingOperator(DenseSymmetricOperator<Float>(diagonal: [1, 2]))
    let x = Vector<Float>([1, 1])
    _ = try counter.product(with: x)
    _ = try counter.products(with: [x, x, x])
    #expect(counter.applications == 4)
  }

  /// Broken operators: the law checker must name the law that each one breaks.
  @Test func theLawCheckerFindsBrokenOperators() throws {
    struct Broken: SymmetricOperator {
      let dimension = 5
      let rule: @Sendable (Vector<Double>, Vector<Double>) -> [Double]
      func apply(to x: Vector<Double>, into y: inout Vector<Double>) { y = Vector(rule(x, y)) }
    }
    func laws(_ rule: @escaping @Sendable (Vector<Double>, Vector<Double>) -> [Double]) throws
      -> String
    {
      try checkSymmetricOperator(Broken(rule: rule), tolerance: 1e-14).joined()
    }
    #expect(try laws { x, _ in x.array }.isEmpty)
    #expect(try laws { x, _ in [x[1]] + x.array.dropFirst() }.contains("symmetric"))
    #expect(try laws { x, _ in x.array.map { $0 * $0 } }.contains("linear"))
    #expect(try laws { x, _ in x.array.map { $0 + 1 } }.contains("zero to zero"))
    #expect(try laws { x, y in zip(x.array, y.array).map { $0 + $1 } }.contains("overwrites"))
    let calls = CallCounter()
    #expect(
      try laws { x, _ in x.array.map { $0 * (1 + 1e-3 * Double(calls.next())) } }
        .contains("deterministic"))
  }

  @Test func aNonFiniteProductIsAnErrorOfOneLine() {
    let bad = DenseSymmetricOperator<Float>(diagonal: [1, .infinity])
    let error = #expect(throws: KrylovError.self) {
      try bad.product(with: Vector<Float>([1, 1]))
    }
    #expect(error?.description.contains("\n") == false)
  }
}
