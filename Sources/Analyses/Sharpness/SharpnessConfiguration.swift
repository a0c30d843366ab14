internal import Datasets
public import NeuralNetworks
internal import Objectives
internal import Settings

/// Which sharpness is measured, in which balls, over which parts of the samples, and how hard a maximum is looked for.
public struct SharpnessConfiguration: Codable, Equatable, Sendable {
  /// What is measured.
  public var measures: [SharpnessMeasure] = [.maximumL2, .averageSphere]
  /// Radii; empty for those of `SharpnessMeasure.standardRadii`.
  public var radii: [Double] = []
  /// Whether perturbations are in units of each weight's magnitude.
  public var isAdaptive = false
  /// Steps of an ascent.
  public var steps = 20
  /// Ascents of each maximum: the first from the weights, the others from random points.
  public var restarts = 3
  /// Random perturbations of each mean, each with both signs.
  public var draws = 50
  /// Sizes of batches for m-sharpness: the mean over disjoint batches of the sharpness on each; empty for all
  /// samples at once alone.
  public var batches: [Int] = []
  /// Number of disjoint parts over which everything is measured again, as batches of their size; 0 for none.
  public var subsets = 0
  /// Which statistics batch norms use.
  public var batchNorm = NormalizationMode.inference
  /// Samples per batch where batch norms use statistics of batches.
  public var batchSize = 128
  /// Factor of `||w||^2 / 2` in the loss; 0 leaves weight decay out.
  public var weightDecay = 0.0
  /// Seed of starts, perturbations and the division into parts.
  public var seed: UInt64 = 0

  /// Creates the configuration: the maximum over L2 balls and the mean over their spheres.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    try checkPoint(batchSize: batchSize, weightDecay: weightDecay)
    guard !measures.isEmpty, Set(measures).count == measures.count else {
      throw AnalysisError("\(.measure) needs each measure once")
    }
    guard radii.allSatisfy({ $0 > 0 && $0.isFinite }), Set(radii).count == radii.count else {
      throw AnalysisError("\(.rho) takes different radii above 0")
    }
    try check(.ascentSteps, steps, 1...10_000)
    try check(.restarts, restarts, 1...1000)
    try check(.draws, draws, 2...100_000)
    for batch in batches { try check(.m, batch, 2...1_000_000_000) }
    guard subsets == 0 || (2...1000).contains(subsets) else {
      throw AnalysisError("\(.subsets) \(subsets) is neither 0 nor in 2 ... 1000")
    }
  }

  private func check(
    _ setting: Setting, _ value: Int, _ range: ClosedRange<Int>
  ) throws(AnalysisError) {
    guard range.contains(value) else {
      throw AnalysisError(
        "\(setting) \(value) is outside \(range.lowerBound) ... \(range.upperBound)")
    }
  }

  /// The radii of a measure, ascending.
  func radii(of measure: SharpnessMeasure) -> [Double] {
    radii.isEmpty ? measure.standardRadii(isAdaptive: isAdaptive) : radii.sorted()
  }

  func riskOptions(_ engine: EngineSettings) -> RiskOptions {
    RiskOptions(
      normalization: batchNorm, batchSize: batchSize, weightDecay: weightDecay,
      convolution: engine.convolution)
  }
}
