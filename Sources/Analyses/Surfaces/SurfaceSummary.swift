package import Artifacts
package import LossSurfaces
package import Objectives

/// What `summary.json` of a surface or line holds.
package struct SurfaceSummary: Codable, Equatable, Sendable {
  /// Loss and metric at one point.
  package struct Point: Codable, Equatable, Sendable {
    /// Coordinate along the first direction.
    package var x: Double
    /// Coordinate along the second direction.
    package var y: Double
    /// Mean loss.
    package var loss: Double
    /// The metric; absent where it is not a number.
    package var score: Double?
  }

  /// The axes.
  package struct Directions: Codable, Equatable, Sendable {
    /// `random` or the path of a file; a second checkpoint for a line; principal components, in words.
    package var source: String
    /// Seed of random directions.
    package var seed: UInt64?
    /// How they were scaled, a `DirectionNormalization`.
    package var normalization: String
    /// What happened to tensors with one axis, a `VectorTreatment`.
    package var ignore: String
    /// Norms of the axes.
    package var norms: [Double]
    /// Cosine of the angle between the axes; absent for a line.
    package var cosine: Double?
    /// What running statistics are between two checkpoints, in words; absent for other directions.
    package var statistics: String?
  }

  /// Kind of run: `surface` or `line`.
  package var kind: String
  /// How the result came about.
  package var provenance: Provenance
  /// Name of the network.
  package var architecture: String
  /// Number of its parameters.
  package var parameters: Int
  /// What the loss is, for captions; absent in old files.
  package var loss: Loss?
  /// What `score` is; absent where there is nothing but the loss.
  package var metric: Metric?
  /// The weights themselves.
  package var center: Point
  /// The point with the smallest finite loss.
  package var smallest: Point?
  /// The point with the largest finite loss.
  package var largest: Point?
  /// Points whose loss is NaN or infinite; they are kept in the arrays and marked in figures.
  package var nonFinitePoints: Int
  /// Coordinates along the first direction.
  package var x: GridAxis
  /// Coordinates along the second direction; absent for a line.
  package var y: GridAxis?
  /// The directions.
  package var directions: Directions
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  package var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  package var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// Name of the file of arrays beside the summary.
  package var arraysFile: String { kind == "line" ? "line.npz" : "surface.npz" }
}

extension SurfaceSummary.Directions {
  /// Describes a pair of axes.
  init(_ pair: DirectionPair) {
    let (source, seed): (String, UInt64?) =
      switch pair.source {
      case .random(let seed): ("random", seed)
      case .file(let path): (path, nil)
      case .principalComponents(let count): ("principal components of \(count) checkpoints", nil)
      }
    self.init(
      source: source, seed: seed, normalization: pair.normalization.rawValue,
      ignore: pair.vectors.rawValue, norms: pair.norms, cosine: pair.cosine)
  }
}

extension LossSurface {
  /// The point with the smallest or largest finite loss.
  func extreme(_ isBetter: (Double, Double) -> Bool) -> SurfaceSummary.Point? {
    let finite = loss.indices.filter { loss[$0].isFinite }
    guard let best = finite.min(by: { isBetter(loss[$0], loss[$1]) }) else { return nil }
    return SurfaceSummary.Point(
      x: xs[best % xs.count], y: ys[best / xs.count], loss: loss[best],
      score: score[best].isFinite ? score[best] : nil)
  }
}
