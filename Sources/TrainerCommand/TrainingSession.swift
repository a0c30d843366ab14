import Artifacts
import CommandSupport
import Datasets
import Foundation
import NeuralNetworks
import Training

/// One training from its configuration to its summary, with progress on stderr.
struct TrainingSession {
  let configuration: TrainingConfiguration
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
      configuration, folder: folder, restart: restart, pool: engine.pool())
    let trainer = training.trainer
    if !isQuiet, introducesNetwork {
      note(
        "\(configuration.architecture.name) with \(trainer.network.layout.count) parameters, "
          + "\(trainer.data.training.count) training images of \(trainer.data.name), "
          + "\(trainer.data.validation?.count ?? 0) held out")
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
        detail: "epoch \(step.epoch), loss \(text(step.loss)), "
          + "\(text(100 * step.accuracy)) % right")
    }
    progress.end()
    var provenance = Provenance(
      command: CommandLine.arguments, version: Toolkit.version, threads: engine.threads,
      date: started)
    provenance.seeds = ["training": configuration.seed]
    provenance.data = .init(
      name: trainer.data.name, split: "train", digest: trainer.data.digest,
      samples: trainer.data.training.count)
    provenance.libraries = EngineOptions.libraries
    provenance.weightDecay = configuration.optimizer.weightDecay
    provenance.lossIncludesWeightDecay = false
    provenance.wallSeconds = result.seconds
    let summary = TrainingSummary(
      provenance: provenance, configuration: configuration,
      normalization: trainer.data.normalization.description,
      parameters: trainer.network.layout.count, result: result)
    try JSON.write(summary, to: training.files.summary)
    return summary
  }
}
