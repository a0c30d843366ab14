import Krylov
import LinearAlgebra
import Testing

@Suite struct OperatorChecksTests {
  private struct Drifting: SymmetricOperator {
    let dimension = 4
    let calls = CallCounter()
    func apply(to x: Vector<Float>, into y: inout Vector<Float>) {
      y = x
      y[2] += Float(calls.next())
    }
  }

  private struct Shear: SymmetricOperator {
    let dimension = 4
    func apply(to x: Vector<Double>, into y: inout Vector<Double>) {
      y = x
      y[0] += x[3]
    }
  }

  @Test func aProductThatChangesIsNamed() throws {
    try verifyDeterminism(of: KnownMatrix<Float>(spectrum: [1, 2, 3]))
    let error = #expect(throws: KrylovError.self) { try verifyDeterminism(of: Drifting()) }
    guard case .notDeterministic(let index, _, _) = error else {
      Issue.record("wrong error \(String(describing: error))")
      return
    }
    #expect(index == 2)
  }

  @Test func asymmetryIsMeasured() throws {
    let symmetric = KnownMatrix<Double>(spectrum: (0..<30).map { Double($0) })
    #expect(try symmetryDefect(of: symmetric, pairs: 3) < 1e-15)
    #expect(try symmetryDefect(of: Shear(), pairs: 3) > 1e-3)
  }
}
