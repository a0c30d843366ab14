public import Artifacts
public import LossSurfaces
public import Objectives

/// What `summary.json` of a surface or line holds.
public struct SurfaceSummary: Codable, Equatable, Sendable {
  /// Loss and metric at one point.
  public struct Point: Codable, Equatable, Sendable {
    /// Coordinate along the first direction.
    public var x: Double
    /// Coordinate along the second direction.
    public var y: Double
    /// Mean loss.
    public var loss: Double
    /// The metric; absent where it is not a number.
    public var score: Double?
  }

  /// The axes.
  public struct Directions: Codable, Equatable, Sendable {
    /// `random` or the path of a file; a second checkpoint for a line; principal components, in words.
    public var source: String
    /// Seed of random directions.
    public var seed: UInt64?
    /// How they were scaled, a `DirectionNormalization`.
    public var normalization: String
    /// What happened to tensors with one axis, a `VectorTreatment`.
    public var ignore: String
    /// Norms of the axes.
    public var norms: [Double]
    /// Cosine of the angle between the axes; absent for a line.
    public var cosine: Double?
    /// What running statistics are between two checkpoints, in words; absent for other directions.
    public var statistics: String?
  }

  /// Kind of run: `surface` or `line`.
  public var kind: String
  /// How the result came about.
  public var provenance: Provenance
  /// Name of the network.
  public var architecture: String
  /// Number of its parameters.
  public var parameters: Int
  /// What the loss is, for captions; absent in old files.
  public var loss: Loss?
  /// What `score` is; absent where there is nothing but the loss.
  public var metric: Metric?
  /// The weights themselves.
  public var center: Point
  /// The point with the smallest finite loss.
  public var smallest: Point?
  /// The point with the largest finite loss.
  public var largest: Point?
  /// Points whose loss is NaN or infinite; they are kept in the arrays and marked in figures.
  public var nonFinitePoints: Int
  /// Coordinates along the first direction.
  public var x: GridAxis
  /// Coordinates along the second direction; absent for a line.
  public var y: GridAxis?
  /// The directions.
  public var directions: Directions
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  public var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  public var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// Name of the file of arrays beside the summary.
  public var arraysFile: String { kind == "line" ? "line.npz" : "surface.npz" }
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
