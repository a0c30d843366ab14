package import HessianSpectra
package import Krylov

/// Curvature over disjoint parts of the samples: how far numbers depend on which samples were taken.
///
/// The parts are independent draws, so the mean of a number over them has the standard error
/// `s / sqrt(N)`. It is the mean over parts, each with an N-th of the samples: the trace is linear in the matrix,
/// so its mean is that over all samples; lambda1 is convex, so its mean lies above that over all samples
/// (Jensen's inequality).
package struct SubsetSpread: Codable, Equatable, Sendable {
  /// The numbers of one part.
  package struct Subset: Codable, Equatable, Sendable {
    /// Samples of the part.
    package let samples: Int
    /// Mean loss over them.
    package let loss: Double
    /// The largest eigenvalues, in descending order.
    package let largest: [RitzValue]
    /// lambda1 / lambda5, where it means something.
    package let ratio: EigenvalueRatio?
    /// The trace; nil when it was not asked for.
    package let trace: TraceEstimate?
    /// Distance below which no residual bound is to be believed.
    package let errorFloor: Double
    /// Products that the part took.
    package let products: Int

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
  package let subsets: [Subset]
  /// The largest eigenvalue.
  package let lambda1: SpreadEstimate
  /// lambda1 / lambda5; absent where it means nothing on some part.
  package let ratio: SpreadEstimate?
  /// The trace; absent when it was not asked for.
  package let trace: SpreadEstimate?

  /// Sums up parts; nil for fewer than two.
  init?(_ subsets: [Subset]) {
    guard let lambda1 = SpreadEstimate(subsets.map { $0.largest.first?.value }) else { return nil }
    self.subsets = subsets
    self.lambda1 = lambda1
    ratio = SpreadEstimate(subsets.map { $0.ratio?.value })
    trace = SpreadEstimate(subsets.map { $0.trace?.value })
  }
}
