internal import Checkpoints
package import Artifacts
internal import Datasets
internal import Foundation
internal import GraphRuntime
package import NeuralNetworks
package import Objectives

/// Which statistics batch norms use in an evaluation.
package struct EvaluationConfiguration: Codable, Equatable, Sendable {
  /// Running statistics, or those of each batch.
  package var batchNorm = NormalizationMode.inference
  /// Samples per batch where batch norms use statistics of batches.
  package var batchSize = 128

  /// Creates the configuration on running statistics.
  package init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  package func validate() throws(AnalysisError) {
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
  package func evaluation(
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
package struct EvaluationSummary: Codable, Equatable, Sendable {
  /// How the result came about.
  package let provenance: Provenance
  /// Name of the network.
  package let architecture: String
  /// Part of the data set.
  package let split: String
  /// What the loss is.
  package let lossFunction: Loss
  /// Mean loss.
  package let loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  package let metric: Metric?
  /// The metric.
  package let score: Double?
  /// Rows that are right, of `rows`, where the metric counts them.
  package let correct: Int?
  /// Rows that count.
  package let rows: Int
  /// Number of samples.
  package let samples: Int
  /// One line for the terminal.
  package let line: String

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
