import Analyses
import Artifacts
import CommandSupport
import LossSurfaces

/// What `landscape` prints.
enum SurfaceText {
  /// What a run says in a line.
  static func line(_ summary: SurfaceSummary) -> String {
    var text = "\(summary.title): centre \(summary.text(of: summary.center))"
    if let low = summary.smallest, let high = summary.largest {
      text += "; grid from \(fourDigits(low.loss)) to \(fourDigits(high.loss))"
    }
    if summary.nonFinitePoints > 0 { text += "; \(summary.nonFinitePoints) points not finite" }
    text += "; \(durationText(summary.evaluationSeconds))"
    return text + (summary.provenance.distribution.map { "; \($0.text)" } ?? "")
  }

  /// What a gap says in a line.
  static func line(_ gap: SurfaceGap) -> String {
    var text =
      "\(gap.title): \(gap.to) loss - \(gap.from) loss: \(fourDigits(gap.center)) at the centre, mean "
      + "\(fourDigits(gap.mean))"
    if let low = gap.smallest, let high = gap.largest {
      text += ", from \(fourDigits(low.loss)) to \(fourDigits(high.loss))"
    }
    return text + (gap.nonFinitePoints > 0 ? "; \(gap.nonFinitePoints) points not finite" : "")
  }

  /// The paths of summary and arrays of a run.
  static func paths(_ run: FinishedSurface, in folder: RunFolder) -> [String] {
    [folder.file("summary.json"), folder.file(run.summary.arraysFile)]
  }
}
