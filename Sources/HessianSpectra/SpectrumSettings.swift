package import Krylov

/// What `computeSpectrum` is to find and how hard it is to try.
package struct SpectrumSettings: Sendable, Hashable, Codable {
  /// Lanczos steps of each run.
  package var steps: Int
  /// Runs from random sign vectors, for the density; 0 for eigenvalues alone, which may stop early.
  package var probes: Int
  /// Number of largest eigenvalues.
  package var top: Int
  /// Number of smallest eigenvalues.
  package var bottom: Int
  /// Largest residual of a converged pair, relative to its eigenvalue.
  package var tolerance: Double
  /// Basis vectors to hold at most; nil for as many as there are steps.
  package var maximumBasisSize: Int?
  /// Products for the part of the trace outside the Lanczos basis; 0 for no trace.
  package var traceSamples: Int
  /// Points of the density curve.
  package var points: Int
  /// Width of the Gaussians of the density.
  package var broadening: SpectralDensity.Broadening
  /// Seed of all random vectors.
  package var seed: UInt64

  /// Creates settings.
  package init(
    steps: Int = 100, probes: Int = 1, top: Int = 10, bottom: Int = 2, tolerance: Double = 1e-4,
    maximumBasisSize: Int? = nil, traceSamples: Int = 10, points: Int = 2001,
    broadening: SpectralDensity.Broadening = .resolution, seed: UInt64 = 0
  ) {
    self.steps = steps
    self.probes = probes
    self.top = top
    self.bottom = bottom
    self.tolerance = tolerance
    self.maximumBasisSize = maximumBasisSize
    self.traceSamples = traceSamples
    self.points = points
    self.broadening = broadening
    self.seed = seed
  }

  /// Products that are planned, at most.
  package var products: Int {
    steps + max(probes - 1, 0) * min(steps, maximumBasisSize ?? steps) + traceSamples
  }
}

/// Where a computation stands.
package struct SpectrumProgress: Sendable {
  /// Products so far.
  package let products: Int
  /// Products at most.
  package let maximumProducts: Int
  /// Largest Ritz value so far, with its residual bound; nil before the first step.
  package let largest: RitzValue?
}
