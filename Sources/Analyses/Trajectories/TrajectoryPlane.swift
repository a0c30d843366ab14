internal import Checkpoints
internal import Foundation
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks

/// The plane of the first two principal components of all checkpoints, through the weights at the
/// centre.
struct TrajectoryPlane {
  /// Inner products of the differences to the centre.
  let gram: SymmetricMatrix
  /// Components of all checkpoints together, each of which counts the same.
  let components: PrincipalComponents
  /// Orthonormal axes.
  let axes: [Vector<Float>]
  /// Where the checkpoints lie.
  let positions: [PlanePosition]
  /// Components of each path alone.
  let own: [PrincipalComponents]

  /// Reads the checkpoints and finds the plane.
  ///
  /// - Parameters:
  ///   - paths: The paths.
  ///   - reader: Reads their checkpoints.
  ///   - step: Called before each reading with the number that are done and of all.
  /// - Throws: `AnalysisError` where the checkpoints span no plane, and what reading or `step` throws.
  init(
    paths: [TrajectoryPath], reader: CheckpointReader,
    step: @escaping (_ done: Int, _ total: Int) throws -> Void
  ) throws {
    var done = 0
    var total = 0
    let differences = reader.differences {
      try step(done, total)
      done += 1
    }
    total = differences.readCount
    let gram = try differences.gramMatrix()
    self.gram = gram
    let places = reader.places(of: paths)
    guard (0..<gram.order).allSatisfy({ gram[$0, $0].isFinite }) else {
      throw AnalysisError("the weights are too large for their distances to be finite numbers")
    }
    let components = try PrincipalComponents(gram: gram)
    self.components = components
    own = try places.map { try PrincipalComponents(gram: gram.block($0)) }
    try Self.check(
      components, own, paths: paths,
      rounding: Self.rounding(gram, weights: reader.model.trained.point.weights.elements.norm))
    let found = try differences.axes([0, 1].map(components.coefficients))
    var positions: [PlanePosition] = []
    for index in 0..<differences.count {
      positions.append(PlanePosition(of: try differences.difference(index), axes: found))
    }
    // Eigenvectors have no sign. The first path is to begin on the left, and to go farthest upwards.
    let start = positions[0].coordinates[0]
    let farthest = positions[places[0]].max {
      abs($0.coordinates[1]) < abs($1.coordinates[1])
    }
    let signs: [Float] = [start > 0 ? -1 : 1, (farthest?.coordinates[1] ?? 0) < 0 ? -1 : 1]
    axes = zip(found, signs).map { axis, sign in axis.map { $0 * sign } }
    self.positions = positions.map { position in
      PlanePosition(
        coordinates: zip(position.coordinates, signs).map { $0 * Double($1) },
        distance: position.distance)
    }
    try step(total, total)
  }

  /// The variance that numbers of single precision have where there is none.
  ///
  /// A weight is rounded by at most 2^-24 of itself, so that the squared distance of T points from where
  /// they should be is at most T 2^-48 of the squared norm of the weights; eigenvalues of the inner
  /// products have errors of some units in the last place of Double of the largest one.
  private static func rounding(_ gram: SymmetricMatrix, weights: Double) -> Double {
    let farthest = (0..<gram.order).map { gram[$0, $0] }.max() ?? 0
    let norm = weights + farthest.squareRoot()
    return Double(gram.order) * (norm * norm * 0x1p-48 + Double(gram.order) * farthest * 0x1p-50)
  }

  private static func check(
    _ components: PrincipalComponents, _ own: [PrincipalComponents], paths: [TrajectoryPath],
    rounding: Double
  ) throws(AnalysisError) {
    for (path, components) in zip(paths, own) where components.total <= rounding {
      throw AnalysisError(
        "all of its checkpoints have the same weights, up to rounding; there is no path",
        subject: path.name)
    }
    guard components.variances[1] > rounding else {
      throw AnalysisError(
        "the checkpoints lie on a straight line, up to rounding, which is no plane; landscape line shows it",
        subject: paths[0].name)
    }
  }

  /// The paths in the plane, beside random walks of their steps.
  func summaries(
    of paths: [TrajectoryPath], values: [CheckpointLosses.Value], reader: CheckpointReader,
    _ configuration: TrajectoryConfiguration
  ) throws -> [TrajectorySummary.Path] {
    let numbers = reader.numbers(of: paths)
    return try reader.places(of: paths).enumerated().map { index, places in
      let steps = places.dropFirst().map { distance(from: $0 - 1, to: $0) }
      let drawn = try RandomWalk(
        stepLengths: steps, dimension: reader.model.trained.model.layout.count
      ).shares(walks: configuration.walks, seed: configuration.seed)
      return TrajectorySummary.Path(
        name: paths[index].name, length: steps.reduce(0, +),
        displacement: distance(from: places.lowerBound, to: places.upperBound - 1),
        shares: own[index].shares,
        shareInPlane: variance(inPlane: places) / own[index].total,
        walks: TrajectorySummary.Walks(
          count: configuration.walks, seed: configuration.seed, shares: drawn.means,
          deviations: drawn.deviations),
        points: zip(places, numbers[index]).map { place, number in
          point(place, number: number, value: values[place], reader)
        })
    }
  }

  /// Distance between two checkpoints.
  private func distance(from a: Int, to b: Int) -> Double {
    max(gram[a, a] + gram[b, b] - 2 * gram[a, b], 0).squareRoot()
  }

  /// Sum of the squared distances of projections to their mean.
  private func variance(inPlane places: Range<Int>) -> Double {
    (0..<2).reduce(0) { sum, axis in
      let values = positions[places].map { $0.coordinates[axis] }
      let mean = values.reduce(0, +) / Double(values.count)
      return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
  }

  private func point(
    _ place: Int, number: Int, value: CheckpointLosses.Value, _ reader: CheckpointReader
  ) -> TrajectorySummary.Point {
    TrajectorySummary.Point(
      file: URL(filePath: reader.checkpoints[place].path).standardizedFileURL.path(
        percentEncoded: false), sha256: reader.origin(place).sha256, number: number,
      x: positions[place].coordinates[0], y: positions[place].coordinates[1],
      distance: positions[place].distance, distanceFromCentre: gram[place, place].squareRoot(),
      loss: value.loss, score: value.score.isFinite ? value.score : nil,
      projectedLoss: value.projectedLoss,
      projectedScore: value.projectedScore.isFinite ? value.projectedScore : nil)
  }
}
