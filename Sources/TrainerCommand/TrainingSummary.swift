import Artifacts
import CommandSupport
import Foundation
import NeuralNetworks
import Training

/// What `summary.json` of a training holds.
struct TrainingSummary: Codable {
  let provenance: Provenance
  let configuration: TrainingConfiguration
  /// Normalisation with its values resolved.
  let normalization: String
  let parameters: Int
  let result: TrainingResult

  /// The summary in a file; nil where there is none or it is damaged.
  ///
  /// - Throws: `ArtifactError.newerForm`.
  static func found(at path: String) throws(ArtifactError) -> TrainingSummary? {
    do throws(ArtifactError) {
      return try JSON.read(TrainingSummary.self, from: path)
    } catch {
      if case .newerForm = error { throw error }
      return nil
    }
  }

  /// One line for the terminal.
  var line: String {
    var line =
      "\(configuration.architecture.name): \(result.epochs) epochs, "
      + "training loss \(text(result.last.trainingLoss))"
    if let best = result.best, let accuracy = best.validationAccuracy {
      line += ", best on the part held out \(text(100 * accuracy)) % in epoch \(best.epoch)"
    }
    if let accuracy = result.testAccuracy, let loss = result.testLoss {
      line += ", test accuracy \(text(100 * accuracy)) %, test loss \(text(loss))"
    }
    return line + "; \(Progress.duration(result.seconds))"
  }
}

/// A number with four significant digits.
func text(_ value: Double) -> String { String(format: "%.4g", value) }
