internal import Checkpoints
internal import LinearAlgebra
public import LossSurfaces
internal import NeuralNetworks
internal import Objectives
internal import Settings

extension OpenedModel {
  /// Evaluates the loss at `w + a x + b y` for all coordinates of two axes.
  ///
  /// - Parameters:
  ///   - x: Coordinates along the first direction.
  ///   - y: Coordinates along the second direction.
  ///   - configuration: Directions, and what is evaluated at the points.
  ///   - folder: Gets finished points (`points.journal`, with which the same call continues an
  ///     interrupted run to the same bits), `surface.npz` and `summary.json`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The surface.
  /// - Throws: `AnalysisError` for the configuration, `DirectionError`, `SurfaceError` when the loss at
  ///   the weights is not finite, `ArtifactError` for the folder, and what cancels the run.
  public func surface(
    x: GridAxis = .standard, y: GridAxis = .standard,
    _ configuration: SurfaceConfiguration = SurfaceConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> FinishedSurface {
    try Self.checkSurface(x: x, y: y)
    let (pair, pool) = try directions(configuration, in: folder, context)
    guard pair.axes.count == 2 else {
      throw AnalysisError(
        "has one direction (no ydirection), and a surface needs two; see line",
        subject: configuration.directionsFile)
    }
    return try SurfaceRun(
      model: self, configuration: configuration, context: context, pool: pool, x: x, y: y,
      folder: context.own(folder)
    ).evaluate(axes: pair.axes, directions: SurfaceSummary.Directions(pair))
  }

  /// Checks that there are enough points for a surface.
  ///
  /// - Throws: `AnalysisError` that names the axes.
  public static func checkSurface(x: GridAxis, y: GridAxis) throws(AnalysisError) {
    guard x.count > 1, y.count > 1 else {
      throw AnalysisError("A surface needs at least 2 points along \(.x) and \(.y); see line")
    }
  }

  /// Evaluates the loss at `w + a x` for all coordinates of an axis.
  ///
  /// - Parameters:
  ///   - x: Coordinates along the first direction.
  ///   - configuration: Direction, and what is evaluated at the points.
  ///   - folder: As for a surface, with `line.npz`.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The line.
  /// - Throws: As for a surface.
  public func line(
    x: GridAxis = .standardOfLines,
    _ configuration: SurfaceConfiguration = SurfaceConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> FinishedSurface {
    try Self.checkLine(x)
    let (pair, pool) = try directions(configuration, in: folder, context)
    var description = SurfaceSummary.Directions(pair)
    description.norms = [pair.norms[0]]
    description.cosine = nil
    return try SurfaceRun(
      model: self, configuration: configuration, context: context, pool: pool, x: x, y: nil,
      folder: context.own(folder)
    ).evaluate(axes: [pair.axes[0]], directions: description)
  }

  /// Evaluates the loss at `(1 - a) w + a w'` for all coordinates of an axis.
  ///
  /// Running statistics go along between 0 and 1; outside they stay those of the nearer checkpoint,
  /// since a variance that is extrapolated can become negative.
  ///
  /// - Parameters:
  ///   - other: The network at coordinate 1, of the same architecture.
  ///   - x: Coordinates.
  ///   - configuration: What is evaluated at the points; its directions do not matter.
  ///   - folder: As for a line.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The line.
  /// - Throws: As for a surface, and `AnalysisError` for another architecture.
  public func line(
    to other: OpenedModel, x: GridAxis = .standardBetweenModels,
    _ configuration: SurfaceConfiguration = SurfaceConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> FinishedSurface {
    try Self.checkLine(x)
    try configuration.validate()
    let (from, to) = (trained, other.trained)
    guard to.model.layout == from.model.layout else {
      throw AnalysisError(
        "\(path) is a \(from.model.name) and \(other.path) a \(to.model.name); a line needs one "
          + "architecture")
    }
    var difference = to.point.weights.elements
    difference.add(from.point.weights.elements, scaledBy: -1)
    var bufferDifference = to.point.buffers.elements
    bufferDifference.add(from.point.buffers.elements, scaledBy: -1)
    return try SurfaceRun(
      model: self, other: other, configuration: configuration, context: context,
      pool: try context.engine.pool(), x: x, y: nil,
      folder: context.own(folder)
    ).evaluate(
      axes: [difference], bufferAxes: [bufferDifference],
      directions: SurfaceSummary.Directions(
        source: other.path, seed: nil, normalization: "none", ignore: "none",
        norms: [difference.norm], cosine: nil,
        statistics: statistics(along: x, configuration.batchNorm)))
  }

  /// Checks that there are enough points for a line.
  ///
  /// - Throws: `AnalysisError` that names the axis.
  public static func checkLine(_ x: GridAxis) throws(AnalysisError) {
    guard x.count > 1 else { throw AnalysisError("\(.x) \(x) has fewer than 2 points") }
  }

  /// The directions, written where that is wanted, and the threads.
  func directions(
    _ configuration: SurfaceConfiguration, in folder: RunFolder?, _ context: RunContext
  ) throws -> (DirectionPair, WorkerPool) {
    try configuration.validate()
    let pool = try context.engine.pool()
    let pair = try configuration.pair(for: trained.point.weights, pool: pool)
    if configuration.savesDirections, let folder = context.own(folder) {
      try pair.write(to: folder.file("directions.npz"))
    }
    return (pair, pool)
  }

  /// What running statistics are along a line between checkpoints; nil where they do not matter.
  private func statistics(along axis: GridAxis, _ mode: SurfaceNormalization) -> String? {
    guard trained.model.bufferLayout.count > 0, mode == .inference else { return nil }
    let isExtrapolated = axis.first < 0 || axis.last > 1
    return "running statistics between those of the checkpoints"
      + (isExtrapolated ? ", outside of 0 ... 1 those of the nearer one" : "")
  }
}
