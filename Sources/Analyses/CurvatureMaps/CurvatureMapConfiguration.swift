internal import Krylov
public import LossSurfaces
internal import NeuralNetworks
internal import Settings

/// Of which plane the curvature is mapped, and how exactly.
public struct CurvatureMapConfiguration: Codable, Equatable, Sendable {
  /// Directions, and which loss is looked at: statistics of batch norms, weight decay.
  public var surface = SurfaceConfiguration()
  /// Products with the Hessian at each point at most; four times as many where a search begins without a
  /// neighbour.
  public var steps = 40
  /// A residual bound of at most this share of its eigenvalue is convergence.
  ///
  /// The error of an eigenvalue is about the square of its bound over the distance to the next one. Smallest
  /// eigenvalues lie close together: of ResNet-20's at its weights, -0.677, a tolerance of 0.03 takes 5 % away.
  public var tolerance = 0.01
  /// Ritz vectors of each end whose sum a point hands to its neighbours.
  public var handed = 2
  /// Memory of the process, see `CurvatureConfiguration`.
  public var memory = ByteCount.halfOfFreeMemory

  /// Creates the configuration.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    try surface.validate()
    guard (8...1000).contains(steps) else {
      throw AnalysisError("\(.steps) \(steps) is outside 8 ... 1000")
    }
    guard tolerance > 0, tolerance < 1 else {
      throw AnalysisError("\(.tolerance) \(tolerance) is outside 0 ... 1")
    }
    guard (1...4).contains(handed) else {
      throw AnalysisError("\(handed) vectors to hand on are outside 1 ... 4")
    }
  }

  /// The Hessian that is multiplied by.
  var curvature: CurvatureConfiguration {
    var result = CurvatureConfiguration()
    result.batchNorm = surface.batchNorm == .batch ? .batch : .inference
    result.batchSize = surface.batchSize
    result.weightDecay = surface.weightDecay
    result.seed = surface.seed
    result.memory = memory
    return result
  }

  /// How a search goes; `isFirst` for one without a neighbour.
  func search(isFirst: Bool) throws -> LanczosSettings {
    try LanczosSettings(
      largest: 1, smallest: 1, maximumSteps: isFirst ? 4 * steps : steps, tolerance: tolerance)
  }
}

extension GridAxis {
  /// `-1:1:21`, the axis of a curvature map.
  public static var standardOfMaps: GridAxis { constant(-1, 1, 21) }
}
