internal import GraphRuntime
internal import NeuralNetworks

/// What is computed over samples.
enum RiskQuantity: Hashable {
  /// Mean loss.
  case loss
  /// Mean loss and its gradient.
  case gradient
  /// Product of the Hessian of the mean loss with a direction.
  case hessianProduct
  /// Product of the generalised Gauss-Newton matrix with a direction.
  case gaussNewtonProduct
  /// Product of `sum_r weight_r g_r g_r^T` with a direction, g_r the gradient of one row's loss.
  case fisherProduct
  /// Mean and variance of every batch norm's input over the batch.
  case batchStatistics

  /// Whether a direction goes in.
  var isProduct: Bool {
    switch self {
    case .hessianProduct, .gaussNewtonProduct, .fisherProduct: true
    case .loss, .gradient, .batchStatistics: false
    }
  }

  /// Whether the outputs of the model are shown.
  var showsOutputs: Bool { self == .loss || self == .gradient }
}

/// What one plan is made for: equal keys, equal plans.
struct RiskPlanKey: Hashable {
  var quantity: RiskQuantity
  /// Samples of the graph.
  var batch: Int
  /// Statistics of batch norms.
  var mode: NormalizationMode
  /// Micro-batches, or the whole batch at once.
  var execution: BatchExecution
  /// Which convolution algorithms may be used.
  var convolution: ConvolutionChoice
  /// What is differentiated by; nil for all parameters.
  var support: GradientSupport?
  /// Tensors that a second pass over the batch perturbs, which then has the gradient by all
  /// parameters; nil for one pass.
  var perturbed: [Int]?
  /// Directions of a product that go through the network together.
  var directionCount = 1
  /// Whether what does not depend on directions may be kept between products.
  var keepsValues = false
  /// Whether ranks share a batch however small it is: that of a training step.
  var sharesBatch = false
  /// Whether dropout layers do anything.
  var dropsOut = false

  /// Whether it is about some of the parameters, which other plans choose otherwise.
  var isOfSomeParameters: Bool { support != nil || perturbed != nil }
}
