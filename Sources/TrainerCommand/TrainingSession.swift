import Artifacts
import CommandSupport
import Datasets
import Foundation
import NeuralNetworks
import Objectives
import Training

/// One training from its configuration to its summary, with progress on stderr.
struct TrainingSession {
  let configuration: TrainingConfiguration
  /// First weights where the configuration names a checkpoint.
  let start: ModelPoint?
  let folder: String
  let restart: Bool
  let engine: EngineOptions
  let isQuiet: Bool
  /// Heading of the progress report.
  var title = "training"
  /// Whether size of network and data are told.
  var introducesNetwork = true

  /// Trains, or continues a training, and writes the summary.
  func run() throws -> TrainingSummary {
    let started = Date()
    let training = try TrainingRun(
      configuration, start: start, folder: folder, restart: restart, pool: engine.pool())
    let trainer = training.trainer
    if !isQuiet, introducesNetwork {
      note(
        "\(trainer.model.name) with \(trainer.model.layout.count) parameters, "
          + "\(trainer.data.training.count) training samples of \(trainer.data.name), "
          + "\(trainer.data.validation?.count ?? 0) "
          + (trainer.data.heldOut > 0 ? "held out" : "for validation"))
    }
    if !isQuiet, training.resumedEpochs > 0 {
      note("continues after epoch \(training.resumedEpochs) of \(configuration.epochs)")
    }
    let progress = Progress(title, isQuiet: isQuiet)
    let result = try training.run { step in
      try Interruption.check()
      let done = (step.epoch - 1) * step.stepsPerEpoch + step.step
      progress.show(
        done, of: configuration.epochs * step.stepsPerEpoch,
        detail: "epoch \(step.epoch), loss \(text(step.loss))"
          + (trainer.loss.metric.map { ", " + $0.text(step.score) } ?? ""))
    }
    progress.end()
    let held = trainer.data.heldOut
    let record = RunRecord(
      data: Provenance.DataSource(
        name: trainer.data.name, split: "train", digest: trainer.data.digest,
        samples: trainer.data.training.count + held, path: configuration.data.path),
      labels: configuration.data.labels, normalization: trainer.data.normalization,
      convolution: configuration.convolution, engine: engine,
      seeds: ["training": configuration.seed],
      batchNormalization: NormalizationMode.batch.rawValue,
      weightDecay: .inStep(configuration.optimizer.weightDecay),
      settings: [
        "samples held out": "\(held)", "loss": trainer.loss.loss.kind.rawValue,
        "optimizer": configuration.optimizerName.rawValue,
        "start": configuration.start.map { "\($0.path), SHA-256 \($0.sha256)" },
        "target": configuration.data.target?.rawValue,
        "context": configuration.data.context.map(String.init),
        "view": configuration.data.view?.description,
      ].compactMapValues(\.self),
      started: started)
    let summary = TrainingSummary(
      provenance: record.finished(seconds: result.seconds), configuration: configuration,
      normalization: trainer.data.normalization,
      parameters: trainer.model.layout.count, result: result)
    try JSON.write(summary, to: training.files.summary)
    return summary
  }
}
