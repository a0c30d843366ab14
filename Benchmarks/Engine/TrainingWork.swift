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

    var structure: MaskSettings.Structure? {
      switch self {
      case .sgd, .sam: nil
      case .elements: .element
      case .filters: .filter
      case .layers: .layer
      }
    }
  }

  private let rule: GradientRule
  private let step: TrainingStep
  private let batch: Batch
  private let mask: PerturbationMask?
  private let support: GradientSupport?
  /// Floating-point operations of the last step, relative to those of a step of SGD.
  private(set) var relativeWork = 0.0
  private let optimizer = SGD(momentum: 0.9, weightDecay: 5e-4)
  private var weights: Vector<Float>
  private var velocity: Vector<Float>
  private var state: Vector<Float>

  /// Prepares the step; a mask is taken from the Fisher information of half the batch.
  init(
    _ kind: Rule, network: Network, batch: Batch, sparsity: Double,
    convolution: ConvolutionChoice, pool: WorkerPool
  ) throws {
    let rho = try Schedule(0.1)
    self.batch = batch
    step = TrainingStep(
      network: network, options: TrainingStepOptions(convolution: convolution), pool: pool)
    weights = network.initialParameters(seed: 1).elements
    velocity = Vector(zeros: weights.count)
    state = network.initialState().elements
    guard let structure = kind.structure else {
      mask = nil
      support = nil
      rule = kind == .sgd ? .plain : .sharpnessAware(SharpnessSettings(rho: rho), support: nil)
      return
    }
    let settings = MaskSettings(policy: .fisher, sparsity: sparsity, structure: structure)
    rule = .sharpnessAware(SharpnessSettings(rho: rho, mask: settings), support: nil)
    let fisher = try step.fisherDiagonal(of: batch, at: weights, state: state, mode: .inference)
    mask = PerturbationMask(
      fisher: fisher.elements, allowed: Array(0..<weights.count), sparsity: sparsity,
      structure: structure, layout: network.layout)
    support = mask?.support(of: network.layout)
  }

  /// Makes one step.
  func run() throws {
    let (mask, state) = (mask, state)
    let result = try rule.gradient(
      at: weights, state: state, rho: 0.1,
      support: support, mask: { _ in mask },
      oracle: { weights, support in
        try self.step.gradient(of: self.batch, at: weights, state: state, support: support)
      })
    optimizer.step(
      gradient: result.gradient, weights: &weights, velocity: &velocity, learningRate: 0.05)
    self.state = result.state
    relativeWork = result.relativeWork
  }
}
