import ArgumentParser
import Artifacts
import Checkpoints
import CommandSupport
import Datasets
import Foundation
import NeuralNetworks
import Objectives

/// `trainer evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Loss and right answers of a network over a data set.")

  @Argument(help: "Checkpoint: PyTorch, safetensors, or written by trainer.")
  var modelPath = "model.ckpt"

  @OptionGroup(title: "Model and data") var model: EvaluationData
  @OptionGroup(title: "Batch norm") var statistics: EvaluationStatistics
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var report: ReportOptions

  func run() throws {
    try runCommand {
      let pool = engine.pool()
      var results: [EvaluationSummary] = []
      for split in model.split.map({ [$0] }) ?? [.train, .test] {
        try Interruption.check()
        let started = Date()
        let opened: OpenedModel
        do {
          opened = try OpenedModel(
            path: modelPath, options: model.options(split),
            isQuiet: report.quiet || !results.isEmpty)
        } catch let error as DatasetError
          where error.reason == .noSuchSplit && model.split == nil
        {
          continue
        }
        let risk = try EmpiricalRisk(
          network: opened.model.network, samples: opened.sampleSet(),
          options: RiskOptions(
            normalization: statistics.batchNorm, batchSize: statistics.batchSize,
            convolution: engine.convolution),
          pool: pool)
        let value = try risk.value(
          at: opened.model.parameters.elements, state: opened.model.state.elements)
        guard value.loss.isFinite else {
          throw UsageError(
            description:
              "\(modelPath): the loss on the \(split.rawValue) split is \(value.loss); the "
              + "weights do not fit the data or its normalisation (--data, --normalize, --batch-norm)"
          )
        }
        let record = RunRecord(
          models: [opened], engine: engine, seeds: [:],
          batchNormalization: statistics.batchNorm.rawValue, weightDecay: .inLoss(0),
          settings: ["batch size": "\(statistics.batchSize)"], started: started)
        results.append(
          EvaluationSummary(
            provenance: record.finished(), architecture: opened.model.network.architecture.name,
            split: split.rawValue, loss: value.loss, correct: value.correct,
            samples: value.samples, accuracy: value.accuracy))
      }
      guard !results.isEmpty else {
        throw UsageError(
          description: "the data have neither a train nor a test split; nothing was evaluated")
      }
      try printResult(results, text: results.map(\.line), paths: [], asJSON: report.json)
    }
  }
}

/// Which network is evaluated on which samples.
struct EvaluationData: ParsableArguments {
  @Option(help: "Architecture, when names and shapes in the checkpoint do not tell.")
  var architecture: String?

  @Option(help: "Data set: digits, a folder or an .npz file; default: as trained.")
  var data: String?

  @Option(help: "Labels of CIFAR-100: fine or coarse; default: as trained, otherwise fine.")
  var labels: LabelChoice?

  @Option(help: "Channel normalisation; default: as trained.")
  var normalize: String?

  @Option(help: "Part of the data set; default: all that are there.")
  var split: DatasetSplit?

  @Option(help: "Number of samples, the first in file order; default: all.")
  var samples: Int?

  func validate() throws {
    if let samples, samples < 2 { throw ValidationError("--samples \(samples) is below 2.") }
    if split == .validation {
      throw ValidationError("--split validation is no part of a data set; use train or test.")
    }
  }

  /// The same for one part of the data set.
  func options(_ split: DatasetSplit) -> ModelOptions {
    var options = ModelOptions()
    options.architecture = architecture
    options.data = data
    options.labels = labels
    options.normalize = normalize
    options.split = split
    options.samples = samples
    return options
  }
}

/// Which statistics batch norms use.
struct EvaluationStatistics: ParsableArguments {
  @Option(help: "Batch norm: inference (running statistics) or batch (those of each batch).")
  var batchNorm = NormalizationMode.inference

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize = 128

  func validate() throws {
    guard batchSize >= 2 else { throw ValidationError("--batch-size \(batchSize) is below 2.") }
  }
}

/// Loss and right answers over one split.
struct EvaluationSummary: Codable {
  let provenance: Provenance
  let architecture: String
  let split: String
  let loss: Double
  let correct: Int
  let samples: Int
  let accuracy: Double

  /// One line for the terminal.
  var line: String {
    "\(split): \(correct) of \(samples) right (\(text(100 * accuracy)) %), loss "
      + String(format: "%.7g", loss)
  }
}
