internal import Artifacts
public import HessianSpectra
public import Krylov
public import LossSurfaces

/// What `summary.json` of a curvature map holds.
public struct CurvatureMapSummary: Codable, Equatable, Sendable {
  /// Both ends of the spectrum at one point.
  public struct Point: Codable, Equatable, Sendable {
    /// Coordinate along the first direction.
    public let x: Double
    /// Coordinate along the second direction.
    public let y: Double
    /// Mean loss.
    public let loss: Double
    /// The largest eigenvalue.
    public let largest: RitzValue
    /// The smallest eigenvalue.
    public let smallest: RitzValue
    /// `|lambda_min / lambda_max|`.
    public let ratio: Double
  }

  /// A point computed again from a random start, without its neighbours.
  public struct Check: Codable, Equatable, Sendable {
    /// Coordinate along the first direction.
    public let x: Double
    /// Coordinate along the second direction.
    public let y: Double
    /// Largest eigenvalue of the map.
    public let largest: Double
    /// The same from the random start.
    public let largestAgain: Double
    /// Smallest eigenvalue of the map.
    public let smallest: Double
    /// The same from the random start.
    public let smallestAgain: Double

    /// How much further out the random start found an end, as a share of the end: 0 where the map's is the outer
    /// one.
    public var missed: Double {
      func share(_ missed: Double, _ value: Double) -> Double {
        value == 0 ? 0 : max(0, missed) / abs(value)
      }
      return max(
        share(largestAgain - largest, largestAgain),
        share(smallest - smallestAgain, smallestAgain))
    }
  }

  /// `curvature`.
  public var kind: String
  /// Where the numbers come from.
  public var source: CurvatureSource
  /// Coordinates along the first direction.
  public var x: GridAxis
  /// Coordinates along the second direction.
  public var y: GridAxis
  /// The directions.
  public var directions: SurfaceSummary.Directions
  /// How exactly eigenvalues were looked for.
  public var configuration: CurvatureMapConfiguration
  /// The point nearest to the weights; absent where it is not finite.
  public var center: Point?
  /// The point with the smallest ratio.
  public var smallestRatio: Point?
  /// The point with the largest ratio.
  public var largestRatio: Point?
  /// Points whose largest eigenvalue has not converged.
  public var unconvergedLargest: Int
  /// Points whose smallest eigenvalue has not converged.
  public var unconvergedSmallest: Int
  /// The largest residual bound of a largest eigenvalue, as a share of it.
  public var largestBoundShare: Double
  /// The largest residual bound of a smallest eigenvalue, as a share of it.
  public var smallestBoundShare: Double
  /// Points whose loss or products are not finite; they are kept in the arrays and hatched in figures.
  public var nonFinitePoints: Int
  /// Error of the products at the first point, as a distance of eigenvalues.
  public var errorFloor: Double
  /// The corners, computed again from random starts.
  public var checks: [Check]
  /// Products that the run took, those of an interrupted part included.
  public var products: Int
  /// Time of all points, in seconds, also of earlier runs that were interrupted.
  public var evaluationSeconds: Double

  /// Name of the file of arrays beside the summary.
  public static let arraysFile = "curvature.npz"
}

/// A curvature map with what is said about it.
public struct FinishedCurvatureMap: Sendable {
  /// Numbers and provenance.
  public let summary: CurvatureMapSummary
  /// The values.
  public let map: CurvatureMap

  /// Puts a map and its summary together.
  init(summary: CurvatureMapSummary, map: CurvatureMap) {
    self.summary = summary
    self.map = map
  }

  /// Reads what a run wrote; needs neither model nor data.
  ///
  /// - Throws: `ArtifactError` and `FileFormatError` for files that are missing or damaged.
  init(folder: String) throws {
    summary = try JSON.read(CurvatureMapSummary.self, from: folder + "/summary.json")
    map = try CurvatureMap(path: folder + "/" + CurvatureMapSummary.arraysFile)
  }
}

extension CurvatureMap {
  /// A point for the summary; nil where it is not finite.
  func summary(of index: Int) -> CurvatureMapSummary.Point? {
    let point = points[index]
    guard point.isFinite else { return nil }
    return CurvatureMapSummary.Point(
      x: xs[index % xs.count], y: ys[index / xs.count], loss: point.loss, largest: point.largest,
      smallest: point.smallest, ratio: point.ratio)
  }

  /// The finite point with the smallest or largest ratio.
  func extremeRatio(_ isBetter: (Double, Double) -> Bool) -> CurvatureMapSummary.Point? {
    points.indices.filter { points[$0].isFinite && points[$0].ratio.isFinite }
      .min { isBetter(points[$0].ratio, points[$1].ratio) }.flatMap(summary)
  }

  /// The largest bound of an eigenvalue as a share of it.
  func boundShare(_ value: (Point) -> RitzValue) -> Double {
    points.filter(\.isFinite).map(value).map {
      $0.residualBound / max(abs($0.value), .leastNormalMagnitude)
    }
    .max() ?? 0
  }
}
