import Analyses
import AnalysisFigures
import Foundation
import Training

/// What `landscape connect` prints.
enum ConnectionText {
  /// A line for each split and path.
  static func lines(_ summary: ConnectionSummary) -> [String] {
    summary.profiles.flatMap { profile in
      [
        (summary.settings.shape.name, profile.curve, profile.curveBarrier),
        ("line", profile.line, profile.lineBarrier),
      ].map { name, places, barrier in
        let highest = places.compactMap(\.loss).max() ?? .nan
        return
          "\(profile.split), \(name): highest loss \(String(format: "%.4g", highest)), barrier "
          + ConnectionFigure.text(barrier)
          + (barrier.flatMap { $0.height > 0 ? " at \(String(format: "%.3g", $0.t))" : nil } ?? "")
      }
    } + [
      "distance of the networks \(String(format: "%.4g", summary.distance)), length of the curve "
        + String(format: "%.4g", summary.length)
    ]
  }
}
