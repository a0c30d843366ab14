internal import Objectives
public import Artifacts
public import Training

/// What `summary.json` of a training holds.
public struct TrainingSummary: Codable, Sendable {
  /// How the result came about.
  public let provenance: Provenance
  /// The settings.
  package let configuration: TrainingConfiguration
  /// Normalisation with its values resolved.
  public let normalization: String
  /// Parameters of the network.
  public let parameters: Int
  /// What the training led to.
  public let result: TrainingResult

  /// The summary in a file; nil where there is none or it is damaged.
  ///
  /// - Throws: `ArtifactError.newerForm`.
  public static func found(at path: String) throws(ArtifactError) -> TrainingSummary? {
    do throws(ArtifactError) {
      return try JSON.read(TrainingSummary.self, from: path)
    } catch {
      if case .newerForm = error { throw error }
      return nil
    }
  }
}

extension EpochRecord {
  /// How good the best epoch was on the part held out.
  public var bestText: String {
    let what =
      metric.flatMap { metric in validationScore.map { metric.text($0) } }
      ?? "loss \(fourDigits(validationLoss ?? .nan))"
    return "best on the part held out: \(what) in epoch \(epoch)"
  }
}
