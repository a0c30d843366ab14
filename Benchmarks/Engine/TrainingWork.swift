import ArgumentParser
import Datasets
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import Training

/// One step of training after another on the same batch, from fresh weights.
///
/// Batch norm on batch statistics, learning rate 0.05, momentum 0.9, weight decay 5e-4, rho 0.1.
final class TrainingWork {
  /// Kinds of work: `train.sgd`, `train.sam` and the structured masks of sparse SAM.
  enum Rule: String, CaseIterable {
    case sgd = "train.sgd"
    case sam = "train.sam"
    case elements = "train.ssam.element"
    case filters = "train.ssam.filter"
    case layers = "train.ssam.layer"
    case suffix = "train.ssam.suffix"

    var structure: MaskSettings.Structure? {
      switch self {
      case .sgd, .sam: nil
      case .elements: .element
      case .filters: .filter
      case .layers: .layer
      case .suffix: .suffix
      }
    }
  }

  private let rule: GradientRule
  private let step: TrainingStep
  private let batch: Samples
  private let mask: PerturbationMask?
  private let scope: PerturbationScope
  /// Floating-point operations of the last step, relative to those of a step of SGD.
  private(set) var relativeWork = 0.0
  private let optimizer = SGD(momentum: 0.9, weightDecay: 5e-4)
  private var point: ModelPoint
  private var velocity: Vector<Float>

  /// Prepares the step; a mask that needs it is taken from the Fisher information of the batch.
  init(
    _ kind: Rule, model: Model, batch: Samples, sparsity: Double,
    convolution: ConvolutionChoice, pool: WorkerPool
  ) throws {
    let rho = try Schedule(0.1)
    self.batch = batch
    step = try TrainingStep(
      model: model, samples: batch, options: TrainingStepOptions(convolution: convolution),
      pool: pool)
    point = model.initialPoint(seed: 1)
    velocity = Vector(zeros: model.layout.count)
    guard let structure = kind.structure else {
      mask = nil
      scope = PerturbationScope()
      rule = kind == .sgd ? .plain : .sharpnessAware(SharpnessSettings(rho: rho), perturbable: nil)
      return
    }
    let settings = MaskSettings(policy: .fisher, sparsity: sparsity, structure: structure)
    rule = .sharpnessAware(SharpnessSettings(rho: rho, mask: settings), perturbable: nil)
    let allowed = Array(0..<model.layout.count)
    let chosen =
      structure == .suffix
      ? PerturbationMask(lastLayersOf: model.layout, allowed: allowed, sparsity: sparsity)
      : PerturbationMask(
        fisher: try step.fisherDiagonal(of: batch, at: point, mode: .inference).elements,
        allowed: allowed, sparsity: sparsity, structure: structure, layout: model.layout)
    let support = chosen.support(of: model.layout)
    mask = chosen
    scope = PerturbationScope(perturbed: support.parts.map(\.segment), support: support)
  }

  /// Makes one step.
  func run() throws {
    let mask = mask
    let result = try rule.gradient(
      at: point, rho: 0.1, scope: scope, mask: { _ in mask }, oracle: BatchGradients(step, batch))
    optimizer.step(
      gradient: result.gradient, weights: &point.weights.elements, velocity: &velocity,
      learningRate: 0.05)
    point.buffers = result.buffers
    relativeWork = result.relativeWork
  }
}
