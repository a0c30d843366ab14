package import Krylov

/// Ratio of the largest eigenvalue to the fifth, a measure of how sharply curvature is
/// concentrated.
package struct EigenvalueRatio: Sendable, Hashable, Codable {
  /// lambda1 / lambda5.
  package let value: Double
  /// Largest distance of the ratio from `value` while both eigenvalues stay within their bounds.
  package let bound: Double
  /// Whether both eigenvalues have converged.
  package let isConverged: Bool

  /// The ratio of the first to the fifth of eigenvalues in descending order.
  ///
  /// nil with fewer than five values, or when zero is within the bound of the fifth.
  ///
  /// - Parameters:
  ///   - largest: Eigenvalues in descending order.
  ///   - floor: Error of the operator, below which no residual bound is to be believed.
  package init?(largest: [RitzValue], floor: Double) {
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
package struct DensitySummary: Sendable, Hashable, Codable {
  /// Random sign vectors.
  package let probes: Int
  /// Lanczos steps of each.
  package let steps: Int
  /// Standard deviation of the Gaussian that each node is drawn as.
  package let gaussianWidth: Double
  /// Number of points of the curve.
  package let points: Int
  /// Integral of the curve by the trapezoidal rule; 1 up to the tails.
  package let integral: Double
  /// Mean eigenvalue, and its standard error over the probes.
  package let mean: SpectralDensity.Estimate
  /// Mean of the curve by the trapezoidal rule; the width does not move it.
  package let curveMean: Double
  /// Trace over dimension from products that the density does not know.
  package let traceOverDimension: Double
  /// Standard error of the difference of the two means.
  ///
  /// For one probe from the bound `2 ||A||_F^2` of the variance of one Hutchinson sample.
  package let meanDifferenceError: Double
  /// Whether the means agree within 3 standard errors.
  package let momentsAgree: Bool
  /// Mean squared eigenvalue, `||A||_F^2 / d`.
  package let secondMoment: SpectralDensity.Estimate
  /// `sum |lambda| over lambda < 0` as a share of `sum |lambda|`.
  package let negativeMass: SpectralDensity.Estimate
  /// Share of the eigenvalues below `negativeThreshold`.
  package let negativeShare: SpectralDensity.Estimate
  /// A few times the error of the products below 0: nodes at 0 scatter by that much.
  package let negativeThreshold: Double
}

/// Eigenvalues, trace and density of a curvature matrix.
package struct SpectrumResult: Sendable, Hashable, Codable {
  /// Number of rows of the matrix.
  package let dimension: Int
  /// The largest eigenvalues, in descending order.
  package let largest: [RitzValue]
  /// The smallest eigenvalues, in ascending order.
  package let smallest: [RitzValue]
  /// All Ritz values of the first run, in ascending order; those inside seldom converge.
  package let ritzValues: [RitzValue]
  /// lambda1 / lambda5, where it means something.
  package let ratio: EigenvalueRatio?
  /// Why the eigenvalue search ended.
  package let stopReason: String
  /// Trace; nil when it was not asked for.
  package let trace: TraceEstimate?
  /// Density; nil without probes.
  package let density: DensitySummary?
  /// Products of the eigenvalue search alone.
  package let eigenvalueProducts: Int
  /// Thick restarts of the eigenvalue search.
  package let restarts: Int
  /// `eps ||A||`: no bound below it is to be believed.
  package let roundingFloor: Double
  /// Measured asymmetry of the products; no bound below it is to be believed.
  package let operatorDefect: Double
  /// Error of the products in single precision as a distance of eigenvalues, measured in this run:
  /// three times the distance between two evaluations of the product with the vector of the eigenvalue
  /// of largest magnitude, see `arithmeticError`.
  package let arithmeticFloor: Double
  /// What a reader must know before using the numbers, in plain words.
  package let warnings: [String]

  /// Distance below which no residual bound is to be believed.
  package var errorFloor: Double { max(roundingFloor, operatorDefect, arithmeticFloor) }
}
