internal import GraphRuntime
public import LossSurfaces
internal import LinearAlgebra
internal import NeuralNetworks
internal import Objectives
internal import Settings

/// Directions of a surface or line, and what is evaluated at its points.
public struct SurfaceConfiguration: Codable, Equatable, Sendable {
  /// Seed of the random directions.
  public var seed: UInt64 = 0
  /// How directions are scaled to the weights.
  public var normalization = DirectionNormalization.filter
  /// What directions are in tensors with one axis.
  public var vectors = VectorTreatment.biasbn
  /// File of directions, see `DirectionPair.init(file:)`; nil for random ones.
  public var directionsFile: String?
  /// Whether the directions are written to `directions.npz` in the folder of the run.
  public var savesDirections = false
  /// Which statistics batch norms use.
  public var batchNorm = SurfaceNormalization.inference
  /// Samples per batch where batch norms use statistics of batches.
  public var batchSize = 128
  /// Factor of `||w||^2 / 2` in the loss; 0 leaves weight decay out.
  public var weightDecay = 0.0

  /// Creates the configuration of the published figures.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    try checkPoint(batchSize: batchSize, weightDecay: weightDecay)
  }

  func riskOptions(_ engine: EngineSettings) -> RiskOptions {
    RiskOptions(
      normalization: batchNorm == .batch ? .batch : .inference, batchSize: batchSize,
      weightDecay: weightDecay, convolution: engine.convolution)
  }

  /// The directions for a model.
  func pair(for weights: ParameterVector, pool: WorkerPool) throws -> DirectionPair {
    if let directionsFile {
      return try DirectionPair(
        file: directionsFile, weights: weights, normalization: normalization, vectors: vectors)
    }
    return DirectionPair(
      seed: seed, weights: weights, normalization: normalization, vectors: vectors, pool: pool)
  }
}

/// Checks how a loss is evaluated at a point.
func checkPoint(batchSize: Int, weightDecay: Double) throws(AnalysisError) {
  guard batchSize >= 2 else {
    throw AnalysisError("\(.batchSize) \(batchSize) is below 2")
  }
  guard weightDecay >= 0, weightDecay.isFinite else {
    throw AnalysisError("\(.weightDecay) \(weightDecay) is negative or not finite")
  }
}

extension GridAxis {
  /// `-1:1:50`, the axis of the published figures.
  public static var standard: GridAxis { constant(-1, 1, 50) }

  /// `-1:1:51`, the axis of a line along one direction.
  public static var standardOfLines: GridAxis { constant(-1, 1, 51) }

  /// `-0.5:1.5:51`, the axis of a line between checkpoints at 0 and 1.
  public static var standardBetweenModels: GridAxis { constant(-0.5, 1.5, 51) }

  static func constant(_ first: Double, _ last: Double, _ count: Int) -> GridAxis {
    guard let axis = GridAxis(first: first, last: last, count: count) else {
      preconditionFailure("a constant axis is valid")
    }
    return axis
  }
}
