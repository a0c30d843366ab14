// Krylov methods without a network: the eigenvalues of a matrix that is known by its products alone.
//
// The matrix is the Laplacian of a path of n points, whose eigenvalues are 2 - 2 cos(k pi / (n + 1)).
import Basin
import Foundation

struct PathLaplacian: SymmetricOperator {
  let dimension: Int

  /// `y <- A x`: each point less half of its neighbours, twice.
  func apply(to x: Vector<Double>, into y: inout Vector<Double>) throws {
    let values = x.array
    let products = values.indices.map { i in
      2 * values[i] - (i > 0 ? values[i - 1] : 0) - (i + 1 < values.count ? values[i + 1] : 0)
    }
    y = Vector(products)
  }
}

let laplacian = PathLaplacian(dimension: 200)
let result = try extremalEigenpairs(
  of: laplacian,
  settings: LanczosSettings(largest: 3, smallest: 3, maximumSteps: 400, tolerance: 1e-8), seed: 1)

func exact(_ k: Int) -> Double { 2 - 2 * cos(Double(k) * .pi / Double(laplacian.dimension + 1)) }
for (index, value) in result.largest.enumerated() {
  let truth = exact(laplacian.dimension - index)
  print(
    "largest \(index + 1): \(value.value), bound \(result.bound(of: value)), error \(abs(value.value - truth))"
  )
}
for (index, value) in result.smallest.enumerated() {
  print(
    "smallest \(index + 1): \(value.value), bound \(result.bound(of: value)), error \(abs(value.value - exact(index + 1)))"
  )
}

let trace = try hutchPlusPlusTrace(of: laplacian, applications: 90, seed: 1)
print(
  "trace: \(trace.value) ± \(trace.standardError ?? 0), truth \(2 * laplacian.dimension)")
