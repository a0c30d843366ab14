internal import Checkpoints
internal import Datasets
internal import FileFormats
internal import GraphRuntime
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives

/// Everything that the values of a surface depend on: a journal with another configuration is not continued.
struct SurfaceDependencies: Encodable {
  let model: String
  let data: String
  let samples: Int
  let normalization: String
  let loss: Loss
  let directions: String
  let x: GridAxis
  let y: GridAxis?
  let batchNorm: SurfaceNormalization
  let batchSize: Int
  let statistics: String?
  let weightDecay: Double
  let convolution: String
  let libraries: [String: String]
  let version: String

  /// Collects them.
  ///
  /// - Parameters:
  ///   - model: The network and its samples.
  ///   - configuration: What is evaluated at the points.
  ///   - context: The algorithms.
  ///   - directions: What tells the directions from others.
  ///   - statistics: What running statistics are along a line between checkpoints.
  ///   - x: Coordinates along the first direction.
  ///   - y: Coordinates along the second direction, if there is one.
  init(
    of model: OpenedModel, _ configuration: SurfaceConfiguration, _ context: RunContext,
    directions: String, statistics: String? = nil, x: GridAxis, y: GridAxis?
  ) {
    self.model = model.sha256
    data = model.dataDigest
    samples = model.data.count
    normalization = model.data.normalization
    loss = model.loss.loss
    self.directions = directions
    self.x = x
    self.y = y
    batchNorm = configuration.batchNorm
    batchSize = configuration.batchSize
    self.statistics = statistics
    weightDecay = configuration.weightDecay
    convolution = context.engine.convolution.rawValue
    libraries = Toolkit.libraries
    version = Toolkit.version
  }

  /// SHA-256 over the bytes of axes.
  static func digest(_ axes: [Vector<Float>]) -> String {
    SHA256.hexDigest(of: axes.flatMap { NumericArray($0.array).bytes })
  }
}
