public import HessianSpectra
public import Krylov

/// Curvature over disjoint parts of the samples: how far numbers depend on which samples were taken.
///
/// The parts are independent draws, so the mean of a number over them has the standard error
/// `s / sqrt(N)`. It is the mean over parts, each with an N-th of the samples: the trace is linear in the matrix,
/// so its mean is that over all samples; lambda1 is convex, so its mean lies above that over all samples
/// (Jensen's inequality).
public struct SubsetSpread: Codable, Equatable, Sendable {
  /// The numbers of one part.
  public struct Subset: Codable, Equatable, Sendable {
    /// Samples of the part.
    public let samples: Int
    /// Mean loss over them.
    public let loss: Double
    /// The largest eigenvalues, in descending order.
    public let largest: [RitzValue]
    /// lambda1 / lambda5, where it means something.
    public let ratio: EigenvalueRatio?
    /// The trace; nil when it was not asked for.
    public let trace: TraceEstimate?
    /// Distance below which no residual bound is to be believed.
    public let errorFloor: Double
    /// Products that the part took.
    public let products: Int

    init(samples: Int, loss: Double, _ result: SpectrumResult, products: Int) {
      self.samples = samples
      self.loss = loss
      largest = result.largest
      ratio = result.ratio
      trace = result.trace
      errorFloor = result.errorFloor
      self.products = products
    }
  }

  /// The parts.
  public let subsets: [Subset]
  /// The largest eigenvalue.
  public let lambda1: SpreadEstimate
  /// lambda1 / lambda5; absent where it means nothing on some part.
  public let ratio: SpreadEstimate?
  /// The trace; absent when it was not asked for.
  public let trace: SpreadEstimate?

  /// Sums up parts; nil for fewer than two.
  init?(_ subsets: [Subset]) {
    guard let lambda1 = SpreadEstimate(subsets.map { $0.largest.first?.value }) else { return nil }
    self.subsets = subsets
    self.lambda1 = lambda1
    ratio = SpreadEstimate(subsets.map { $0.ratio?.value })
    trace = SpreadEstimate(subsets.map { $0.trace?.value })
  }
}
