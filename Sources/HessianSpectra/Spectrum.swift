internal import Foundation
package import Krylov
package import LinearAlgebra

/// A spectrum with what is too large for its summary.
package struct Spectrum<Scalar: BLASScalar>: Sendable {
  /// The numbers.
  package let result: SpectrumResult
  /// Nodes and weights of every probe; nil without probes.
  package let density: SpectralDensity?
  /// Points of the density curve, ascending; empty without probes.
  package let grid: [Double]
  /// Density and its standard error at the points.
  package let curve: [SpectralDensity.Estimate]
  /// Unit eigenvectors of the largest eigenvalues, then of the smallest; empty unless asked for.
  package let eigenvectors: [Vector<Scalar>]
}

/// Eigenvalues at both ends, trace and density of an operator.
///
/// One Lanczos run from a random sign vector gives the eigenvalues, the first probe of the
/// density and a basis that carries most of the trace; further probes are runs of their own.
///
/// - Parameters:
///   - symmetricOperator: The operator.
///   - settings: What is wanted.
///   - blockSize: Vectors that are given to the operator at once where possible.
///   - keepsEigenvectors: Whether the eigenvectors are wanted too.
///   - progress: Called after each product; may throw to interrupt.
/// - Returns: The results; eigenvalues that have not converged are marked, not left out.
/// - Throws: `KrylovError`, and what the operator or `progress` throws.
/// - Complexity: `settings.products` products; O(d steps) memory.
package func computeSpectrum<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, settings: SpectrumSettings, blockSize: Int = 1,
  keepsEigenvectors: Bool = false,
  progress: (SpectrumProgress) throws -> Void = { _ in }
) throws -> Spectrum<Operator.Scalar> {
  typealias Scalar = Operator.Scalar
  let dimension = symmetricOperator.dimension
  let top = min(settings.top, dimension)
  let bottom = min(settings.bottom, dimension)
  var products = 0
  var largest: RitzValue?
  func report() throws {
    try progress(
      SpectrumProgress(
        products: products, maximumProducts: settings.products, largest: largest))
  }

  /// One run; the quadrature is that of the steps before the first restart.
  func run(
    probe: Int, top: Int, bottom: Int
  ) throws -> (LanczosResult, LanczosIteration<Scalar>, SpectralDensity.Quadrature) {
    var stream = RandomStream(seed: settings.seed, label: "density.probe", index: probe)
    var iteration = try LanczosIteration<Scalar>(
      start: stream.signVector(count: dimension),
      stream: RandomStream(seed: settings.seed, label: "lanczos.continuation", index: probe))
    let limits = try LanczosSettings(
      largest: top, smallest: bottom, maximumSteps: settings.steps,
      maximumBasisSize: settings.maximumBasisSize, tolerance: settings.tolerance,
      stopsEarly: settings.probes == 0)
    var quadrature: SpectralDensity.Quadrature?
    let before = products
    let result = try extremalEigenpairs(
      of: symmetricOperator, continuing: &iteration, settings: limits
    ) { step, iteration in
      products = before + step.step
      if probe == 0 { largest = step.largest }
      if iteration.restarts == 0 && iteration.factorization.count == limits.maximumBasisSize {
        quadrature = try iteration.factorization.quadrature()
      }
      try report()
    }
    return (result, iteration, try quadrature ?? iteration.factorization.quadrature())
  }

  let (first, iteration, quadrature) = try run(probe: 0, top: top, bottom: bottom)
  var eigenvectors: [Vector<Scalar>] = []
  if keepsEigenvectors {
    eigenvectors =
      try iteration.largestRitzVectors(top) + iteration.smallestRitzVectors(bottom)
  }
  var trace: TraceEstimate?
  if settings.traceSamples > 0 {
    let before = products
    trace = try lanczosTrace(
      of: symmetricOperator, outside: iteration.factorization, samples: settings.traceSamples,
      seed: settings.seed, blockSize: blockSize
    ) { samples in
      products = before + samples
      try report()
    }
  }
  var density: SpectralDensity?
  if settings.probes > 0 {
    var quadratures = [quadrature]
    for probe in 1..<max(settings.probes, 1) {
      quadratures.append(try run(probe: probe, top: 1, bottom: 0).2)
    }
    density = SpectralDensity(
      dimension: dimension, quadratures: quadratures,
      applications: settings.probes * settings.steps)
  }
  let curve = density.map { DensityCurve($0, settings: settings) }
  let norm = first.all.map { abs($0.value) }.max() ?? 0
  let arithmetic = settings.arithmeticError * norm
  let floor = max(first.roundingFloor, first.operatorDefect, arithmetic)
  let summary = density.flatMap { density in
    curve.map { $0.summary(of: density, trace: trace, floor: floor) }
  }
  let ratio = EigenvalueRatio(largest: first.largest, floor: floor)
  let result = SpectrumResult(
    dimension: dimension, largest: first.largest, smallest: first.smallest,
    ritzValues: first.all, ratio: ratio, stopReason: text(first.stopReason), trace: trace,
    density: summary, eigenvalueProducts: first.applications, restarts: first.restarts,
    roundingFloor: first.roundingFloor, operatorDefect: first.operatorDefect,
    arithmeticFloor: arithmetic,
    warnings: SpectrumWarnings.texts(for: first, ratio: ratio, density: summary))
  return Spectrum(
    result: result, density: density, grid: curve?.grid ?? [], curve: curve?.values ?? [],
    eigenvectors: eigenvectors)
}

/// The reason in words.
private func text(_ reason: LanczosStopReason) -> String {
  switch reason {
  case .converged: "all wanted eigenvalues have converged"
  case .reachedMaximumSteps: "the limit of steps was reached"
  case .invariantSubspace(let dimension):
    "the basis of \(dimension) vectors spans an invariant space"
  }
}
