import Foundation
import Krylov
import LinearAlgebra
import Testing

/// Dense matrix with a spectrum that is known by construction.
struct KnownMatrix<Scalar: BLASScalar>: SymmetricOperator {
  /// Eigenvalues in ascending order.
  let spectrum: [Double]
  private let dense: DenseSymmetricOperator<Scalar>

  /// `Q diag(spectrum) Q` with Q = I - 2 u u^T, u a random unit vector: orthogonal and full.
  init(spectrum: [Double], seed: UInt64 = 1) {
    self.spectrum = spectrum.sorted()
    let n = spectrum.count
    var stream = RandomStream(seed: seed, label: "known matrix")
    let normal = stream.normalVector(count: n, as: Double.self)
    let u = normal.scaled(by: 1 / normal.norm).array
    // A = D - 2 u (D u)^T - 2 (D u) u^T + 4 (u^T D u) u u^T
    let du = zip(spectrum, u).map { $0 * $1 }
    let inner = zip(u, du).reduce(0) { $0 + $1.0 * $1.1 }
    dense = DenseSymmetricOperator(
      columns: (0..<n).map { j in
        var column = [Scalar](repeating: 0, count: n)
        for i in 0..<n {
          // Written so that (i, j) and (j, i) round alike.
          let cross = u[i] * du[j] + u[j] * du[i]
          let full = 4 * inner * (u[i] * u[j]) - 2 * cross
          column[i] = Scalar(i == j ? full + spectrum[i] : full)
        }
        return Vector(column)
      })
  }

  var dimension: Int { spectrum.count }
  var trace: Double { spectrum.reduce(0, +) }
  var norm: Double { spectrum.map { abs($0) }.max() ?? 0 }

  func apply(to x: Vector<Scalar>, into y: inout Vector<Scalar>) {
    dense.apply(to: x, into: &y)
  }
}

/// A named spectrum for tables of cases.
struct SpectrumCase: Sendable, CustomTestStringConvertible {
  let name: String
  let values: [Double]
  var testDescription: String { name }

  static let all: [SpectrumCase] = [
    SpectrumCase(name: "identity", values: [Double](repeating: 1, count: 30)),
    SpectrumCase(name: "zero", values: [Double](repeating: 0, count: 20)),
    SpectrumCase(name: "rank one", values: [Double](repeating: 0, count: 24) + [3]),
    SpectrumCase(name: "repeated", values: [5, 5, 5, -2, -2] + (0..<15).map { Double($0 % 3) }),
    SpectrumCase(name: "indefinite", values: (0..<60).map { Double($0) - 20.5 }),
    SpectrumCase(name: "graded", values: (0..<33).map { exp10(Double($0) / 2 - 8) }),
    SpectrumCase(name: "negative definite", values: (1...25).map { -1 / Double($0) }),
    SpectrumCase(name: "one", values: [-4]),
    SpectrumCase(name: "two", values: [1, -3]),
  ]

  private static func exp10(_ x: Double) -> Double { pow(10, x) }
}
