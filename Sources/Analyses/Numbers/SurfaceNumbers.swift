internal import Artifacts
internal import Datasets
internal import LossSurfaces
internal import Objectives
internal import Settings

/// What is measured over a plane: the surface over a part of the data, or the gap between two parts.
package enum PlaneResult: MeasuredResult {
  case surface(SurfaceSummary)
  case gap(SurfaceGap)

  package static var numberGroup: String { "surface" }

  package static var numberTable: [ResultNumber<PlaneResult>] {
    func row(_ name: String, _ value: @escaping (SurfaceGap) -> Double?) -> ResultNumber<Self> {
      ResultNumber(parts: name) { result in
        guard case .gap(let gap) = result, let part = DatasetSplit(rawValue: gap.to) else {
          return []
        }
        return [(part, value(gap).map { MeasuredValue($0, .exact) })]
      }
    }
    return ResultNumber.points { result in
      guard case .surface(let summary) = result else { return nil }
      return EvaluatedPoints(summary)
    } + [
      row("gap", \.center), row("gap-mean", \.mean), row("gap-smallest") { $0.smallest?.loss },
      row("gap-largest") { $0.largest?.loss },
    ]
  }
}

/// What is measured along lines: one line, or profiles along many.
package enum LineResult: MeasuredResult {
  case line(SurfaceSummary)
  case profiles(ProfilesSummary)

  package static var numberGroup: String { "line" }

  package static var numberTable: [ResultNumber<LineResult>] {
    ResultNumber.points { result in
      switch result {
      case .line(let summary): EvaluatedPoints(summary)
      case .profiles(let summary): EvaluatedPoints(summary)
      }
    } + [
      ResultNumber("width") { result in
        result.width?.estimate.map {
          MeasuredValue(estimate: $0.mean, standardError: $0.standardError)
        }
      },
      ResultNumber("width-median") { result in
        (result.width?.median).map {
          MeasuredValue($0.value, $0.isKnown ? .exact : .atLeast(slack: 0))
        }
      },
    ]
  }

  /// Checks, before any work, that a run has a number.
  ///
  /// - Throws: `AnalysisError` naming the setting that leaves it out.
  package static func checkGives(_ name: NumberName, pairs: Int?) throws(AnalysisError) {
    guard pairs != nil || !name.base.hasPrefix("width") else {
      throw AnalysisError("there is no \(name) without \(.pairs)")
    }
    guard pairs == nil || !name.base.hasSuffix("est-loss") else {
      throw AnalysisError("there is no \(name) with \(.pairs)")
    }
  }

  private var width: WidthSpread? {
    if case .profiles(let summary) = self { summary.width } else { nil }
  }
}

/// What surfaces, lines and profiles say alike.
private struct EvaluatedPoints {
  let part: DatasetSplit?
  let metric: Metric?
  let center: SurfaceSummary.Point
  var smallest: Double?
  var largest: Double?
  let nonFinite: Int

  init(_ summary: SurfaceSummary) {
    part = summary.provenance.data.flatMap { DatasetSplit(rawValue: $0.split) }
    (metric, center) = (summary.metric, summary.center)
    (smallest, largest) = (summary.smallest?.loss, summary.largest?.loss)
    nonFinite = summary.nonFinitePoints
  }

  init(_ summary: ProfilesSummary) {
    part = summary.provenance.data.flatMap { DatasetSplit(rawValue: $0.split) }
    (metric, center) = (summary.metric, summary.center)
    nonFinite = summary.nonFinitePoints
  }
}

extension ResultNumber {
  /// `loss` and the metric at the weights, and the extremes over the points.
  fileprivate static func points(
    _ points: @escaping (Result) -> EvaluatedPoints?
  ) -> [ResultNumber] {
    func row(_ name: String, _ value: @escaping (EvaluatedPoints) -> Double?) -> ResultNumber {
      ResultNumber(parts: name) { result in
        guard let points = points(result), let part = points.part else { return [] }
        return [(part, value(points).map { MeasuredValue($0, .exact) })]
      }
    }
    return scores { result in
      guard let points = points(result), let part = points.part else { return (nil, []) }
      return (points.metric, [(part, points.center.loss, points.center.score)])
    } + [
      row("smallest-loss", \.smallest), row("largest-loss", \.largest),
      row("non-finite-points") { Double($0.nonFinite) },
    ]
  }
}
