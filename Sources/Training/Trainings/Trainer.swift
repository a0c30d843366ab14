package import Communication
package import Datasets
internal import Foundation
package import LinearAlgebra
package import NeuralNetworks
package import Objectives
internal import Settings

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
  /// Metric of the epoch so far; NaN without one.
  package let score: Double
}

/// Trains a network: one code path for all gradient rules.
///
/// Equal configurations, data and numbers of epochs give equal bits, at any number of threads and
/// wherever the training was interrupted between epochs.
///
/// Ranks make the same steps of the same states, and share the samples of each batch and of each
/// evaluation; they too get equal bits.
package final class Trainer {
  /// The settings.
  package let configuration: TrainingConfiguration
  /// The samples.
  package let data: TrainingData
  /// The model.
  package let model: Model
  /// Weights, moments, statistics, mask and counters.
  package private(set) var state: TrainingState
  /// Steps of an epoch; a last batch of one sample, which has no statistics, is left out.
  package let stepsPerEpoch: Int

  private let pool: WorkerPool
  private let ranks: any Communicator
  private let step: TrainingStep
  /// The loss that is measured, without smoothing.
  package let loss: BoundLoss
  private let rule: GradientRule
  private let batches: TrainingBatches
  private let masks: MaskSchedule?
  private let targetVariance: Double?
  private let validationRisk: EmpiricalRisk?
  /// What the two passes of a step are about.
  private var scope = PerturbationScope()

  /// Prepares a training, from its start or from a state.
  ///
  /// - Parameters:
  ///   - configuration: The settings.
  ///   - data: The samples.
  ///   - start: First weights and buffers where the settings name a checkpoint; nil for random ones.
  ///   - resuming: The state to go on from, which goes before the start.
  ///   - pool: The threads.
  ///   - ranks: Who trains; all with the same settings, data and states.
  /// - Throws: `TrainingError`, `DatasetError`, `RiskError` or `ShapeError` when settings, data and
  ///   network do not fit each other.
  package init(
    _ configuration: TrainingConfiguration, data: TrainingData, start: ModelPoint? = nil,
    resuming: TrainingState? = nil, pool: WorkerPool, ranks: any Communicator = Alone()
  ) throws {
    try configuration.validate()
    precondition((configuration.start == nil) == (start == nil), "a start has a name and weights")
    self.configuration = configuration
    self.data = data
    self.pool = pool
    self.ranks = ranks
    let model = try configuration.architecture.model()
    self.model = model
    // What is measured is the loss itself; what is descended may be smoothed.
    let samples = data.training.samples
    let plain = try BoundLoss(configuration.loss, model: model, target: samples.target)
    var smoothed = plain.loss
    smoothed.labelSmoothing = configuration.labelSmoothing
    guard configuration.labelSmoothing == 0 || plain.loss.isCategorical else {
      throw TrainingError("\(plain.loss.kind.rawValue) has no labels to smooth; leave it out")
    }
    step = try TrainingStep(
      model: model, loss: smoothed, samples: samples,
      options: TrainingStepOptions(
        dropout: configuration.dropout, convolution: configuration.convolution),
      pool: pool, ranks: ranks)
    loss = plain
    targetVariance = try EmpiricalRisk(
      model: model, loss: plain.loss, samples: samples, pool: pool
    ).targetVariance
    guard configuration.dropout ?? 0 == 0 || !model.dropoutRates.isEmpty else {
      throw TrainingError(
        "\(model.name) has no dropout; leave \(.dropout) out, or train a Wide ResNet or an ImageNet "
          + "VGG")
    }
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
      allowed = PerturbationMask.positions(of: sharpness.roles, in: model.layout)
      guard !allowed.isEmpty else {
        throw TrainingError("the network has no parameters of the roles that may be perturbed")
      }
      let isDense = allowed.count == model.layout.count
      rule = .sharpnessAware(
        sharpness,
        perturbable: isDense
          ? nil : PerturbationMask(ones: allowed, count: model.layout.count).elements)
    } else {
      rule = .plain
    }
    masks = try configuration.sharpness?.mask.map { settings in
      try MaskSchedule(
        settings, allowed: allowed, data: data.training,
        augmentation: configuration.data.augmentation, seed: configuration.seed)
    }
    validationRisk = try data.validation.map {
      try EmpiricalRisk(
        model: model, loss: plain.loss, samples: $0.samples,
        options: RiskOptions(convolution: configuration.convolution), pool: pool, ranks: ranks)
    }
    if !allowed.isEmpty { scope = PerturbationScope(allowed, of: model.layout) }
    state =
      resuming
      ?? TrainingState(
        model, optimizer: configuration.optimizer, seed: configuration.seed, start: start)
    if resuming == nil { state.mask = masks?.initial(layout: model.layout) }
  }

  /// Whether all epochs are done.
  package var isFinished: Bool { state.epoch >= configuration.epochs }

  /// Loss and metric at the current weights over other samples, with running statistics.
  ///
  /// - Throws: `RiskError` when the samples do not fit the model; `RankFailure`.
  package func evaluate(_ samples: Samples) throws -> RiskValue {
    try EmpiricalRisk(
      model: model, loss: loss.loss, samples: samples,
      options: RiskOptions(convolution: configuration.convolution), pool: pool, ranks: ranks
    ).value(at: state.point)
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
    updateScope()
    do {
      var totals = EpochTotals(targetVariance: targetVariance)
      let epoch = batches.epoch(state.epoch)
      for index in 0..<stepsPerEpoch {
        try makeStep(index, of: epoch, totals: &totals)
        try report(
          StepReport(
            epoch: state.epoch + 1, step: index + 1, stepsPerEpoch: stepsPerEpoch,
            loss: totals.loss, score: totals.score))
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

  private func makeStep(
    _ index: Int, of batches: TrainingBatches.Epoch, totals: inout EpochTotals
  ) throws {
    let total = configuration.epochs * stepsPerEpoch
    totals.learningRate = configuration.learningRate.value(step: state.step, of: total)
    totals.rho = configuration.sharpness?.rho.value(step: state.step, of: total)
    let refresh = masks?.refresh(epoch: state.epoch, step: index)
    if refresh == .beforeStep { try refreshFisherMask() }
    let own = try step.ownSamples(of: batches.samples(of: index).count, scope: scope)
    let batch = try batches.batch(index, own: own, pool: pool)
    let start = ContinuousClock.now
    // The same masks in both passes: the perturbation is one of the function that is descended.
    let dropout = RandomStream(seed: configuration.seed, label: "dropout", index: state.step)
    let result = try rule.gradient(
      at: state.point, rho: totals.rho ?? 0, scope: scope,
      mask: { first in
        if refresh == .beforeStep { self.exchangeMask(first) }
        return self.state.mask
      },
      oracle: BatchGradients(step, batch, dropout: dropout))
    guard result.value.loss.isFinite, result.gradient.firstNonFiniteIndex == nil else {
      throw TrainingError(
        "the loss is \(result.value.loss) and the gradient not finite any more in epoch "
          + "\(state.epoch + 1), step \(index + 1); lower \(.learningRate)")
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

  /// Finds out what a mask leaves to be computed, once per mask.
  private func updateScope() {
    guard let masks, let mask = state.mask else { return }
    scope = masks.scope(mask, layout: model.layout)
  }

  /// Theoretical work of a step in units of a step of SGD.
  ///
  /// Masks of single weights count as `2 - 0.7 s` with their share s of zeros, as in Mi et al. 2022:
  /// what hardware with sparse arithmetic would do. All else is counted in the graphs.
  private func relativeFlops(_ result: RuleGradient) -> Double {
    guard let masks, masks.settings.structure == .element, let mask = state.mask else {
      return result.relativeWork
    }
    return 2 - 0.7 * mask.sparsity(of: model.layout.count)
  }

  private func refreshFisherMask() throws {
    guard let masks, masks.settings.policy == .fisher else { return }
    let fisher = try step.fisherDiagonal(
      of: masks.fisherBatch(epoch: state.epoch), at: state.point,
      mode: masks.settings.fisherMode)
    for statistics in fisher.sampleStatistics { state.point.buffers.take(statistics) }
    state.mask = PerturbationMask(
      fisher: fisher.elements, allowed: masks.allowed, sparsity: masks.settings.sparsity,
      structure: masks.settings.structure, layout: model.layout)
    updateScope()
  }

  private func exchangeMask(_ gradient: Vector<Float>) {
    guard let masks, masks.settings.policy == .dynamic, let mask = state.mask else { return }
    state.mask = masks.exchanged(
      mask, gradient: gradient, epoch: state.epoch, of: configuration.epochs)
  }

  private func record(_ totals: EpochTotals, seconds: Double) throws -> EpochRecord {
    let validation = try validationRisk?.value(at: state.point)
    if let loss = validation?.loss, !loss.isFinite {
      throw TrainingError(
        "the loss on the part held out is \(loss.isNaN ? "nan" : "\(loss)") after epoch "
          + "\(state.epoch); lower \(.learningRate)"
          + (self.loss.metric == .r2 ? ", or scale inputs and targets to a variance of 1" : ""))
    }
    let isPlain = configuration.sharpness == nil
    return EpochRecord(
      epoch: state.epoch, steps: state.step, learningRate: totals.learningRate, rho: totals.rho,
      trainingLoss: totals.loss, metric: loss.metric, trainingScore: totals.finiteScore,
      gradientNorm: totals.gradientNorm,
      perturbationNorm: isPlain ? nil : totals.perturbationNorm, maskOnes: state.mask?.ones,
      validationLoss: validation?.loss,
      validationScore: validation.flatMap { $0.score.isFinite ? $0.score : nil },
      seconds: seconds, secondsPerStep: totals.secondsPerStep, relativeFlops: totals.relativeFlops)
  }
}
