import Krylov
import LinearAlgebra
import TestSupport
import Testing

@Suite struct LanczosFactorizationTests {
  /// `V^T V = I` and `A V = V T + d c^T`, checked in Double from the vectors themselves.
  private func checkIdentities<Scalar>(
    _ factorization: LanczosFactorization<Scalar>, of matrix: KnownMatrix<Scalar>,
    restarts: Int = 0, _ comment: Comment
  ) throws {
    let unit = Double(Scalar.ulpOfOne)
    let m = factorization.count
    let basis = try (0..<m).map { try factorization.basis.vector($0) }
    for i in 0..<m {
      for j in 0...i {
        let error = abs(basis[i].dot(basis[j]) - (i == j ? 1 : 0))
        // A restart multiplies V by eigenvectors that are orthogonal to a few units themselves.
        #expect(error <= Double(8 * (1 + restarts)) * unit, "V^T V at \(i), \(j): \(comment)")
      }
    }
    for j in 0..<m {
      var combination = Vector<Double>(zeros: matrix.dimension)
      func accumulate(_ v: Vector<Scalar>, _ factor: Double) {
        combination.add(Vector(v.array.map { Double($0) }), scaledBy: factor)
      }
      for i in 0..<m { accumulate(basis[i], factorization.projected[i, j]) }
      if let d = factorization.direction { accumulate(d, factorization.couplings[j]) }
      let product = try matrix.product(with: basis[j])
      combination.add(Vector(product.array.map { Double($0) }), scaledBy: -1)
      // Rounding of the product, and of T's entries, each eps ||A||; a breakdown drops 64 more.
      #expect(
        combination.norm <= Double(80 * (1 + restarts)) * unit * matrix.norm,
        "A V = V T + d c^T at \(j): \(comment)")
    }
  }

  private func run<Scalar: BLASScalar>(_ spectrum: SpectrumCase, as type: Scalar.Type) throws {
    let matrix = KnownMatrix<Scalar>(spectrum: spectrum.values)
    var stream = RandomStream(seed: 5, label: "factorization")
    var factorization = try LanczosFactorization(
      start: stream.normalVector(count: matrix.dimension, as: type))
    for _ in 0..<matrix.dimension where !factorization.isInvariant {
      try factorization.expand(with: matrix)
    }
    try checkIdentities(factorization, of: matrix, "\(spectrum.name) \(type)")
  }

  @Test(arguments: SpectrumCase.all) func identitiesHold(spectrum: SpectrumCase) throws {
    try run(spectrum, as: Float.self)
    try run(spectrum, as: Double.self)
  }

  @Test(arguments: SpectrumCase.all) func identitiesHoldAcrossThickRestarts(
    spectrum: SpectrumCase
  ) throws {
    let matrix = KnownMatrix<Double>(spectrum: spectrum.values)
    guard matrix.dimension > 8 else { return }
    var iteration = try LanczosIteration<Double>(dimension: matrix.dimension, seed: 6)
    for _ in 0..<40 {
      _ = try iteration.advance(with: matrix, maximumBasisSize: 8) { Array($0.suffix(4)) }
      try checkIdentities(
        iteration.factorization, of: matrix, restarts: iteration.restarts,
        "step \(iteration.applications)")
    }
    #expect(iteration.factorization.count <= 8 && iteration.restarts > 3)
  }

  @Test func withoutRestartTheProjectionIsTridiagonal() throws {
    let matrix = KnownMatrix<Double>(spectrum: (0..<40).map { Double($0) })
    var iteration = try LanczosIteration<Double>(dimension: 40, seed: 7)
    for _ in 0..<12 {
      _ = try iteration.advance(with: matrix, maximumBasisSize: 40) { $0 }
    }
    let factorization = iteration.factorization
    #expect(factorization.alphas.count == 12 && factorization.betas.count == 12)
    #expect(factorization.betas.allSatisfy { $0 > 0 })
    #expect(factorization.betas.last == factorization.residualNorm)
    for i in 0..<12 {
      for j in 0..<12 where abs(i - j) > 1 { #expect(factorization.projected[i, j] == 0) }
    }
  }

  @Test func breakdownOfAnInvariantStartIsNotAnError() throws {
    let matrix = DenseSymmetricOperator<Double>(diagonal: [2, 3, 4, 5])
    var factorization = try LanczosFactorization(start: Vector<Double>([0, 1, 1, 0]))
    try factorization.expand(with: matrix)
    #expect(!factorization.isInvariant)
    try factorization.expand(with: matrix)
    #expect(factorization.isInvariant && factorization.count == 2)
    let values = try factorization.ritzPairs().map(\.value)
    #expect(abs(values[0] - 3) < 1e-15 * 8 && abs(values[1] - 4) < 1e-15 * 8)
  }

  @Test(arguments: [0, Double.nan, .infinity]) func aStartWithoutDirectionIsAnError(
    value: Double
  ) {
    #expect(throws: KrylovError.noStartDirection) {
      try LanczosFactorization(start: Vector<Double>([value, 0]))
    }
  }

  @Test func aNonFiniteProductLeavesTheFactorizationAsItWas() throws {
    var factorization = try LanczosFactorization(start: Vector<Float>([1, 1, 0]))
    try factorization.expand(with: DenseSymmetricOperator<Float>(diagonal: [1, 2, 3]))
    let before = factorization.count
    #expect(throws: KrylovError.nonFiniteProduct(index: 0)) {
      try factorization.expand(
        with: DenseSymmetricOperator<Float>(diagonal: [.infinity, 1, 1]))
    }
    #expect(factorization.count == before && factorization.projected.order == before)
  }
}
