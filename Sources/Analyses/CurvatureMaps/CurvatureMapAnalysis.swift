internal import Artifacts
internal import Checkpoints
internal import HessianSpectra
internal import Krylov
public import LossSurfaces
internal import NeuralNetworks
internal import Settings

extension OpenedModel {
  /// The largest and smallest eigenvalue of the Hessian at the points `w + a x + b y` of a plane.
  ///
  /// Each point starts from the Ritz vectors of a neighbour (`NeighbourOrder`), so what it finds depends on
  /// the configuration alone. The corners are computed a second time from random vectors, which says whether
  /// ends were missed on the way.
  ///
  /// - Parameters:
  ///   - x: Coordinates along the first direction.
  ///   - y: Coordinates along the second direction.
  ///   - configuration: Directions, and how exactly eigenvalues are looked for.
  ///   - folder: Gets finished points (`curvature.journal`) and the vectors that neighbours start from
  ///     (`start-POINT.npz`), with which the same call continues an interrupted run to the same bits; at the end
  ///     `curvature.npz` and `summary.json`. nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The map; eigenvalues that have not converged are marked, not left out.
  /// - Throws: `AnalysisError` for the configuration, the memory and a loss at the weights that is not finite;
  ///   `DirectionError`, `ArtifactError`, `KrylovError`, and what cancels the run.
  /// - Complexity: At most `steps` products for each point, and a basis of four times as many vectors of memory.
  public func curvatureMap(
    x: GridAxis = .standardOfMaps, y: GridAxis = .standardOfMaps,
    _ configuration: CurvatureMapConfiguration = CurvatureMapConfiguration(),
    in folder: RunFolder?, context: RunContext = RunContext()
  ) throws -> FinishedCurvatureMap {
    try configuration.validate()
    try Self.checkSurface(x: x, y: y)
    let folder = context.own(folder)
    let (pair, _) = try directions(configuration.surface, in: folder, context)
    let run = try CurvatureRun("curvature", of: self, configuration.curvature, in: nil, context)
    // All vectors of a search must fit: a basis that is restarted would need more products.
    let most = 4 * configuration.steps
    let size = run.basisVectorsInHalfOfMemory
    guard size >= most else {
      throw AnalysisError(
        "half of \(run.memoryText) holds \(size) vectors of \(run.selection.count) "
          + "elements, but a search takes up to \(most); give more, or lower \(.steps)",
        subject: path)
    }
    var points = try CurvatureMapRun(
      run, configuration, axes: pair.axes, x: x, y: y, in: folder)
    let result = try points.evaluate()
    let map = result.map
    var source = run.finishedSource
    source.provenance.batchNormalization =
      trained.model.bufferLayout.count == 0 ? "none" : configuration.surface.batchNorm.rawValue
    let centre = NeighbourOrder(xs: map.xs, ys: map.ys).steps[0].point
    func unconverged(_ value: (CurvatureMap.Point) -> RitzValue) -> Int {
      map.points.count { $0.isFinite && !value($0).isConverged }
    }
    let summary = CurvatureMapSummary(
      kind: "curvature", source: source, x: x, y: y,
      directions: SurfaceSummary.Directions(pair), configuration: configuration,
      center: map.summary(of: centre), smallestRatio: map.extremeRatio(<),
      largestRatio: map.extremeRatio(>), unconvergedLargest: unconverged(\.largest),
      unconvergedSmallest: unconverged(\.smallest),
      largestBoundShare: map.boundShare(\.largest), smallestBoundShare: map.boundShare(\.smallest),
      nonFinitePoints: map.points.count { !$0.isFinite }, errorFloor: result.errorFloor,
      checks: result.checks, products: result.products, evaluationSeconds: result.seconds)
    if let folder {
      try map.write(to: folder.file(CurvatureMapSummary.arraysFile))
      try JSON.write(summary, to: folder.file("summary.json"))
    }
    points.finish()
    return FinishedCurvatureMap(summary: summary, map: map)
  }
}
