internal import Artifacts
internal import Checkpoints
internal import Foundation
internal import LinearAlgebra
public import LossSurfaces
internal import NeuralNetworks
internal import Objectives

extension OpenedModel {
  /// The loss along both directions of several pairs of random directions, and how wide it is.
  ///
  /// - Parameters:
  ///   - x: Coordinates along every direction; 0 are the weights.
  ///   - configuration: Directions, level of the width, and what is evaluated at the points.
  ///   - folder: Gets finished points (`profiles.journal`, with which the same call continues an
  ///     interrupted run to the same bits), `profiles.npz` and `summary.json`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The profiles.
  /// - Throws: `AnalysisError` for the configuration, `SurfaceError` when the loss at the weights is not
  ///   finite, `ArtifactError` for the folder, and what cancels the run.
  public func profiles(
    x: GridAxis = .standardOfLines, _ configuration: ProfilesConfiguration, in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> FinishedProfiles {
    try configuration.validate()
    try ProfilesConfiguration.check(x)
    let folder = context.own(folder)
    let started = Date()
    let surface = configuration.surface
    let pool = try context.engine.pool()
    let risk = try risk(surface.riskOptions(context.engine), pool: pool)
    func evaluator(_ axes: [Vector<Float>]) -> SurfaceEvaluator {
      SurfaceEvaluator(
        risk: risk, center: trained.point, axes: axes, normalization: surface.batchNorm)
    }
    let center = try evaluator([]).centerValue()
    context.remark(
      "centre: loss \(fourDigits(center.loss))\(center.text.map { ", \($0)" } ?? "")")
    let directions = RandomDirection.all(pairs: configuration.pairs, seed: surface.seed)
    func axis(_ index: Int) -> Vector<Float> {
      directions[index].axis(
        for: trained.point.weights, normalization: surface.normalization,
        vectors: surface.vectors, pool: pool)
    }
    // The first axis stands for the drawing and the normalisation, which are the same for all.
    let dependencies = SurfaceDependencies(
      of: self, surface, context,
      directions: "\(configuration.pairs) pairs, seed \(surface.seed), "
        + SurfaceDependencies.digest([axis(0)]), x: x, y: nil)
    try context.agree(on: dependencies)
    let (profiles, seconds) = try context.work("profiles") { work in
      try LossProfiles.evaluate(
        directions: directions.count, center: center, xs: x.coordinates, metric: loss.metric,
        ranks: context.ranks.communicator, journalPath: folder?.file("profiles.journal"),
        configuration: dependencies,
        evaluator: { evaluator([axis($0)]) },
        progress: { done, total in
          try context.checkCancellation()
          work.show(done, of: total)
        })
    }
    guard
      let width = WidthSpread(profiles, center: center.loss, rise: configuration.rise)
    else { preconditionFailure("an axis of two points has one beside the weights") }
    let record = RunRecord(
      models: [self], context: context, seeds: ["directions": surface.seed],
      batchNormalization: surface.batchNorm.rawValue, weightDecay: .inLoss(surface.weightDecay),
      settings: ["batch size": "\(surface.batchSize)"], started: started)
    let summary = ProfilesSummary(
      kind: "profiles", provenance: record.finished(), architecture: trained.model.name,
      parameters: trained.model.layout.count, loss: loss.loss, metric: loss.metric,
      center: .init(x: 0, y: 0, loss: center.loss, score: center.finiteScore),
      nonFinitePoints: profiles.nonFiniteCount, x: x, pairs: configuration.pairs,
      directions: SurfaceSummary.Directions(
        source: "random", seed: surface.seed, normalization: surface.normalization.rawValue,
        ignore: surface.vectors.rawValue, norms: directions.indices.map { axis($0).norm }),
      width: width, evaluationSeconds: seconds)
    if let folder {
      try profiles.write(to: folder.file(ProfilesSummary.arraysFile))
      try JSON.write(summary, to: folder.file("summary.json"))
    }
    return FinishedProfiles(summary: summary, profiles: profiles)
  }
}
