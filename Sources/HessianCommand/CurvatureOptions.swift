import Analyses
public import ArgumentParser
import CommandSupport
import NeuralNetworks
import Objectives

extension CurvatureMatrix: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}
extension ParameterRole: ExpressibleByArgument {}

/// Which matrix is looked at, and at which weights of which loss.
struct CurvatureOptions: ParsableArguments {
  private static let defaults = CurvatureConfiguration()

  @Option(
    help: """
      Matrix: hessian, gauss-newton, fisher (empirical) or sampled-fisher (labels drawn from the \
      model).
      """)
  var matrix = Self.defaults.matrix

  @Option(
    parsing: .upToNextOption,
    help: "Only the block of parameters with such names, like 'layer3.*'; default: all.")
  var parameters: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Only the block of parameters with such roles: \(ParameterRole.names).")
  var role: [ParameterRole] = []

  @Option(help: "Only the block of parameters where the array mask of an .npz file is not 0.")
  var mask: String?

  @Option(
    help: "Batch norm: inference (running statistics) or batch (statistics of each batch).")
  var batchNorm = Self.defaults.batchNorm

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize = Self.defaults.batchSize

  @Option(help: "Adds weight decay, this factor times ||w||^2 / 2, to the loss.")
  var weightDecay = Self.defaults.weightDecay

  @Option(help: "Seed of the random vectors, and of the labels of sampled-fisher.")
  var seed = Self.defaults.seed

  @Option(help: "Labels per sample of sampled-fisher.")
  var labelDraws = Self.defaults.labelDraws

  @Option(
    help: """
      Samples that a worker takes through the network at once; changes rounding only. (default: 16, \
      up to 512 where matrix products prevail)
      """)
  var microBatch: Int?

  @Option(
    help: """
      Memory of the process, like 8G or 500M: at most half for the vectors of a basis, and what \
      is left for activations that need not be computed again for every product.
      """)
  var memory = Self.defaults.memory

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: CurvatureConfiguration {
    var result = CurvatureConfiguration()
    result.matrix = matrix
    result.parameters = parameters
    result.roles = role
    result.mask = mask
    result.batchNorm = batchNorm
    result.batchSize = batchSize
    result.weightDecay = weightDecay
    result.seed = seed
    result.labelDraws = labelDraws
    result.microBatch = microBatch
    result.memory = memory
    return result
  }
}
