internal import Datasets
internal import Foundation
package import LinearAlgebra
package import NeuralNetworks
package import Objectives

/// A step that was made, for progress reports.
package struct StepReport: Sendable {
  /// Epoch, counted from 1.
  package let epoch: Int
  /// Step within the epoch, counted from 1.
  package let step: Int
  /// Steps of an epoch.
  package let stepsPerEpoch: Int
  /// Mean loss of the epoch so far.
  package let loss: Double
  /// Share of right answers of the epoch so far.
  package let accuracy: Double
}

/// Trains a network: one code path for all gradient rules.
///
/// Equal configurations, data and numbers of epochs give equal bits, at any number of threads and
/// wherever the training was interrupted between epochs.
package final class Trainer {
  /// The settings.
  package let configuration: TrainingConfiguration
  /// The samples.
  package let data: TrainingData
  /// The network.
  package let network: Network
  /// Weights, velocity, statistics, mask and counters.
  package private(set) var state: TrainingState
  /// Steps of an epoch; a last batch of one sample, which has no statistics, is left out.
  package let stepsPerEpoch: Int

  private let pool: WorkerPool
  private let step: TrainingStep
  private let rule: GradientRule
  private let batches: TrainingBatches
  private let masks: MaskSchedule?
  private let validationRisk: EmpiricalRisk?
  /// What the mask leaves of the first gradient; nil where all of it is needed.
  private var support: GradientSupport?

  /// Prepares a training, from its start or from a state.
  ///
  /// - Throws: `TrainingError`, `DatasetError`, `RiskError` or `ShapeError` when settings, data and
  ///   network do not fit each other.
  package init(
    _ configuration: TrainingConfiguration, data: TrainingData, resuming: TrainingState? = nil,
    pool: WorkerPool
  ) throws {
    try configuration.validate()
    self.configuration = configuration
    self.data = data
    self.pool = pool
    let network = try Network(configuration.architecture)
    self.network = network
    step = TrainingStep(
      network: network,
      options: TrainingStepOptions(
        labelSmoothing: configuration.labelSmoothing, dropout: configuration.dropout ?? 0,
        convolution: configuration.convolution),
      pool: pool)
    guard configuration.dropout ?? 0 == 0 || network.dropoutCount > 0 else {
      throw TrainingError(
        "\(configuration.architecture.name) has no dropout; leave --dropout out, or train a Wide "
          + "ResNet or an ImageNet VGG")
    }
    try step.check(data.training.dataset)
    batches = try TrainingBatches(
      data.training, seed: configuration.seed, batchSize: configuration.batchSize,
      dropsLast: configuration.dropsLast, augmentation: configuration.data.augmentation)
    let leavesOneAlone =
      !configuration.dropsLast && data.training.count % configuration.batchSize == 1
    stepsPerEpoch = batches.sampler.batchesPerEpoch - (leavesOneAlone ? 1 : 0)
    guard stepsPerEpoch > 0 else {
      throw TrainingError("one sample is no batch; give more data or hold less out")
    }
    var allowed: [Int] = []
    if let sharpness = configuration.sharpness {
      allowed = PerturbationMask.positions(of: sharpness.roles, in: network.layout)
      guard !allowed.isEmpty else {
        throw TrainingError("the network has no parameters of the roles that may be perturbed")
      }
      let isDense = allowed.count == network.layout.count
      rule = .sharpnessAware(
        sharpness,
        support: isDense
          ? nil : PerturbationMask(ones: allowed, count: network.layout.count).elements)
    } else {
      rule = .plain
    }
    masks = try configuration.sharpness?.mask.map { settings in
      try MaskSchedule(
        settings, allowed: allowed, data: data.training,
        augmentation: configuration.data.augmentation, seed: configuration.seed)
    }
    validationRisk = try data.validation.map {
      try Self.risk(of: network, over: $0.samples, configuration, pool)
    }
    state = resuming ?? TrainingState(network, seed: configuration.seed)
    if resuming == nil { state.mask = masks?.initial(layout: network.layout) }
  }

  /// Whether all epochs are done.
  package var isFinished: Bool { state.epoch >= configuration.epochs }

  /// Loss and right answers at the current weights over other samples, with running statistics.
  ///
  /// - Throws: `RiskError` when the samples do not fit the network.
  package func evaluate(_ samples: SampleSet) throws -> RiskValue {
    try Self.risk(of: network, over: samples, configuration, pool)
      .value(at: state.weights, state: state.statistics)
  }

  /// The loss over samples with running statistics, computed as the steps are.
  private static func risk(
    of network: Network, over samples: SampleSet, _ configuration: TrainingConfiguration,
    _ pool: WorkerPool
  ) throws -> EmpiricalRisk {
    try EmpiricalRisk(
      network: network, samples: samples,
      options: RiskOptions(convolution: configuration.convolution), pool: pool)
  }

  /// Makes the steps of the next epoch.
  ///
  /// - Parameter report: Called after each step; what it throws ends the epoch.
  /// - Returns: What happened; the last record of the history.
  /// - Throws: `TrainingError` when the loss is not finite any more, and what `report` throws; the
  ///   state is then that before the epoch.
  package func runEpoch(report: (StepReport) throws -> Void = { _ in }) throws -> EpochRecord {
    precondition(!isFinished, "all \(configuration.epochs) epochs are done")
    let start = ContinuousClock.now
    let before = state
    updateSupport()
    do {
      var totals = EpochTotals()
      let epoch = batches.epoch(state.epoch)
      for index in 0..<stepsPerEpoch {
        try makeStep(epoch[index], index: index, totals: &totals)
        try report(
          StepReport(
            epoch: state.epoch + 1, step: index + 1, stepsPerEpoch: stepsPerEpoch,
            loss: totals.loss, accuracy: totals.accuracy))
      }
      state.epoch += 1
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let record = try record(totals, seconds: seconds)
      state.history.epochs.append(record)
      return record
    } catch {
      state = before
      throw error
    }
  }

  private func makeStep(_ batch: Batch, index: Int, totals: inout EpochTotals) throws {
    let total = configuration.epochs * stepsPerEpoch
    totals.learningRate = configuration.learningRate.value(step: state.step, of: total)
    totals.rho = configuration.sharpness?.rho.value(step: state.step, of: total)
    let refresh = masks?.refresh(epoch: state.epoch, step: index)
    if refresh == .beforeStep { try refreshFisherMask() }
    let start = ContinuousClock.now
    let statistics = state.statistics
    // The same masks in both passes: the perturbation is one of the function that is descended.
    let dropout = RandomStream(seed: configuration.seed, label: "dropout", index: state.step)
    let result = try rule.gradient(
      at: state.weights, state: statistics, rho: totals.rho ?? 0, support: support,
      mask: { first in
        if refresh == .beforeStep { self.exchangeMask(first) }
        return self.state.mask
      },
      oracle: { weights, support in
        try self.step.gradient(
          of: batch, at: weights, state: statistics, support: support, dropout: dropout)
      })
    guard result.value.loss.isFinite, result.gradient.firstNonFiniteIndex == nil else {
      throw TrainingError(
        "the loss is \(result.value.loss) and the gradient not finite any more in epoch "
          + "\(state.epoch + 1), step \(index + 1); lower --learning-rate")
    }
    state.make(configuration.optimizer, result, learningRate: totals.learningRate)
    totals.add(
      result, seconds: (ContinuousClock.now - start) / .seconds(1),
      relativeFlops: relativeFlops(result))
    if refresh == .afterStep {
      try refreshFisherMask()
      exchangeMask(result.firstGradient)
    }
  }

  /// Finds the tensors and filters that the first gradient is needed by, once per mask.
  ///
  /// Only where the norm is that of the masked gradient, and the mask does not change in between.
  private func updateSupport() {
    guard let masks, masks.settings.norm == .iso, masks.settings.policy == .fisher else { return }
    support = state.mask?.support(of: network.layout)
  }

  /// Theoretical work of a step in units of a step of SGD.
  ///
  /// Masks of single weights count as `2 - 0.7 s` with their share s of zeros, as in Mi et al. 2022:
  /// what hardware with sparse arithmetic would do. All else is counted in the graphs.
  private func relativeFlops(_ result: RuleGradient) -> Double {
    guard let masks, masks.settings.structure == .element, let mask = state.mask else {
      return result.relativeWork
    }
    return 2 - 0.7 * mask.sparsity(of: network.layout.count)
  }

  private func refreshFisherMask() throws {
    guard let masks, masks.settings.policy == .fisher else { return }
    let fisher = try step.fisherDiagonal(
      of: masks.fisherBatch(epoch: state.epoch), at: state.weights, state: state.statistics,
      mode: masks.settings.fisherMode)
    for statistics in fisher.sampleStatistics {
      state.statistics = StepGradient.runningStatistics(state.statistics, taking: statistics)
    }
    state.mask = PerturbationMask(
      fisher: fisher.elements, allowed: masks.allowed, sparsity: masks.settings.sparsity,
      structure: masks.settings.structure, layout: network.layout)
    updateSupport()
  }

  private func exchangeMask(_ gradient: Vector<Float>) {
    guard let masks, masks.settings.policy == .dynamic, let mask = state.mask else { return }
    state.mask = masks.exchanged(
      mask, gradient: gradient, epoch: state.epoch, of: configuration.epochs)
  }

  private func record(_ totals: EpochTotals, seconds: Double) throws -> EpochRecord {
    let validation = try validationRisk?.value(at: state.weights, state: state.statistics)
    if let loss = validation?.loss, !loss.isFinite {
      throw TrainingError(
        "the loss on the part held out is \(loss) after epoch \(state.epoch); "
          + "lower --learning-rate")
    }
    let isPlain = configuration.sharpness == nil
    return EpochRecord(
      epoch: state.epoch, steps: state.step, learningRate: totals.learningRate, rho: totals.rho,
      trainingLoss: totals.loss, trainingAccuracy: totals.accuracy,
      gradientNorm: totals.gradientNorm,
      perturbationNorm: isPlain ? nil : totals.perturbationNorm, maskOnes: state.mask?.ones,
      validationLoss: validation?.loss, validationAccuracy: validation?.accuracy,
      seconds: seconds, secondsPerStep: totals.secondsPerStep, relativeFlops: totals.relativeFlops)
  }
}

/// Means over the steps of an epoch.
private struct EpochTotals {
  var learningRate = 0.0
  var rho: Double?
  private var lossSum = 0.0
  private var correct = 0
  private var samples = 0
  private var gradientNormSum = 0.0
  private var perturbationNormSum = 0.0
  private var stepSeconds = 0.0
  private var relativeFlopsSum = 0.0
  private var steps = 0

  mutating func add(_ result: RuleGradient, seconds: Double, relativeFlops: Double) {
    stepSeconds += seconds
    relativeFlopsSum += relativeFlops
    lossSum += result.value.loss * Double(result.value.samples)
    correct += result.value.correct
    samples += result.value.samples
    gradientNormSum += result.firstGradient.norm
    perturbationNormSum += result.perturbationNorm
    steps += 1
  }

  var loss: Double { lossSum / Double(max(samples, 1)) }
  var accuracy: Double { Double(correct) / Double(max(samples, 1)) }
  var gradientNorm: Double { gradientNormSum / Double(max(steps, 1)) }
  var perturbationNorm: Double { perturbationNormSum / Double(max(steps, 1)) }
  var secondsPerStep: Double { stepSeconds / Double(max(steps, 1)) }
  var relativeFlops: Double { relativeFlopsSum / Double(max(steps, 1)) }
}
