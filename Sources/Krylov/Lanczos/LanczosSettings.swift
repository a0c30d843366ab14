/// Which eigenvalues to find and how hard to try.
public struct LanczosSettings: Sendable, Hashable, Codable {
  /// Number of largest (most positive) eigenvalues wanted.
  public let largest: Int
  /// Number of smallest (most negative) eigenvalues wanted.
  public let smallest: Int
  /// Products with the operator at most, those of a continued iteration included.
  public let maximumSteps: Int
  /// Basis vectors to hold at most; when they are reached, a thick restart.
  public let maximumBasisSize: Int
  /// A pair has converged when its residual bound is at most this share of its value.
  ///
  /// The eigenvalue itself is then far better: its error is quadratic in the residual over the
  /// gap. 1e-4 is well above the rounding error of Float products.
  public let tolerance: Double
  /// Whether to stop as soon as the wanted pairs have converged.
  ///
  /// Without it all steps are taken, for a density of full resolution; only a basis that spans an
  /// invariant space ends the search.
  public let stopsEarly: Bool

  /// Creates settings.
  ///
  /// - Throws: `KrylovError.invalidSetting`.
  public init(
    largest: Int, smallest: Int = 0, maximumSteps: Int = 100, maximumBasisSize: Int? = nil,
    tolerance: Double = 1e-4, stopsEarly: Bool = true
  ) throws {
    func require(_ condition: Bool, _ name: String, _ reason: String) throws {
      guard condition else { throw KrylovError.invalidSetting(name: name, reason: reason) }
    }
    try require(
      largest >= 0 && smallest >= 0 && (largest > 0 || smallest > 0), "eigenvalues",
      "ask for at least one at either end (got \(largest) largest, \(smallest) smallest)")
    try require(maximumSteps > 0, "maximum steps", "must be positive, is \(maximumSteps)")
    try require(
      tolerance >= 0 && tolerance < 1, "tolerance", "must be in 0 ..< 1, is \(tolerance)")
    let basis = maximumBasisSize ?? maximumSteps
    let wanted = largest.addingReportingOverflow(smallest)
    try require(
      maximumBasisSize == nil || (!wanted.overflow && basis > wanted.partialValue &+ 1),
      "maximum basis size",
      "\(basis) vectors are too few to restart with; "
        + "needs 2 more than the \(wanted.partialValue) eigenvalues wanted")
    self.largest = largest
    self.smallest = smallest
    self.maximumSteps = maximumSteps
    self.maximumBasisSize = basis
    self.tolerance = tolerance
    self.stopsEarly = stopsEarly
  }

  /// Basis vectors of a dimension that fit in a memory budget.
  ///
  /// - Parameters:
  ///   - bytes: The budget.
  ///   - dimension: Length of a vector.
  ///   - bytesPerElement: 4 for Float, 8 for Double.
  /// - Returns: A value for `maximumBasisSize`; 0 when not even the work vectors fit.
  public static func basisSize(fitting bytes: Int, dimension: Int, bytesPerElement: Int) -> Int {
    basisSize(fitting: bytes, dimension: dimension, bytesPerElement: bytesPerElement, ranks: 1)
  }

  /// The same where each of several ranks has that budget, and holds some rows of the basis.
  package static func basisSize(
    fitting bytes: Int, dimension: Int, bytesPerElement: Int, ranks: Int
  ) -> Int {
    // Three whole vectors live beside the basis: direction, product and remainder.
    let vectors = max(1, dimension).multipliedReportingOverflow(by: 3 * bytesPerElement)
    guard !vectors.overflow, bytes > vectors.partialValue else { return 0 }
    let rows = largestShare(of: max(1, dimension), among: ranks)
    return (bytes - vectors.partialValue) / (rows * bytesPerElement)
  }

  /// Most rows of a basis that one of several ranks holds.
  package static func largestShare(of dimension: Int, among ranks: Int) -> Int {
    RowDivision(of: dimension, among: ranks).largestCount
  }
}
