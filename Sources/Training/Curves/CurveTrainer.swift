package import Datasets
package import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks
package import Objectives
internal import Settings

/// What a training of a curve has come to: everything that the next step depends on.
package struct CurveState: Equatable, Sendable {
  /// Control points between the ends.
  package var bends: [Vector<Float>]
  /// Their velocities.
  package var velocities: [Vector<Float>]
  /// Epochs that are done.
  package var epoch = 0
  /// Steps that are done.
  package var step = 0
  /// Mean loss of each epoch, over the places and samples of its steps.
  package var losses: [Double] = []

  /// Joins the parts.
  package init(
    bends: [Vector<Float>], velocities: [Vector<Float>], epoch: Int = 0, step: Int = 0,
    losses: [Double] = []
  ) {
    self.bends = bends
    self.velocities = velocities
    self.epoch = epoch
    self.step = step
    self.losses = losses
  }

  /// Makes a step of every bend, whose share of the gradient is its coefficient.
  fileprivate mutating func move(
    _ rule: SGD, gradient: Vector<Float>, coefficients: [Double], learningRate: Double
  ) {
    for index in bends.indices {
      var own = gradient
      own.scale(by: Float(coefficients[index + 1]))
      rule.step(
        gradient: own, weights: &bends[index], velocity: &velocities[index],
        learningRate: learningRate)
    }
    step += 1
  }
}

/// Trains a curve between two networks to have a low loss all along.
///
/// Every step draws `t` evenly from 0 to 1 and descends the loss of a batch at `phi(t)`: the gradient of bend i
/// is `b_i(t) (g + decay phi(t))` (Garipov et al. 2018, algorithm 1, arXiv:1802.10026). Batch norms use the statistics of the
/// batch. Equal settings and samples give equal bits, wherever it was interrupted between epochs.
package final class CurveTrainer {
  /// The settings.
  package let settings: CurveTrainingSettings
  /// The bends and how they move.
  package private(set) var state: CurveState
  /// Steps of an epoch; a last batch of one sample, which has no statistics, is left out.
  package let stepsPerEpoch: Int

  private let ends: (first: ModelPoint, last: ModelPoint)
  private let step: TrainingStep
  private let batches: TrainingBatches
  private let rule: SGD
  private let learningRate: Schedule
  private let pool: WorkerPool

  /// Prepares the training; without a state the bends begin on the straight line.
  ///
  /// - Parameters:
  ///   - settings: Shape, steps and samples of a step.
  ///   - model: The network of both ends.
  ///   - loss: The loss.
  ///   - data: The samples.
  ///   - ends: First and last point of the curve.
  ///   - state: The state to go on from.
  ///   - convolution: Which convolution algorithms may be used.
  ///   - pool: The threads.
  /// - Throws: `TrainingError`, `DatasetError` or `RiskError` when they do not fit each other.
  package init(
    _ settings: CurveTrainingSettings, model: Model, loss: Loss, data: SampleData,
    ends: (first: ModelPoint, last: ModelPoint), state: CurveState? = nil,
    convolution: ConvolutionChoice = .automatic, pool: WorkerPool
  ) throws {
    try settings.validate()
    self.settings = settings
    self.ends = ends
    self.pool = pool
    (rule, learningRate) = try settings.optimizer()
    step = try TrainingStep(
      model: model, loss: loss, samples: data.samples,
      options: TrainingStepOptions(convolution: convolution), pool: pool)
    batches = try TrainingBatches(
      data, seed: settings.seed, batchSize: settings.batchSize,
      augmentation: settings.augmentation)
    let leavesOneAlone = data.count % settings.batchSize == 1
    stepsPerEpoch = batches.sampler.batchesPerEpoch - (leavesOneAlone ? 1 : 0)
    guard stepsPerEpoch > 0 else {
      throw TrainingError("one sample is no batch; give more data")
    }
    self.state = state ?? Self.straight(settings, ends)
  }

  /// Bends at equal distances on the line between the ends, at rest.
  private static func straight(
    _ settings: CurveTrainingSettings, _ ends: (first: ModelPoint, last: ModelPoint)
  ) -> CurveState {
    let (first, last) = (ends.first.weights.elements, ends.last.weights.elements)
    let bends = (1...settings.bends).map { index in
      let share = Float(index) / Float(settings.bends + 1)
      var bend = first
      bend.scale(by: 1 - share)
      bend.add(last, scaledBy: share)
      return bend
    }
    return CurveState(
      bends: bends, velocities: bends.map { Vector(zeros: $0.count) })
  }

  /// Whether all epochs are done.
  package var isFinished: Bool { state.epoch >= settings.epochs }

  /// The control points, ends included.
  package var controlPoints: [Vector<Float>] {
    [ends.first.weights.elements] + state.bends + [ends.last.weights.elements]
  }

  /// Makes the steps of the next epoch.
  ///
  /// - Parameter report: Called after each step with their number; what it throws ends the epoch.
  /// - Throws: `TrainingError` when the loss is not finite any more, and what `report` throws; the state is
  ///   then that before the epoch.
  package func runEpoch(report: (Int) throws -> Void = { _ in }) throws {
    precondition(!isFinished, "all \(settings.epochs) epochs are done")
    let before = state
    do {
      let epoch = batches.epoch(state.epoch)
      var (sum, weight) = (0.0, 0.0)
      for index in 0..<stepsPerEpoch {
        let value = try makeStep(epoch.batch(index, pool: pool))
        sum += value.loss * value.weight
        weight += value.weight
        try report(index + 1)
      }
      state.epoch += 1
      state.losses.append(weight > 0 ? sum / weight : 0)
    } catch {
      state = before
      throw error
    }
  }

  private func makeStep(_ batch: Samples) throws -> RiskValue {
    var places = RandomStream(seed: settings.seed, label: "curve", index: state.step)
    let coefficients = settings.shape.coefficients(
      at: places.uniform(), points: settings.bends + 2)
    var point = ends.first
    point.weights.elements.scale(by: Float(coefficients[0]))
    for (control, coefficient) in zip(controlPoints, coefficients).dropFirst()
    where coefficient != 0 {
      point.weights.elements.add(control, scaledBy: Float(coefficient))
    }
    let dropout = RandomStream(seed: settings.seed, label: "dropout", index: state.step)
    let result = try step.gradient(of: batch, at: point, dropout: dropout)
    guard result.value.loss.isFinite, result.gradient.firstNonFiniteIndex == nil else {
      throw TrainingError(
        "the loss on the curve is \(result.value.loss) and its gradient not finite any more in epoch "
          + "\(state.epoch + 1); lower \(.learningRate)")
    }
    var gradient = result.gradient
    gradient.add(point.weights.elements, scaledBy: Float(settings.weightDecay))
    let rate = learningRate.value(step: state.step, of: settings.epochs * stepsPerEpoch)
    state.move(rule, gradient: gradient, coefficients: coefficients, learningRate: rate)
    return result.value
  }
}
