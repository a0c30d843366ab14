internal import Artifacts
public import LossSurfaces

/// How much higher the loss of a network is on one part of the data than on another, over a plane.
public struct SurfaceGap: Codable, Equatable, Sendable {
  /// Name of the network.
  public var title: String
  /// The part that is compared with, like `train`.
  public var from: String
  /// The part whose loss is the minuend, like `test`.
  public var to: String
  /// The difference at the weights.
  public var center: Double
  /// Mean of the differences over the points where both losses are finite; NaN where there is none.
  public var mean: Double
  /// The point with the smallest difference.
  public var smallest: SurfaceSummary.Point?
  /// The point with the largest difference.
  public var largest: SurfaceSummary.Point?
  /// Points where one of the losses is not finite.
  public var nonFinitePoints: Int
}

/// The difference of two surfaces with what is said about it.
public struct FinishedGap: Sendable {
  /// Numbers.
  public let summary: SurfaceGap
  /// Differences of loss and metric.
  public let surface: LossSurface

  /// The differences between surfaces of the same network in the same plane over several parts of the
  /// data: of each other part to the one that comes first.
  ///
  /// - Parameter runs: Surfaces, of whatever networks and planes.
  /// - Returns: The differences, in the order of the surfaces.
  public static func all(of runs: [FinishedSurface]) -> [FinishedGap] {
    runs.indices.compactMap { index in
      let first = runs[..<index].first { runs[index].isComparable(with: $0) }
      return first.map { FinishedGap($0, runs[index]) }
    }
  }

  private init(_ from: FinishedSurface, _ to: FinishedSurface) {
    let (a, b) = (from.surface, to.surface)
    let surface = LossSurface(
      xs: a.xs, ys: a.ys, loss: zip(a.loss, b.loss).map { $1 - $0 }, metric: a.metric,
      score: zip(a.score, b.score).map { $1 - $0 })
    self.surface = surface
    let finite = surface.loss.filter(\.isFinite)
    summary = SurfaceGap(
      title: to.summary.title, from: from.split, to: to.split,
      center: to.summary.center.loss - from.summary.center.loss,
      mean: finite.reduce(0, +) / Double(finite.count), smallest: surface.extreme(<),
      largest: surface.extreme(>), nonFinitePoints: surface.nonFiniteCount)
  }
}

extension FinishedSurface {
  /// The part of the data.
  public var split: String { summary.provenance.data?.split ?? "" }

  /// Whether both show the same network in the same plane, over different parts of the data.
  fileprivate func isComparable(with other: FinishedSurface) -> Bool {
    split != other.split && summary.kind == other.summary.kind
      && summary.provenance.models.map(\.sha256) == other.summary.provenance.models.map(\.sha256)
      && summary.directions == other.summary.directions && surface.xs == other.surface.xs
      && surface.ys == other.surface.ys && surface.metric == other.surface.metric
  }
}
