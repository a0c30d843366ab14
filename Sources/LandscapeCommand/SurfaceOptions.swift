import ArgumentParser
import CommandSupport
import GraphRuntime
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives

extension GridAxis: ExpressibleByArgument {
  /// Parses `FIRST:LAST:COUNT`.
  package init?(argument: String) { self.init(parsing: argument) }

  /// Text for `--help`.
  package var defaultValueDescription: String { description }
}

extension DirectionNormalization: ExpressibleByArgument {}
extension VectorTreatment: ExpressibleByArgument {}
extension SurfaceNormalization: ExpressibleByArgument {}

/// Directions and what is evaluated at the points.
struct SurfaceOptions: ParsableArguments {
  @Option(help: "Seed of the random directions.")
  var seed: UInt64 = 0

  @Option(
    help: """
      Normalisation of the directions: dfilter gives filters norm 1, dlayer tensors norm 1, model \
      the whole direction the norm of the weights.
      """)
  var norm: DirectionNormalization = .filter

  @Option(
    help: "Tensors with one axis (biases, batch norm): biasbn leaves them out, none does not.")
  var ignore: VectorTreatment = .biasbn

  @Option(
    help: """
      Directions from an .npz file: arrays x and y, or raw_x and raw_y to normalise, or the \
      eigenvectors.npz of hessian spectrum (the first two).
      """)
  var directions: String?

  @Flag(help: "Write the directions to directions.npz in the output folder.")
  var saveDirections = false

  @Option(
    help: """
      Batch norm: inference (running statistics), batch (statistics of each batch) or \
      recalibrated (running statistics estimated anew at every point).
      """)
  var batchNorm: SurfaceNormalization = .inference

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize: Int = 128

  @Option(help: "Adds weight decay, this factor times ||w||^2 / 2, to the loss.")
  var weightDecay: Double = 0

  func validate() throws {
    guard batchSize >= 2 else { throw ValidationError("--batch-size \(batchSize) is below 2.") }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--weight-decay \(weightDecay) is negative or not finite.")
    }
  }

  func riskOptions(_ engine: EngineOptions) -> RiskOptions {
    RiskOptions(
      normalization: batchNorm == .batch ? .batch : .inference, batchSize: batchSize,
      weightDecay: weightDecay, convolution: engine.convolution)
  }

  /// The directions for a model.
  func pair(for weights: ParameterVector, pool: WorkerPool) throws -> DirectionPair {
    if let directions {
      return try DirectionPair(
        file: directions, weights: weights, normalization: norm, vectors: ignore)
    }
    return DirectionPair(
      seed: seed, weights: weights, normalization: norm, vectors: ignore, pool: pool)
  }
}
