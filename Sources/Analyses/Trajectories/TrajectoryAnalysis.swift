internal import Artifacts
internal import Checkpoints
internal import Foundation
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives

extension OpenedModel {
  /// Draws the paths that trainings took through the space of weights in the plane of their first two
  /// principal components, and evaluates the loss in that plane around these weights.
  ///
  /// - Parameters:
  ///   - paths: Checkpoints of one or several trainings of this network, usually with these weights the
  ///     last of the first one.
  ///   - configuration: The part of the plane, and what is evaluated at its points.
  ///   - folder: Gets finished points (`points.journal`, `checkpoints.journal`, with which the same call
  ///     continues an interrupted run to the same bits), the surface as a run of its own, and
  ///     `trajectory.npz` and `trajectory.json`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The paths and the surface.
  /// - Throws: `AnalysisError` for the configuration and for paths that span no plane, what reading
  ///   checkpoints throws, and as `surface` for all else.
  public func trajectory(
    of paths: [TrajectoryPath],
    _ configuration: TrajectoryConfiguration = TrajectoryConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> FinishedTrajectory {
    let started = Date()
    try configuration.validate()
    try Self.check(paths)
    let folder = context.own(folder)
    let pool = try context.engine.pool()
    let reader = CheckpointReader(
      paths.flatMap(\.checkpoints), model: self, memory: configuration.memory, pool: pool)
    let plane = try context.work("checkpoints") { work in
      try TrajectoryPlane(paths: paths, reader: reader) { done, total in
        try context.checkCancellation()
        work.show(done, of: total)
      }
    }
    let pair = DirectionPair(
      principalComponents: plane.axes, of: plane.positions.count, layout: trained.model.layout)
    if configuration.savesDirections, let folder {
      try pair.write(to: folder.file("directions.npz"))
    }
    let axes = configuration.axes(around: plane.positions.map(\.coordinates))
    var directions = SurfaceSummary.Directions(pair)
    if trained.model.bufferLayout.count > 0, configuration.batchNorm == .inference {
      directions.statistics = "running statistics of the checkpoint at the centre everywhere"
    }
    let run = SurfaceRun(
      model: self, configuration: configuration.surface, context: context, pool: pool, x: axes.x,
      y: axes.y, folder: folder)
    let values = try CheckpointLosses(run: run, plane: plane, reader: reader)
      .evaluate(directions: directions)
    let surface = try run.evaluate(axes: plane.axes, directions: directions)
    let record = RunRecord(
      models: [self], context: context, seeds: ["random walk": configuration.seed],
      batchNormalization: configuration.batchNorm.rawValue,
      weightDecay: .inLoss(configuration.weightDecay),
      settings: ["batch size": "\(configuration.batchSize)"], started: started)
    let summary = TrajectorySummary(
      provenance: record.finished(), architecture: trained.model.name,
      parameters: trained.model.layout.count, loss: loss.loss, metric: loss.metric,
      numbering: reader.numbering(of: paths), shares: plane.components.shares,
      paths: try plane.summaries(of: paths, values: values, reader: reader, configuration))
    if let folder {
      try summary.writeArrays(gram: plane.gram, to: folder.file("trajectory.npz"))
      try JSON.write(summary, to: folder.file("trajectory.json"))
    }
    return FinishedTrajectory(summary: summary, surface: surface)
  }

  private static func check(_ paths: [TrajectoryPath]) throws(AnalysisError) {
    guard !paths.isEmpty else { throw AnalysisError("there are no checkpoints") }
    for path in paths where path.checkpoints.count < 3 {
      let count = path.checkpoints.count
      throw AnalysisError(
        "has \(count) checkpoint\(count == 1 ? "" : "s"); a plane of principal components takes 3 or more",
        subject: path.name)
    }
  }
}
