public import Krylov

/// What `computeSpectrum` is to find and how hard it is to try.
public struct SpectrumSettings: Sendable, Hashable, Codable {
  /// Lanczos steps of each run.
  public var steps: Int
  /// Runs from random sign vectors, for the density; 0 for eigenvalues alone, which may stop early.
  public var probes: Int
  /// Number of largest eigenvalues.
  public var top: Int
  /// Number of smallest eigenvalues.
  public var bottom: Int
  /// Largest residual of a converged pair, relative to its eigenvalue.
  public var tolerance: Double
  /// Basis vectors to hold at most; nil for as many as there are steps.
  public var maximumBasisSize: Int?
  /// Products for the part of the trace outside the Lanczos basis; 0 for no trace.
  public var traceSamples: Int
  /// Points of the density curve.
  public var points: Int
  /// Width of the Gaussians of the density.
  public var broadening: SpectralDensity.Broadening
  /// Seed of all random vectors.
  public var seed: UInt64

  /// Creates settings.
  public init(
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
  public var products: Int {
    steps + max(probes - 1, 0) * min(steps, maximumBasisSize ?? steps) + traceSamples
  }
}

/// Where a computation stands.
public struct SpectrumProgress: Sendable {
  /// Products so far.
  public let products: Int
  /// Products at most.
  public let maximumProducts: Int
  /// Largest Ritz value so far, with its residual bound; nil before the first step.
  public let largest: RitzValue?
}
