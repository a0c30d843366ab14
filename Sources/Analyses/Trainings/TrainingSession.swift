internal import Artifacts
internal import Communication
package import Datasets
internal import Foundation
package import NeuralNetworks
internal import Objectives
package import Training

/// One training from its configuration to its summary.
package struct TrainingSession {
  /// The settings.
  package let configuration: TrainingConfiguration
  /// First weights where the configuration names a checkpoint.
  package let start: ModelPoint?
  /// The data, where they were found before; nil for those that the configuration names.
  package let found: FoundData?
  /// Path of the folder that gets checkpoints, history and summary; an interrupted training in it is
  /// continued to the same bits.
  package let folder: String
  /// Whether a training in the folder is given up.
  package let restart: Bool
  /// Which epochs leave a checkpoint of their own in the folder; nil for none.
  package let keeping: KeptEpochs?
  /// Heading of the progress.
  package var title = "training"
  /// Whether size of network and data are told.
  package var introducesNetwork = true

  /// Prepares a training.
  package init(
    configuration: TrainingConfiguration, start: ModelPoint?, found: FoundData? = nil,
    folder: String, restart: Bool = false, keeping: KeptEpochs? = nil
  ) {
    self.configuration = configuration
    self.start = start
    self.found = found
    self.folder = folder
    self.restart = restart
    self.keeping = keeping
  }

  /// Everything that the steps of a training depend on.
  private struct Dependencies: Encodable {
    let configuration: TrainingConfiguration
    let data: String
    let normalization: String
    let libraries: [String: String]
    let version: String
  }

  /// Trains, or continues a training, and writes the summary.
  ///
  /// Ranks train together; the first one has the folder.
  ///
  /// - Parameter context: Threads, progress and cancellation.
  /// - Returns: The summary.
  /// - Throws: `TrainingError` for the settings and for what the folder holds, the errors of data and
  ///   checkpoints, and what cancels the run.
  package func run(context: RunContext = RunContext()) throws -> TrainingSummary {
    let started = Date()
    try configuration.validate()
    let ranks = context.ranks.communicator
    let data = try TrainingData(configuration.data, seed: configuration.seed, found: found)
    try context.agree(
      on: Dependencies(
        configuration: configuration, data: data.digest, normalization: data.normalization,
        libraries: Toolkit.libraries, version: Toolkit.version), sharesSums: true)
    let training = try TrainingRun(
      configuration, data: data, start: start, folder: folder, restart: restart,
      keeping: keeping, pool: context.engine.pool(), ranks: ranks)
    let trainer = training.trainer
    introduce(training, to: context)
    let result = try context.work(title) { work in
      try training.run { step in
        try context.checkCancellation()
        let done = (step.epoch - 1) * step.stepsPerEpoch + step.step
        work.show(
          done, of: configuration.epochs * step.stepsPerEpoch,
          detail: "epoch \(step.epoch), loss \(fourDigits(step.loss))"
            + (trainer.loss.metric.map { ", " + $0.text(step.score) } ?? ""))
      }
    }
    let summary = TrainingSummary(
      provenance: record(of: trainer, started: started, context).finished(
        seconds: result.seconds),
      configuration: configuration, normalization: trainer.data.normalization,
      parameters: trainer.model.layout.count, result: result)
    if ranks.isFirst { try JSON.write(summary, to: training.files.summary) }
    return summary
  }

  /// Says what is trained, and where it goes on.
  private func introduce(_ training: TrainingRun, to context: RunContext) {
    let trainer = training.trainer
    if introducesNetwork {
      context.remark(
        "\(trainer.model.name) with \(trainer.model.layout.count) parameters, "
          + "\(trainer.data.training.count) training samples of \(trainer.data.name), "
          + "\(trainer.data.validation?.count ?? 0) \(trainer.data.heldOut > 0 ? "held out" : "for validation")"
      )
    }
    if training.resumedEpochs > 0 {
      context.remark(
        "continues after epoch \(training.resumedEpochs) of \(configuration.epochs)")
    }
    let missing = training.missingEpochs
    if !missing.isEmpty {
      let shown = missing.prefix(6).map(String.init).joined(separator: ", ")
      context.remark(
        "epochs \(shown)\(missing.count > 6 ? ", ..." : "") were done before without being kept; a "
          + "training from its start keeps all")
    }
  }

  private func record(of trainer: Trainer, started: Date, _ context: RunContext) -> RunRecord {
    let held = trainer.data.heldOut
    return RunRecord(
      data: Provenance.DataSource(
        name: trainer.data.name, split: "train", digest: trainer.data.digest,
        samples: trainer.data.training.count + held, path: configuration.data.path),
      labels: configuration.data.labels, normalization: trainer.data.normalization,
      convolution: configuration.convolution, context: context,
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
  }
}
