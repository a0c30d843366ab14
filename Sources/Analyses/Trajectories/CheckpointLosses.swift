internal import Artifacts
internal import Checkpoints
internal import LossSurfaces
internal import Objectives

/// Losses of checkpoints, and those at their projections onto the plane, which are others.
struct CheckpointLosses {
  /// Loss and metric of one checkpoint.
  struct Value {
    let loss: Double
    let score: Double
    let projectedLoss: Double
    let projectedScore: Double
  }

  let run: SurfaceRun
  let plane: TrajectoryPlane
  let reader: CheckpointReader

  /// What the values depend on: checkpoints, beside all that those of the surface do.
  private struct Dependencies: Encodable {
    let surface: SurfaceDependencies
    let checkpoints: [String]
  }

  /// Evaluates what the journal of the folder does not hold yet.
  ///
  /// A checkpoint has the running statistics that it was written with, where batch norms use them; its
  /// projection, as the whole plane, those of the centre.
  ///
  /// - Parameter directions: What is said of the axes.
  /// - Returns: A value for each checkpoint, in their order.
  /// - Throws: `ArtifactError` for the journal, what reading and evaluating throw, and what cancels the run.
  func evaluate(directions: SurfaceSummary.Directions) throws -> [Value] {
    let count = reader.checkpoints.count
    let dependencies = Dependencies(
      surface: SurfaceDependencies(
        of: run.model, run.configuration, run.context,
        directions: SurfaceDependencies.digest(plane.axes), statistics: directions.statistics,
        x: run.x, y: run.y),
      checkpoints: (0..<count).map { reader.origin($0).sha256 })
    try run.context.agree(on: dependencies)
    let journal = try SharedJournal(
      path: run.folder?.file("checkpoints.journal"), configuration: dependencies,
      ranks: run.context.ranks.communicator
    ) { $0.key >= 0 && $0.key < count && $0.values.count == 4 }
    let risk = try run.model.risk(
      run.configuration.riskOptions(run.context.engine), pool: run.pool)
    let inPlane = SurfaceEvaluator(
      risk: risk, center: run.model.trained.point, axes: plane.axes,
      normalization: run.configuration.batchNorm)
    return try run.context.work("losses of checkpoints") { work in
      try journal.compute(
        Array(0..<count),
        check: {
          try run.context.checkCancellation()
          work.show(journal.count, of: count)
        },
        { index in
          let own = try SurfaceEvaluator(
            risk: risk, center: try reader.point(index), axes: [],
            normalization: run.configuration.batchNorm
          ).value(at: [])
          let projected = try inPlane.value(at: plane.positions[index].coordinates)
          return [own.loss, own.score, projected.loss, projected.score]
        })
      return (0..<count).map { Self.value(journal[$0] ?? []) }
    }
  }

  private static func value(_ values: [Double]) -> Value {
    Value(
      loss: values[0], score: values[1], projectedLoss: values[2], projectedScore: values[3])
  }
}
