import Analyses
import CommandSupport
import Foundation

/// Paths of weights in words.
enum TrajectoryText {
  /// Which checkpoints are taken in which order.
  static func order(of series: CheckpointSeries) -> String {
    let names = series.entries.map { URL(filePath: $0.path).lastPathComponent }
    let shown = names.count > 4 ? names.prefix(2) + ["..."] + names.suffix(1) : names[...]
    return
      "\(series.name): \(names.count) checkpoint\(names.count == 1 ? "" : "s"): \(shown.joined(separator: ", "))"
  }

  static func lines(_ trajectory: TrajectorySummary) -> [String] {
    let plane =
      trajectory.paths.count > 1
      ? ["plane: \(percent(trajectory.shares)) of the variance of all checkpoints"] : []
    return plane
      + trajectory.paths.flatMap { path in
        let (first, last) = (path.points[0], path.points[path.points.count - 1])
        let walk = zip(path.walks.shares, path.walks.deviations).prefix(2).map {
          String(format: "%.1f +- %.1f %%", 100 * $0, 100 * $1)
        }
        let farthest = path.points.max { $0.distance < $1.distance } ?? first
        let worst =
          path.points.max { gap($0) < gap($1) || gap($0).isNaN && !gap($1).isNaN } ?? first
        return [
          "\(path.name): \(path.points.count) checkpoints, \(trajectory.name(of: first)) to "
            + "\(last.number), length \(fourDigits(path.length)), end to end "
            + "\(fourDigits(path.displacement))",
          "  components       \(percent(path.shares)) of its variance; random walks of its steps "
            + walk.joined(separator: ", "),
          "  plane            holds \(percent([path.shareInPlane])) of its variance; farthest from it "
            + "\(fourDigits(farthest.distance)) at \(trajectory.name(of: farthest))",
          "  loss             \(fourDigits(first.loss)) to \(fourDigits(last.loss)); at most apart at "
            + "\(trajectory.name(of: worst)): \(fourDigits(worst.loss)), at its projection "
            + "\(fourDigits(worst.projectedLoss))",
        ]
      }
  }

  private static func gap(_ point: TrajectorySummary.Point) -> Double {
    abs(point.loss - point.projectedLoss)
  }

  private static func percent(_ shares: [Double]) -> String {
    shares.prefix(2).map { String(format: "%.1f %%", 100 * $0) }.joined(separator: ", ")
  }
}
