public import LossSurfaces
internal import Settings

/// Along which directions profiles are taken, and at which level their width.
public struct ProfilesConfiguration: Codable, Equatable, Sendable {
  /// Pairs of random directions; both directions of a pair have a profile.
  public var pairs = 10
  /// How far the loss must rise above that at the weights for the width.
  public var rise = 0.5
  /// Seed and normalisation of the directions, and what is evaluated at the points.
  public var surface = SurfaceConfiguration()

  /// Creates the configuration with 10 pairs and a rise of 0.5.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    try surface.validate()
    guard (1...1000).contains(pairs) else {
      throw AnalysisError("\(.pairs) \(pairs) is outside 1 ... 1000")
    }
    guard rise > 0, rise.isFinite else {
      throw AnalysisError("\(.rise) \(rise) is not above 0")
    }
    guard surface.directionsFile == nil, !surface.savesDirections else {
      throw AnalysisError(
        "\(.pairs) draws random directions; it goes with neither \(.directions) nor "
          + "\(.saveDirections)")
    }
  }

  /// Checks that profiles go through the weights.
  ///
  /// - Throws: `AnalysisError` that names the axis.
  public static func check(_ x: GridAxis) throws(AnalysisError) {
    try OpenedModel.checkLine(x)
    guard x.first <= 0, x.last >= 0 else {
      throw AnalysisError("\(.x) \(x) leaves out 0, the weights themselves")
    }
  }
}
