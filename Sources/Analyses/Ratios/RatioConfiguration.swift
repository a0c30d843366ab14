public import GradientRatios
public import NeuralNetworks
internal import Settings

/// How the two gradients are computed, and how their ratios are counted.
public struct RatioConfiguration: Codable, Equatable, Sendable {
  /// Radius of SAM's perturbation.
  public var rho = 0.1
  /// Samples that share a perturbation.
  public var batchSize = 128
  /// Batches from the start of the data; nil for as many as the samples fill.
  public var batches: Int?
  /// Which statistics batch norms use; SAM trains on those of batches.
  public var batchNorm = NormalizationMode.batch
  /// Checkpoint of sparse SAM whose mask divides the parameters; nil for the model's own mask, if it
  /// has one.
  public var mask: String?
  /// Base of the logarithm.
  public var base = LogarithmBase.e
  /// Number of bins between -18 and 12 natural units.
  public var bins = 125

  /// Creates the configuration with rho 0.1 and batches of 128.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    guard rho >= 0, rho.isFinite else { throw AnalysisError("\(.rho) \(rho) is negative") }
    guard batchSize >= 2 else {
      throw AnalysisError("\(.batchSize) \(batchSize) is below 2")
    }
    if let batches, batches < 1 { throw AnalysisError("\(.batches) \(batches) is below 1") }
    guard (1...100_000).contains(bins) else {
      throw AnalysisError("\(.bins) \(bins) is outside 1 ... 100000")
    }
  }

  /// The histogram of the ratios at some positions, or at all.
  func histogram(_ ratio: GradientRatio, positions: [Int]? = nil) -> RatioHistogram {
    let unit = base.naturalLogarithm
    return RatioHistogram(
      plain: ratio.plain, perturbed: ratio.perturbed, positions: positions, base: base,
      range: -18 / unit...12 / unit, bins: bins)
  }
}
