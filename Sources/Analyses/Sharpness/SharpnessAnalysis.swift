internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import NeuralNetworks
internal import Objectives

extension OpenedModel {
  /// How much higher the loss is in balls around the weights: its maximum, as far as ascents find it, or its mean.
  ///
  /// - Parameters:
  ///   - configuration: Measures, radii, and how they are computed.
  ///   - folder: Gets finished ascents and perturbations (`sharpness.journal`, with which the same call
  ///     continues an interrupted run to the same bits) and `summary.json`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The values. A maximum is the best found, which is a lower bound.
  /// - Throws: `AnalysisError` for the configuration and for a loss at the weights that is not finite, `ArtifactError`
  ///   for the folder, and what cancels the run.
  /// - Complexity: For a maximum `restarts (steps + 1)` gradients, for a mean `2 draws` losses; for each radius and
  ///   division of the samples.
  public func sharpness(
    _ configuration: SharpnessConfiguration = SharpnessConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> SharpnessSummary {
    try configuration.validate()
    let folder = context.own(folder)
    let started = Date()
    let risk = try risk(
      configuration.riskOptions(context.engine), pool: context.engine.pool())
    let value = try risk.value(at: trained.point)
    risk.releasePlans()
    guard value.loss.isFinite else {
      throw lossError(value.loss, "at the weights", subject: "they")
    }
    context.remark(
      "\(stem): loss \(fourDigits(value.loss))\(value.text.map { ", \($0)" } ?? "")")
    let run = try SharpnessRun(self, configuration, in: folder, context)
    let (entries, seconds) = try run.evaluate()
    let record = RunRecord(
      models: [self], context: context, seeds: ["vectors": configuration.seed],
      batchNormalization: configuration.batchNorm.rawValue,
      weightDecay: .inLoss(configuration.weightDecay),
      settings: ["batch size": "\(configuration.batchSize)"], started: started)
    let left = run.divisions.compactMap { division -> (String, Int)? in
      let rest = data.count - division.samples * division.count
      return rest == 0 ? nil : ("\(division.samples)", rest)
    }
    let summary = SharpnessSummary(
      kind: "sharpness", provenance: record.finished(), architecture: trained.model.name,
      parameters: trained.model.layout.count, lossFunction: loss.loss, loss: value.loss,
      metric: value.metric, score: value.finiteScore, configuration: configuration,
      entries: entries,
      samplesLeftOut: left.isEmpty ? nil : Dictionary(uniqueKeysWithValues: left),
      evaluationSeconds: seconds)
    if let folder { try JSON.write(summary, to: folder.file("summary.json")) }
    return summary
  }
}
