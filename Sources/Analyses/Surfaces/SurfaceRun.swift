internal import Artifacts
internal import Checkpoints
internal import Foundation
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives

/// One model's surface or line: evaluates what is missing and writes the run folder.
struct SurfaceRun {
  let model: OpenedModel
  /// The network at the other end of a line; nil for other directions.
  var other: OpenedModel?
  let configuration: SurfaceConfiguration
  let context: RunContext
  let pool: WorkerPool
  let x: GridAxis
  /// nil for a line.
  let y: GridAxis?
  /// nil to keep nothing, as on all ranks but the first.
  let folder: RunFolder?

  /// Evaluates along the axes; `axes` and `bufferAxes` have one entry for a line.
  func evaluate(
    axes: [Vector<Float>], bufferAxes: [Vector<Float>] = [], directions: SurfaceSummary.Directions
  ) throws -> FinishedSurface {
    let started = Date()
    let risk = try model.risk(configuration.riskOptions(context.engine), pool: pool)
    let evaluator = SurfaceEvaluator(
      risk: risk, center: model.trained.point, axes: axes, bufferAxes: bufferAxes,
      normalization: configuration.batchNorm)
    let center = try evaluator.centerValue()
    context.remark(
      "centre: loss \(fourDigits(center.loss))\(center.text.map { ", \($0)" } ?? "")")
    let dependencies = SurfaceDependencies(
      of: model, configuration, context, directions: SurfaceDependencies.digest(axes + bufferAxes),
      statistics: directions.statistics, x: x, y: y)
    try context.agree(on: dependencies)
    let (surface, seconds) = try context.work("surface") { work in
      try LossSurface.evaluate(
        evaluator, metric: model.loss.metric, xs: x.coordinates, ys: y?.coordinates ?? [0],
        ranks: context.ranks.communicator, journalPath: folder?.file("points.journal"),
        configuration: dependencies
      ) { done, total in
        try context.checkCancellation()
        work.show(done, of: total)
      }
    }
    let summary = summarize(
      surface, center: center, directions: directions, seconds: seconds, started: started)
    if let folder {
      try surface.write(to: folder.file(summary.arraysFile))
      try JSON.write(summary, to: folder.file("summary.json"))
    }
    return FinishedSurface(summary: summary, surface: surface)
  }

  private func summarize(
    _ surface: LossSurface, center: RiskValue, directions: SurfaceSummary.Directions,
    seconds: Double, started: Date
  ) -> SurfaceSummary {
    let record = RunRecord(
      models: [model] + (other.map { [$0] } ?? []), context: context,
      seeds: directions.seed.map { ["directions": $0] } ?? [:],
      batchNormalization: configuration.batchNorm.rawValue,
      weightDecay: .inLoss(configuration.weightDecay),
      settings: ["batch size": "\(configuration.batchSize)"], started: started)
    return SurfaceSummary(
      kind: y == nil ? "line" : "surface", provenance: record.finished(),
      architecture: model.trained.model.name, parameters: model.trained.model.layout.count,
      loss: model.loss.loss, metric: model.loss.metric,
      center: .init(x: 0, y: 0, loss: center.loss, score: center.finiteScore),
      smallest: surface.extreme(<), largest: surface.extreme(>),
      nonFinitePoints: surface.nonFiniteCount, x: x, y: y, directions: directions,
      evaluationSeconds: seconds)
  }
}
