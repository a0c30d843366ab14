package import GradientRatios
package import NeuralNetworks

/// How the two gradients are computed, and how their ratios are counted.
package struct RatioConfiguration: Codable, Equatable, Sendable {
  /// Radius of SAM's perturbation.
  package var rho = 0.1
  /// Samples that share a perturbation.
  package var batchSize = 128
  /// Batches from the start of the data; nil for as many as the samples fill.
  package var batches: Int?
  /// Which statistics batch norms use; SAM trains on those of batches.
  package var batchNorm = NormalizationMode.batch
  /// Checkpoint of sparse SAM whose mask divides the parameters; nil for the model's own mask, if it
  /// has one.
  package var mask: String?
  /// Base of the logarithm.
  package var base = LogarithmBase.e
  /// Number of bins between -18 and 12 natural units.
  package var bins = 125

  /// Creates the configuration with rho 0.1 and batches of 128.
  package init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  package func validate() throws(AnalysisError) {
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
