import Foundation
import Krylov
import LinearAlgebra
import Testing

@Suite struct SpectralDensityTests {
  private let indefinite = (0..<60).map { Double($0) - 20.5 }

  /// A Gauss rule of m nodes integrates polynomials up to degree 2 m - 1 exactly.
  @Test func theQuadratureHasTheMomentsOfItsProbe() throws {
    let matrix = KnownMatrix<Double>(spectrum: indefinite.map { $0 / 40 })
    let density = try spectralDensity(of: matrix, probes: 3, steps: 4, seed: 6)
    for (index, probe) in density.probes.enumerated() {
      #expect(probe.nodes.count == 4 && abs(probe.weights.reduce(0, +) - 1) < 1e-14)
      var stream = RandomStream(seed: 6, label: "density.probe", index: index)
      let signs = stream.signVector(count: 60, as: Double.self)
      var power = signs
      for degree in 1...7 {
        power = try matrix.product(with: power)
        let exact = signs.dot(power) / 60
        #expect(abs(probe.integral { pow($0, Double(degree)) } - exact) < 1e-13)
      }
    }
    #expect(density.applications == 12)
  }

  @Test(arguments: SpectrumCase.all) func momentsAreWithinTheirStandardErrors(
    spectrum: SpectrumCase
  ) throws {
    let matrix = KnownMatrix<Double>(spectrum: spectrum.values)
    let n = Double(matrix.dimension)
    let density = try spectralDensity(of: matrix, probes: 30, steps: 20, seed: 7)
    let mean = density.mean
    let second = density.secondMoment
    let rounding = 1e-13 * n * matrix.norm
    let exactSecond = matrix.spectrum.reduce(0) { $0 + $1 * $1 } / n
    #expect(
      abs(mean.value - matrix.trace / n) <= 5 * (try #require(mean.standardError)) + rounding)
    #expect(
      abs(second.value - exactSecond)
        <= 5 * (try #require(second.standardError)) + rounding * matrix.norm)
    #expect(abs(density.trace.value - n * mean.value) <= rounding * n)
  }

  @Test func theNegativeShareIsFound() throws {
    let matrix = KnownMatrix<Float>(spectrum: indefinite)
    let density = try spectralDensity(of: matrix, probes: 40, steps: 60, seed: 8)
    let mass = density.negativeMass()
    let error = try #require(mass.standardError)
    #expect(abs(mass.value - 21.0 / 60) <= 5 * error)
    #expect(error > 0 && error < 0.05)
    #expect(density.negativeMass(below: -100).value == 0)
  }

  @Test func theDensityIntegratesToOneAndPeaksAtTheNodes() throws {
    let matrix = KnownMatrix<Double>(spectrum: [Double](repeating: 1, count: 30) + [4, 4, 4, 4])
    let density = try spectralDensity(of: matrix, probes: 5, steps: 10, seed: 9)
    let width = density.width(.standardDeviation(0.1))
    let grid = density.grid(count: 2001, standardDeviation: width)
    let values = density.density(at: grid, standardDeviation: width).map(\.value)
    let step = grid[1] - grid[0]
    // The tails beyond 5 standard deviations hold 6e-7.
    #expect(abs(values.reduce(0, +) * step - 1) < 1e-6)
    let peak = try #require(values.indices.max { values[$0] < values[$1] })
    #expect(abs(grid[peak] - 1) < 0.01)
  }

  @Test func widthsFollowTheBroadening() throws {
    let matrix = KnownMatrix<Double>(spectrum: indefinite)
    let density = try spectralDensity(of: matrix, probes: 1, steps: 11, seed: 1)
    let extent = density.range.upperBound - density.range.lowerBound
    #expect(density.width(.fractionOfRange(0.01)) == 0.01 * extent)
    #expect(abs(density.width(.resolution) - extent / 10 / (2 * log(3.0)).squareRoot()) < 1e-12)
    #expect(density.mean.standardError == nil)
    let zero = KnownMatrix<Double>(spectrum: [0, 0, 0])
    let flat = try spectralDensity(of: zero, probes: 2, steps: 5, seed: 1)
    #expect(flat.width(.resolution) > 0 && flat.applications == 2)
  }

  private struct Interruption: Error {}

  @Test func anInterruptedDensityContinuesWithTheSameBits() throws {
    let matrix = KnownMatrix<Float>(spectrum: indefinite)
    let straight = try spectralDensity(of: matrix, probes: 6, steps: 15, seed: 2)
    var saved = Data()
    #expect(throws: Interruption.self) {
      try spectralDensity(of: matrix, probes: 6, steps: 15, seed: 2, blockSize: 2) { partial in
        saved = try JSONEncoder().encode(partial)
        if partial.probes.count >= 4 { throw Interruption() }
      }
    }
    let partial = try JSONDecoder().decode(SpectralDensity.self, from: saved)
    let continued = try spectralDensity(
      of: matrix, probes: 6, steps: 15, seed: 2, continuing: partial)
    #expect(partial.probes.count == 4 && continued == straight)
  }

  @Test func impossibleRequestsAreErrors() throws {
    let matrix = KnownMatrix<Double>(spectrum: [1, 2])
    #expect(throws: KrylovError.self) {
      try spectralDensity(of: matrix, probes: 0, steps: 1, seed: 1)
    }
    #expect(throws: KrylovError.self) {
      try spectralDensity(of: matrix, probes: 1, steps: 0, seed: 1)
    }
    let other = try spectralDensity(
      of: KnownMatrix<Double>(spectrum: [1, 2, 3]), probes: 1, steps: 1, seed: 1)
    #expect(throws: KrylovError.self) {
      try spectralDensity(of: matrix, probes: 2, steps: 1, seed: 1, continuing: other)
    }
    #expect(throws: KrylovError.nonFiniteProduct(index: 0)) {
      try spectralDensity(
        of: DenseSymmetricOperator<Float>(diagonal: [.nan, 1]), probes: 1, steps: 1, seed: 1)
    }
  }
}
