import Artifacts
import CommandSupport
import Foundation
import NeuralNetworks
import Objectives
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
      "\(configuration.architecture.definition.modelName), "
      + "\(configuration.optimizerName.rawValue): \(result.epochs) epochs, "
      + "training loss \(text(result.last.trainingLoss))"
    if let best = result.best { line += ", " + best.bestText }
    if let loss = result.testLoss {
      if let metric = result.metric, let score = result.testScore {
        line += ", test " + metric.text(score)
      }
      line += ", test loss \(text(loss))"
    }
    return line + "; \(Progress.duration(result.seconds))"
  }
}

extension EpochRecord {
  /// How good the best epoch was on the part held out.
  var bestText: String {
    let what =
      metric.flatMap { metric in validationScore.map { metric.text($0) } }
      ?? "loss \(text(validationLoss ?? .nan))"
    return "best on the part held out: \(what) in epoch \(epoch)"
  }
}

/// A number with four significant digits.
func text(_ value: Double) -> String { String(format: "%.4g", value) }
