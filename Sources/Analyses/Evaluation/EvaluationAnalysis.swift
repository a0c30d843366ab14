internal import Checkpoints
public import Artifacts
internal import Datasets
internal import Foundation
internal import GraphRuntime
public import NeuralNetworks
public import Objectives
internal import Settings

/// Which statistics batch norms use in an evaluation.
public struct EvaluationConfiguration: Codable, Equatable, Sendable {
  /// Running statistics, or those of each batch.
  public var batchNorm = NormalizationMode.inference
  /// Samples per batch where batch norms use statistics of batches.
  public var batchSize = 128

  /// Creates the configuration on running statistics.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    guard batchSize >= 2 else {
      throw AnalysisError("\(.batchSize) \(batchSize) is below 2")
    }
  }
}

extension OpenedModel {
  /// Loss and metric over the samples.
  ///
  /// - Parameters:
  ///   - configuration: Which statistics batch norms use.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: Loss and metric.
  /// - Throws: `AnalysisError` for the configuration and for a loss that is not finite, and the errors
  ///   of the risk.
  public func evaluation(
    _ configuration: EvaluationConfiguration = EvaluationConfiguration(),
    context: RunContext = RunContext()
  ) throws -> EvaluationSummary {
    let started = Date()
    try configuration.validate()
    let risk = try risk(
      RiskOptions(
        normalization: configuration.batchNorm, batchSize: configuration.batchSize,
        convolution: context.engine.convolution),
      pool: context.engine.pool())
    let value = try risk.value(at: trained.point)
    guard value.loss.isFinite else {
      throw lossError(
        value.loss, "on the \(data.split.rawValue) split", subject: "the weights")
    }
    let record = RunRecord(
      models: [self], context: context, seeds: [:],
      batchNormalization: configuration.batchNorm.rawValue, weightDecay: .inLoss(0),
      settings: ["batch size": "\(configuration.batchSize)"], started: started)
    return EvaluationSummary(
      provenance: record.finished(), architecture: trained.model.name,
      split: data.split.rawValue, lossFunction: loss.loss, value: value)
  }
}

/// Loss and metric over one split.
public struct EvaluationSummary: Codable, Equatable, Sendable {
  /// How the result came about.
  public let provenance: Provenance
  /// Name of the network.
  public let architecture: String
  /// Part of the data set.
  public let split: String
  /// What the loss is.
  public let lossFunction: Loss
  /// Mean loss.
  public let loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  public let metric: Metric?
  /// The metric.
  public let score: Double?
  /// Rows that are right, of `rows`, where the metric counts them.
  public let correct: Int?
  /// Rows that count.
  public let rows: Int
  /// Number of samples.
  public let samples: Int
  /// One line for the terminal.
  public let line: String

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
