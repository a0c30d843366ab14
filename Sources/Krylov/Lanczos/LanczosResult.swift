/// Eigenvalue with what is known about its error.
public struct RitzValue: Sendable, Hashable, Codable {
  /// The approximate eigenvalue.
  public let value: Double
  /// An eigenvalue of the operator lies within this distance, up to the rounding floor.
  public let residualBound: Double
  /// Whether the bound is within the tolerance.
  public let isConverged: Bool

  /// Joins the parts.
  public init(value: Double, residualBound: Double, isConverged: Bool) {
    self.value = value
    self.residualBound = residualBound
    self.isConverged = isConverged
  }
}

/// Why an eigenvalue search ended.
public enum LanczosStopReason: Sendable, Hashable, Codable {
  /// All wanted pairs are within the tolerance.
  case converged
  /// The limit of products was reached first; look at the flags of the values.
  case reachedMaximumSteps
  /// The basis spans an invariant space that holds the wanted pairs; they are exact up to
  /// rounding.
  case invariantSubspace(dimension: Int)
}

/// Eigenvalues at the ends of a spectrum, with bounds.
public struct LanczosResult: Sendable, Hashable, Codable {
  /// The wanted largest values, in descending order.
  public let largest: [RitzValue]
  /// The wanted smallest values, in ascending order.
  public let smallest: [RitzValue]
  /// All Ritz values at the end, in ascending order; those inside the spectrum seldom converge.
  public let all: [RitzValue]
  /// Why the search ended.
  public let stopReason: LanczosStopReason
  /// Number of products with the operator.
  public let applications: Int
  /// Number of thick restarts.
  public let restarts: Int
  /// Basis vectors at the end.
  public let basisSize: Int
  /// Size of the rounding error of a product, `eps ||A||` of the operator's scalar.
  ///
  /// A bound below it says only that the residual is of this size.
  public let roundingFloor: Double
  /// Measured error of the operator: the largest asymmetry between products, `|V^T A V - T|`.
  ///
  /// Near `roundingFloor` for an exact operator; larger when the products carry errors of their
  /// own (long sums in Float). A bound below it is not to be believed, and a value near the
  /// eigenvalues themselves means that the operator is not symmetric or not deterministic.
  public let operatorDefect: Double

  /// How far a value may be from an eigenvalue: its residual, or what rounding leaves where that is more.
  ///
  /// `max(residualBound, roundingFloor, operatorDefect)`; a residual below rounding says nothing.
  public func bound(of value: RitzValue) -> Double {
    max(value.residualBound, roundingFloor, operatorDefect)
  }

  /// Number of wanted values that converged.
  public var convergedCount: Int { (largest + smallest).filter(\.isConverged).count }
}

/// Where a search stands after a step.
public struct LanczosProgress: Sendable, Hashable {
  /// Products so far, and at most.
  public let step: Int
  /// Limit of products.
  public let maximumSteps: Int
  /// Largest Ritz value, and smallest.
  public let largest: RitzValue
  /// Smallest Ritz value.
  public let smallest: RitzValue
  /// Wanted pairs that have converged.
  public let convergedCount: Int
  /// Wanted pairs.
  public let wantedCount: Int
}
