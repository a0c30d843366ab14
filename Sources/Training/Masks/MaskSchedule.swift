internal import Datasets
internal import LinearAlgebra
internal import NeuralNetworks
internal import Objectives

/// When the mask of sparse SAM is refreshed, and by which samples and random numbers.
struct MaskSchedule {
  let settings: MaskSettings
  /// Positions of the parameters that may be perturbed, ascending.
  let allowed: [Int]
  private let seed: UInt64
  private let fisherBatches: TrainingBatches

  /// Prepares the masks of a training.
  ///
  /// - Throws: `DatasetError` when there are no samples.
  init(
    _ settings: MaskSettings, allowed: [Int], data: SampleData,
    augmentation: Augmentation, seed: UInt64
  ) throws(DatasetError) {
    self.settings = settings
    self.allowed = allowed
    self.seed = seed
    // A stream of its own: the samples of the Fisher pass are not those of the first batch.
    var stream = RandomStream(seed: seed, label: "mask.fisher")
    fisherBatches = try TrainingBatches(
      data, seed: UInt64(stream.integer(below: Int(UInt32.max))),
      batchSize: min(settings.fisherSamples, data.count),
      augmentation: settings.fisherAugmented ? augmentation : .none)
  }

  /// The mask before the first step.
  func initial(layout: ParameterLayout) -> PerturbationMask {
    if settings.structure == .suffix {
      return PerturbationMask(
        lastLayersOf: layout, allowed: allowed, sparsity: settings.sparsity)
    }
    switch settings.policy {
    case .fisher: return PerturbationMask(ones: [], count: layout.count)
    case .dynamic:
      var stream = RandomStream(seed: seed, label: "mask.start")
      return PerturbationMask(
        randomAmong: allowed, sparsity: settings.sparsity, count: layout.count, using: &stream)
    }
  }

  /// Whether and when a step refreshes the mask; epoch and step are counted from 0.
  func refresh(epoch: Int, step: Int) -> MaskSettings.Refresh? {
    guard settings.structure != .suffix, step == 0, epoch % settings.updateEvery == 0 else {
      return nil
    }
    if epoch == 0, settings.refresh == .beforeStep {
      // The start of `dynamic` is random, and there is nothing yet to refresh.
      guard settings.policy == .fisher, settings.firstMask == .computed else { return nil }
    }
    return settings.refresh
  }

  /// What the two passes of a step with a mask are about.
  ///
  /// The official norm needs the whole first gradient, and so does the exchange of SSAM-D, whose mask
  /// may also change between the passes.
  func scope(_ mask: PerturbationMask, layout: ParameterLayout) -> PerturbationScope {
    guard settings.policy == .fisher else { return PerturbationScope(allowed, of: layout) }
    let support = mask.support(of: layout)
    return PerturbationScope(
      perturbed: support.parts.map(\.segment), support: settings.norm == .iso ? support : nil)
  }

  /// The samples of the Fisher pass of an epoch: the first ones of a random order.
  func fisherBatch(epoch: Int) throws -> Samples { try fisherBatches.epoch(epoch).batch(0) }

  /// The mask after the exchange of an epoch (SSAM-D).
  func exchanged(
    _ mask: PerturbationMask, gradient: Vector<Float>, epoch: Int, of epochs: Int
  ) -> PerturbationMask {
    var stream = RandomStream(seed: seed, label: "mask.exchange", index: epoch)
    let share = PerturbationMask.dropShare(
      rate: settings.dropRate, progress: Double(epoch) / Double(epochs))
    return mask.exchanging(share: share, gradient: gradient, allowed: allowed, using: &stream)
  }
}
