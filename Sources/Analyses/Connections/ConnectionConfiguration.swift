public import Training
internal import Settings

/// How two networks are connected, and where the loss is looked at.
public struct ConnectionConfiguration: Codable, Equatable, Sendable {
  /// Shape and training of the curve.
  public var curve = CurveTrainingSettings()
  /// Places on curve and line, ends included.
  public var points = 61
  /// Disjoint parts of the samples, over which the error of a barrier is taken.
  public var parts = 10

  /// Creates the configuration: a Bezier curve with one bend, looked at in 61 places.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` or `TrainingError` naming the setting that is out of range.
  public func validate() throws {
    guard (3...10_001).contains(points) else {
      throw AnalysisError("\(.points) \(points) is outside 3 ... 10001")
    }
    try curve.validate()
  }
}
