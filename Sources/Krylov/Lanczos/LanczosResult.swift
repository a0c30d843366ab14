/// Eigenvalue with what is known about its error.
package struct RitzValue: Sendable, Hashable, Codable {
  /// The approximate eigenvalue.
  package let value: Double
  /// An eigenvalue of the operator lies within this distance, up to the rounding floor.
  package let residualBound: Double
  /// Whether the bound is within the tolerance.
  package let isConverged: Bool

  /// Joins the parts.
  package init(value: Double, residualBound: Double, isConverged: Bool) {
    self.value = value
    self.residualBound = residualBound
    self.isConverged = isConverged
  }
}

/// Why an eigenvalue search ended.
package enum LanczosStopReason: Sendable, Hashable, Codable {
  /// All wanted pairs are within the tolerance.
  case converged
  /// The limit of products was reached first; look at the flags of the values.
  case reachedMaximumSteps
  /// The basis spans an invariant space that holds the wanted pairs; they are exact up to
  /// rounding.
  case invariantSubspace(dimension: Int)
}

/// Eigenvalues at the ends of a spectrum, with bounds.
package struct LanczosResult: Sendable, Hashable, Codable {
  /// The wanted largest values, in descending order.
  package let largest: [RitzValue]
  /// The wanted smallest values, in ascending order.
  package let smallest: [RitzValue]
  /// All Ritz values at the end, in ascending order; those inside the spectrum seldom converge.
  package let all: [RitzValue]
  /// Why the search ended.
  package let stopReason: LanczosStopReason
  /// Number of products with the operator.
  package let applications: Int
  /// Number of thick restarts.
  package let restarts: Int
  /// Basis vectors at the end.
  package let basisSize: Int
  /// Size of the rounding error of a product, `eps ||A||` of the operator's scalar.
  ///
  /// A bound below it says only that the residual is of this size.
  package let roundingFloor: Double
  /// Measured error of the operator: the largest asymmetry between products, `|V^T A V - T|`.
  ///
  /// Near `roundingFloor` for an exact operator; larger when the products carry errors of their
  /// own (long sums in Float). A bound below it is not to be believed, and a value near the
  /// eigenvalues themselves means that the operator is not symmetric or not deterministic.
  package let operatorDefect: Double

  /// Number of wanted values that converged.
  package var convergedCount: Int { (largest + smallest).filter(\.isConverged).count }
}

/// Where a search stands after a step.
package struct LanczosProgress: Sendable, Hashable {
  /// Products so far, and at most.
  package let step: Int
  /// Limit of products.
  package let maximumSteps: Int
  /// Largest Ritz value, and smallest.
  package let largest: RitzValue
  /// Smallest Ritz value.
  package let smallest: RitzValue
  /// Wanted pairs that have converged.
  package let convergedCount: Int
  /// Wanted pairs.
  package let wantedCount: Int
}
