public import Krylov

/// Ratio of the largest eigenvalue to the fifth, a measure of how sharply curvature is
/// concentrated.
public struct EigenvalueRatio: Sendable, Hashable, Codable {
  /// lambda1 / lambda5.
  public let value: Double
  /// Largest distance of the ratio from `value` while both eigenvalues stay within their bounds.
  public let bound: Double
  /// Whether both eigenvalues have converged.
  public let isConverged: Bool

  /// The ratio of the first to the fifth of eigenvalues in descending order.
  ///
  /// nil with fewer than five values, or when zero is within the bound of the fifth.
  ///
  /// - Parameters:
  ///   - largest: Eigenvalues in descending order.
  ///   - floor: Error of the operator, below which no residual bound is to be believed.
  public init?(largest: [RitzValue], floor: Double) {
    guard largest.count >= 5 else { return nil }
    let (first, fifth) = (largest[0], largest[4])
    let bounds = [first, fifth].map { max($0.residualBound, floor) }
    guard fifth.value - bounds[1] > 0 else { return nil }
    let ratio = first.value / fifth.value
    let high = (first.value + bounds[0]) / (fifth.value - bounds[1])
    let low = (first.value - bounds[0]) / (fifth.value + bounds[1])
    value = ratio
    bound = max(high - ratio, ratio - low)
    isConverged = first.isConverged && fifth.isConverged
  }
}

/// Spectral density, as it is reported; the curve itself is in the arrays.
public struct DensitySummary: Sendable, Hashable, Codable {
  /// Random sign vectors.
  public let probes: Int
  /// Lanczos steps of each.
  public let steps: Int
  /// Standard deviation of the Gaussian that each node is drawn as.
  public let gaussianWidth: Double
  /// Number of points of the curve.
  public let points: Int
  /// Integral of the curve by the trapezoidal rule; 1 up to the tails.
  public let integral: Double
  /// Mean eigenvalue, and its standard error over the probes.
  public let mean: SpectralDensity.Estimate
  /// Mean of the curve by the trapezoidal rule; the width does not move it.
  public let curveMean: Double
  /// Trace over dimension from products that the density does not know.
  public let traceOverDimension: Double
  /// Standard error of the difference of the two means.
  ///
  /// For one probe from the bound `2 ||A||_F^2` of the variance of one Hutchinson sample.
  public let meanDifferenceError: Double
  /// Whether the means agree within 3 standard errors.
  public let momentsAgree: Bool
  /// Mean squared eigenvalue, `||A||_F^2 / d`.
  public let secondMoment: SpectralDensity.Estimate
  /// `sum |lambda| over lambda < 0` as a share of `sum |lambda|`.
  public let negativeMass: SpectralDensity.Estimate
  /// Share of the eigenvalues below `negativeThreshold`.
  public let negativeShare: SpectralDensity.Estimate
  /// A few times the error of the products below 0: nodes at 0 scatter by that much.
  public let negativeThreshold: Double
}

/// Eigenvalues, trace and density of a curvature matrix.
public struct SpectrumResult: Sendable, Hashable, Codable {
  /// Number of rows of the matrix.
  public let dimension: Int
  /// The largest eigenvalues, in descending order.
  public let largest: [RitzValue]
  /// The smallest eigenvalues, in ascending order.
  public let smallest: [RitzValue]
  /// All Ritz values of the first run, in ascending order; those inside seldom converge.
  public let ritzValues: [RitzValue]
  /// lambda1 / lambda5, where it means something.
  public let ratio: EigenvalueRatio?
  /// Why the eigenvalue search ended.
  public let stopReason: String
  /// Trace; nil when it was not asked for.
  public let trace: TraceEstimate?
  /// Density; nil without probes.
  public let density: DensitySummary?
  /// Products of the eigenvalue search alone.
  public let eigenvalueProducts: Int
  /// Thick restarts of the eigenvalue search.
  public let restarts: Int
  /// `eps ||A||`: no bound below it is to be believed.
  public let roundingFloor: Double
  /// Measured asymmetry of the products; no bound below it is to be believed.
  public let operatorDefect: Double
  /// Error of the products in single precision as a distance of eigenvalues, measured in this run:
  /// three times the distance between two evaluations of the product with the vector of the eigenvalue
  /// of largest magnitude, see `arithmeticError`.
  public let arithmeticFloor: Double
  /// What a reader must know before using the numbers, in plain words.
  public let warnings: [String]

  /// Distance below which no residual bound is to be believed.
  public var errorFloor: Double { max(roundingFloor, operatorDefect, arithmeticFloor) }

  /// How far a value may be from an eigenvalue of the exact matrix: its residual, or `errorFloor` where that
  /// is more.
  public func bound(of value: RitzValue) -> Double { max(value.residualBound, errorFloor) }
}
