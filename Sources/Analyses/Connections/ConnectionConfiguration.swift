package import Training

/// How two networks are connected, and where the loss is looked at.
package struct ConnectionConfiguration: Codable, Equatable, Sendable {
  /// Shape and training of the curve.
  package var curve = CurveTrainingSettings()
  /// Places on curve and line, ends included.
  package var points = 61
  /// Disjoint parts of the samples, over which the error of a barrier is taken.
  package var parts = 10

  /// Creates the configuration: a Bezier curve with one bend, looked at in 61 places.
  package init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` or `TrainingError` naming the setting that is out of range.
  package func validate() throws {
    guard (3...10_001).contains(points) else {
      throw AnalysisError("\(.points) \(points) is outside 3 ... 10001")
    }
    try curve.validate()
  }
}
