internal import HessianSpectra
internal import Krylov
internal import Settings

/// Which part of a spectrum is wanted, and how hard to try.
public struct SpectrumConfiguration: Codable, Equatable, Sendable {
  /// Lanczos steps; each takes one product with the matrix.
  public var steps = 100
  /// Random starts of the density, each with as many steps; 0 for no density.
  public var probes = 1
  /// Number of largest eigenvalues; nil for 10, or as many as there are steps.
  public var top: Int?
  /// Number of smallest eigenvalues; nil for 2, or as many as there are steps.
  public var bottom: Int?
  /// Largest residual of a converged eigenvalue, relative to it.
  public var tolerance = 1e-4
  /// Products for the part of the trace outside the Lanczos basis; 0 for no trace.
  public var traceSamples = 10
  /// Standard deviation of the density's Gaussians; nil for range / steps / 1.48.
  public var width: Double?
  /// Disjoint parts of the samples over which eigenvalues and trace are computed once more, for their
  /// spread; 0 for none.
  public var subsets = 0
  /// Whether eigenvectors are wanted; in the folder of a run they are `eigenvectors.npz`.
  public var keepsEigenvectors = false

  /// Creates the configuration with 100 steps, one probe and a trace.
  public init() {}

  /// Number of largest eigenvalues: a Lanczos run of m steps has m Ritz values.
  public var largest: Int { top ?? min(10, steps) }
  /// Number of smallest eigenvalues.
  public var smallest: Int { bottom ?? min(2, steps) }

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    guard (1...100_000).contains(steps) else {
      throw AnalysisError("\(.steps) \(steps) is outside 1 ... 100000")
    }
    guard (0...10_000).contains(probes) else {
      throw AnalysisError("\(.probes) \(probes) is outside 0 ... 10000")
    }
    guard largest >= 1, smallest >= 0, largest <= steps, smallest <= steps else {
      throw AnalysisError(
        "\(.top) \(largest) and \(.bottom) \(smallest) must lie between 1 (0) and \(.steps) \(steps)"
      )
    }
    guard tolerance > 0, tolerance < 1 else {
      throw AnalysisError("\(.tolerance) \(tolerance) is outside 0 ... 1")
    }
    guard traceSamples == 0 || (2...100_000).contains(traceSamples) else {
      throw AnalysisError("\(.traceSamples) \(traceSamples) is neither 0 nor in 2 ... 100000")
    }
    if let width, !(width > 0 && width.isFinite) {
      throw AnalysisError("\(.width) \(width) is not positive")
    }
    guard subsets == 0 || (2...1000).contains(subsets) else {
      throw AnalysisError("\(.subsets) \(subsets) is neither 0 nor in 2 ... 1000")
    }
  }

  /// The settings of the method in a run.
  func settings(of run: CurvatureRun) throws(AnalysisError) -> SpectrumSettings {
    SpectrumSettings(
      steps: steps, probes: probes, top: largest, bottom: smallest, tolerance: tolerance,
      maximumBasisSize: try run.basisSize(steps: steps, wanted: largest + smallest),
      traceSamples: traceSamples, broadening: width.map { .standardDeviation($0) } ?? .resolution,
      seed: run.configuration.seed)
  }
}
