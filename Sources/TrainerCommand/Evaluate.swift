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
    abstract: "Loss and metric of a network over a data set.")

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
      var identification: Identification?
      for split in model.split.map({ [$0] }) ?? DatasetSplit.allCases {
        try Interruption.check()
        let started = Date()
        let opened: OpenedModel
        do {
          opened = try OpenedModel(
            path: modelPath, options: model.options(split),
            isQuiet: report.quiet || !results.isEmpty, identified: identification)
          identification = opened.identification
        } catch let error as DatasetError
          where error.reason == .noSuchSplit && model.split == nil
        {
          continue
        }
        let risk = try opened.risk(
          RiskOptions(
            normalization: statistics.batchNorm, batchSize: statistics.batchSize,
            convolution: engine.convolution),
          pool: pool)
        let value = try risk.value(at: opened.trained.point)
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
            provenance: record.finished(), architecture: opened.trained.model.name,
            split: split.rawValue, lossFunction: opened.loss.loss, value: value))
      }
      guard !results.isEmpty else {
        throw UsageError(
          description: "the data have no split; nothing was evaluated")
      }
      try printResult(results, text: results.map(\.line), paths: [], asJSON: report.json)
    }
  }
}

/// Which network is evaluated on which samples.
struct EvaluationData: ParsableArguments {
  @Option(
    help: "Architecture: a name or a list of layers; default: as trained, otherwise measured.")
  var architecture: String?

  @Option(help: "\(dataHelp); default: as trained.")
  var data: String?

  @OptionGroup var images: ImageOptions

  @Option(help: "Labels of CIFAR-100: fine or coarse; default: as trained, otherwise fine.")
  var labels: LabelChoice?

  @Option(help: "Channel normalisation; default: as trained, otherwise measured.")
  var normalize: String?

  @Option(help: "Loss; default: as trained, otherwise that which suits the targets.")
  var loss: Loss.Kind?

  @Option(help: "Weight of each class in the mean loss, separated by commas.")
  var classWeights: String?

  @Option(help: "Targets: array or next-token; default: as trained, else what the data have.")
  var target: TargetChoice?

  @Option(help: "Tokens of a sample: longer rows of the data, or one long text, are cut.")
  var context: Int?

  @Option(
    parsing: .unconditional,
    help: """
      Another class of rows that do not count, beside -100, where targets are whole numbers; default: as trained.
      """)
  var ignoreClass: Int?

  @OptionGroup var graph: GraphOptions

  @Option(help: "Part of the data set; default: all that are there.")
  var split: DatasetSplit?

  @Option(help: "Number of samples, the first in file order; default: all.")
  var samples: Int?

  func validate() throws {
    if let context, context < 2 { throw ValidationError("--context \(context) is below 2.") }
    if let samples, samples < 2 { throw ValidationError("--samples \(samples) is below 2.") }
  }

  /// The same for one part of the data set.
  func options(_ split: DatasetSplit) -> ModelOptions {
    var options = ModelOptions()
    options.graph = graph
    options.architecture = architecture
    options.data = data
    options.images = images
    options.labels = labels
    options.normalize = normalize
    options.loss = loss
    options.classWeights = classWeights
    options.target = target
    options.context = context
    options.ignoreClass = ignoreClass
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

/// Loss and metric over one split.
struct EvaluationSummary: Codable {
  let provenance: Provenance
  let architecture: String
  let split: String
  /// What the loss is.
  let lossFunction: Loss
  let loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  let metric: Metric?
  let score: Double?
  /// Rows that are right, of `rows`, where the metric counts them.
  let correct: Int?
  let rows: Int
  let samples: Int
  /// One line for the terminal.
  let line: String

  init(
    provenance: Provenance, architecture: String, split: String, lossFunction: Loss,
    value: RiskValue
  ) {
    self.provenance = provenance
    self.architecture = architecture
    self.split = split
    self.lossFunction = lossFunction
    loss = value.loss
    metric = value.metric
    score = value.finiteScore
    correct = value.metric?.isShare == true ? value.correct : nil
    rows = value.rows
    samples = value.samples
    line =
      "\(split): " + (value.text.map { "\($0), " } ?? "") + "loss "
      + String(format: "%.7g", value.loss)
  }
}
