import ArgumentParser
import Artifacts
import CommandSupport
import Datasets
import Foundation
import NeuralNetworks
import Training

/// `trainer train`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network and write it as model.ckpt.",
    discussion: """
      After every epoch the folder has last.ckpt (to continue from), best.ckpt (the epoch with \
      most right answers on the part held out), and the history as CSV and JSON. The test split \
      is evaluated once at the end and decides nothing.
      """)

  @Option(help: "Gradient rule: sgd, sam, asam, ssam-f or ssam-d.")
  var optimizer = OptimizerName.sgd

  @OptionGroup(title: "Training") var training: TrainOptions
  @OptionGroup(title: "Sharpness-aware minimisation") var sharpness: SharpnessOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions

  @Option(name: .shortAndLong, help: "Folder for the results; default: the current one.")
  var output = "."

  @Flag(help: "Replace what an earlier training left in the folder.")
  var restart = false

  @OptionGroup(title: "Output") var report: ReportOptions

  func validate() throws {
    do {
      _ = try sharpness.settings(optimizer)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    try runCommand {
      let configuration = try training.configuration(
        sharpness: sharpness.settings(optimizer), engine: engine)
      let summary = try TrainingSession(
        configuration: configuration, folder: output, restart: restart, engine: engine,
        isQuiet: report.quiet
      ).run()
      let files = TrainingFiles(folder: output)
      var paths = [files.model, files.last]
      if summary.result.best != nil { paths.append(files.best) }
      try printResult(
        summary, text: [summary.line], paths: paths + [files.historyTable, files.summary],
        asJSON: report.json)
    }
  }
}

/// One training from its configuration to its summary, with progress on stderr.
struct TrainingSession {
  let configuration: TrainingConfiguration
  let folder: String
  let restart: Bool
  let engine: EngineOptions
  let isQuiet: Bool

  /// Trains, or continues a training, and writes the summary.
  func run() throws -> TrainingSummary {
    let started = Date()
    let training = try TrainingRun(
      configuration, folder: folder, restart: restart, pool: engine.pool())
    let trainer = training.trainer
    if !isQuiet {
      note(
        "\(configuration.architecture.name) with \(trainer.network.layout.count) parameters, "
          + "\(trainer.data.training.count) training images of \(trainer.data.name), "
          + "\(trainer.data.validation?.count ?? 0) held out")
      if training.resumedEpochs > 0 {
        note("continues after epoch \(training.resumedEpochs) of \(configuration.epochs)")
      }
    }
    let progress = Progress("training", isQuiet: isQuiet)
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

/// What `summary.json` of a training holds.
struct TrainingSummary: Codable {
  let provenance: Provenance
  let configuration: TrainingConfiguration
  /// Normalisation with its values resolved.
  let normalization: String
  let parameters: Int
  let result: TrainingResult

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
