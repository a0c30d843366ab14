package import Communication
internal import Foundation
public import Krylov
public import LinearAlgebra

/// A spectrum with what is too large for its summary.
public struct Spectrum<Scalar: BLASScalar>: Sendable {
  /// The numbers.
  public let result: SpectrumResult
  /// Nodes and weights of every probe; nil without probes.
  public let density: SpectralDensity?
  /// Points of the density curve, ascending; empty without probes.
  public let grid: [Double]
  /// Density and its standard error at the points.
  public let curve: [SpectralDensity.Estimate]
  /// Unit eigenvectors of the largest eigenvalues, then of the smallest; empty unless asked for.
  public let eigenvectors: [Vector<Scalar>]

  /// Joins the parts.
  package init(
    result: SpectrumResult, density: SpectralDensity?, grid: [Double],
    curve: [SpectralDensity.Estimate], eigenvectors: [Vector<Scalar>]
  ) {
    self.result = result
    self.density = density
    self.grid = grid
    self.curve = curve
    self.eigenvectors = eigenvectors
  }
}

/// Eigenvalues at both ends, trace and density of an operator.
///
/// One Lanczos run from a random sign vector gives the eigenvalues, the first probe of the
/// density and a basis that carries most of the trace; further probes are those of
/// `spectralDensity`, which would give the first one just so.
///
/// - Parameters:
///   - symmetricOperator: The operator.
///   - settings: What is wanted.
///   - blockSize: Vectors that are given to the operator at once where possible.
///   - keepsEigenvectors: Whether the eigenvectors are wanted too.
///   - progress: Called after each product; may throw to interrupt.
///   - arithmeticError: Error of the products, as a distance of eigenvalues, at a unit vector; called
///     once, after all products, with the Ritz vector of the value of largest magnitude. Without it products count as
///     exact up to the rounding of their result.
/// - Returns: The results; eigenvalues that have not converged are marked, not left out.
/// - Throws: `KrylovError`, and what the operator, `arithmeticError` or `progress` throws.
/// - Complexity: `settings.products` products; O(d steps) memory.
public func computeSpectrum<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, settings: SpectrumSettings, blockSize: Int = 1,
  keepsEigenvectors: Bool = false,
  progress: (SpectrumProgress) throws -> Void = { _ in },
  arithmeticError: (Vector<Operator.Scalar>) throws -> Double = { _ in 0 }
) throws -> Spectrum<Operator.Scalar> {
  try computeSpectrum(
    of: symmetricOperator, settings: settings, blockSize: blockSize, ranks: Alone(),
    keepsEigenvectors: keepsEigenvectors, progress: progress, arithmeticError: arithmeticError)
}

/// The same by ranks that ask for the same products, and hold some rows of the bases.
package func computeSpectrum<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, settings: SpectrumSettings, blockSize: Int,
  ranks: any Communicator, keepsEigenvectors: Bool,
  progress: (SpectrumProgress) throws -> Void,
  arithmeticError: (Vector<Operator.Scalar>) throws -> Double
) throws -> Spectrum<Operator.Scalar> {
  typealias Scalar = Operator.Scalar
  let dimension = symmetricOperator.dimension
  let top = min(settings.top, dimension)
  let bottom = min(settings.bottom, dimension)
  var largest: RitzValue?
  func report(_ products: Int) throws {
    try progress(
      SpectrumProgress(
        products: products, maximumProducts: settings.products, largest: largest))
  }

  var stream = RandomStream(seed: settings.seed, label: "density.probe", index: 0)
  var iteration = try LanczosIteration<Scalar>(
    start: stream.signVector(count: dimension),
    stream: RandomStream(seed: settings.seed, label: "lanczos.continuation", index: 0),
    ranks: ranks)
  let limits = try LanczosSettings(
    largest: top, smallest: bottom, maximumSteps: settings.steps,
    maximumBasisSize: settings.maximumBasisSize, tolerance: settings.tolerance,
    stopsEarly: settings.probes == 0)
  // After a restart the basis does not start with the probe any more.
  var quadrature: SpectralDensity.Quadrature?
  let first = try extremalEigenpairs(
    of: symmetricOperator, continuing: &iteration, settings: limits
  ) { step, iteration in
    largest = step.largest
    if iteration.restarts == 0 && iteration.factorization.count == limits.maximumBasisSize {
      quadrature = try iteration.factorization.quadrature()
    }
    try report(step.step)
  }
  var eigenvectors: [Vector<Scalar>] = []
  if keepsEigenvectors {
    eigenvectors =
      try iteration.largestRitzVectors(top) + iteration.smallestRitzVectors(bottom)
  }
  var products = first.applications
  var trace: TraceEstimate?
  if settings.traceSamples > 0 {
    trace = try lanczosTrace(
      of: symmetricOperator, outside: iteration.factorization, samples: settings.traceSamples,
      seed: settings.seed, blockSize: blockSize
    ) { try report(products + $0) }
    products += trace?.applications ?? 0
  }
  var density: SpectralDensity?
  if settings.probes > 0 {
    let before = products
    density = try withoutActuallyEscaping(report) { report in
      try spectralDensity(
        of: ObservedOperator(symmetricOperator) { try report(before + $0) },
        probes: settings.probes, steps: min(settings.steps, limits.maximumBasisSize),
        seed: settings.seed,
        continuing: SpectralDensity(
          dimension: dimension,
          quadratures: [try quadrature ?? iteration.factorization.quadrature()],
          applications: first.applications),
        ranks: ranks)
    }
  }
  // Last, since it may take the memory that products needed.
  let arithmetic = try iteration.extremeRitzVector().map(arithmeticError) ?? 0
  let curve = density.map { DensityCurve($0, settings: settings) }
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

extension LanczosIteration {
  /// The unit Ritz vector of the value of largest magnitude; nil before the first step.
  package func extremeRitzVector() throws -> Vector<Scalar>? {
    try factorization.ritzPairs().max { abs($0.value) < abs($1.value) }
      .map(factorization.ritzVector)
  }
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
