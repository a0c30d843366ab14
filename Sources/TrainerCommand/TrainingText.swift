import Analyses
import Artifacts
import CommandSupport
import NeuralNetworks
import Objectives
import Training

/// What `trainer train` and `trainer curves` print.
enum TrainingText {
  /// What a training led to, in a line.
  static func line(_ summary: TrainingSummary) -> String {
    let (configuration, result) = (summary.configuration, summary.result)
    var line =
      "\(configuration.architecture.definition.modelName), "
      + "\(configuration.optimizerName.rawValue): \(result.epochs) epochs, "
      + "training loss \(fourDigits(result.last.trainingLoss))"
    if let best = result.best { line += ", " + best.bestText }
    if let loss = result.testLoss {
      if let metric = result.metric, let score = result.testScore {
        line += ", test " + metric.text(score)
      }
      line += ", test loss \(fourDigits(loss))"
    }
    line += "; \(durationText(result.seconds))"
    return line + (summary.provenance.distribution.map { "; \($0.text)" } ?? "")
  }

  /// How far a training is, in a line.
  static func line(_ curve: TrainingCurve) -> String {
    var line =
      "\(curve.label): \(curve.last.epoch) epochs, training loss \(fourDigits(curve.last.trainingLoss))"
    if let best = curve.history.best { line += ", " + best.bestText }
    return line
  }
}
