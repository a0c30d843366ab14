internal import Foundation
public import LossSurfaces
internal import Settings

/// The plane of paths of weights, and what is evaluated in it.
public struct TrajectoryConfiguration: Codable, Equatable, Sendable {
  /// Coordinates along the first component; nil for the range of the paths with a margin.
  public var x: GridAxis?
  /// Coordinates along the second component; nil for the range of the paths with a margin.
  public var y: GridAxis?
  /// Points along an axis whose range is that of the paths.
  public var points = 50
  /// Which statistics batch norms use.
  public var batchNorm = SurfaceNormalization.inference
  /// Samples per batch where batch norms use statistics of batches.
  public var batchSize = 128
  /// Factor of `||w||^2 / 2` in the loss; 0 leaves weight decay out.
  public var weightDecay = 0.0
  /// Seed of the random walks.
  public var seed: UInt64 = 0
  /// Random walks that each path is compared with.
  public var walks = 32
  /// Whether the components are written to `directions.npz` in the folder of the run.
  public var savesDirections = false
  /// Memory for the weights of checkpoints; where it holds fewer, they are read several times.
  public var memory = ByteCount.halfOfFreeMemory

  /// Creates the configuration with a range from the paths.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    for axis in [x, y] {
      if let axis, axis.count < 2 {
        throw AnalysisError("A surface needs at least 2 points along \(.x) and \(.y)")
      }
    }
    guard (2...GridAxis.maximumCount).contains(points) else {
      throw AnalysisError("\(.points) \(points) is outside 2 ... \(GridAxis.maximumCount)")
    }
    guard (2...10_000).contains(walks) else {
      throw AnalysisError("\(.walks) \(walks) is outside 2 ... 10000")
    }
    try checkPoint(batchSize: batchSize, weightDecay: weightDecay)
  }

  /// What is evaluated at the points of the plane.
  var surface: SurfaceConfiguration {
    var result = SurfaceConfiguration()
    result.batchNorm = batchNorm
    result.batchSize = batchSize
    result.weightDecay = weightDecay
    return result
  }

  /// The axes: those that are given, otherwise the range of positions with a seventh of it on both sides.
  ///
  /// Coordinates along both axes are distances in the space of weights, so the shorter range gets at
  /// least half of the longer one: a strip would show the loss beside the path nowhere.
  ///
  /// - Parameter positions: Coordinates of the checkpoints.
  /// - Returns: Coordinates along both axes.
  public func axes(around positions: [[Double]]) -> (x: GridAxis, y: GridAxis) {
    var ranges = (0..<2).map { axis in
      let values = positions.map { $0[axis] } + [0]
      return (low: values.min() ?? 0, high: values.max() ?? 0)
    }
    let longest = max(ranges[0].high - ranges[0].low, ranges[1].high - ranges[1].low)
    // Round to some hundredths of the range: short numbers in texts.
    let scale = 50 / pow(10, log10(longest).rounded(.down))
    for axis in 0..<2 {
      let span = ranges[axis].high - ranges[axis].low
      let margin = max(span / 7, (longest * 9 / 14 - span) / 2)
      ranges[axis] = (
        ((ranges[axis].low - margin) * scale).rounded(.down) / scale,
        ((ranges[axis].high + margin) * scale).rounded(.up) / scale
      )
    }
    func axis(_ given: GridAxis?, _ range: (low: Double, high: Double)) -> GridAxis {
      guard let axis = given ?? GridAxis(first: range.low, last: range.high, count: points) else {
        preconditionFailure("a path that is no point has a range")
      }
      return axis
    }
    return (axis(x, ranges[0]), axis(y, ranges[1]))
  }
}
