import Analyses
import CommandSupport
import LossSurfaces

/// What `landscape line --pairs` prints.
enum ProfilesLines {
  /// What is said of each network, and of the differences to the first.
  static func text(_ summaries: [ProfilesSummary]) -> [String] {
    summaries.flatMap(lines) + differences(summaries)
  }

  private static func lines(_ summary: ProfilesSummary) -> [String] {
    let width = summary.width
    let count = width.widths.count
    var lines = [
      "\(summary.title): centre loss \(fourDigits(summary.center.loss)); \(count) profiles along "
        + "\(summary.pairs) pairs of directions; \(durationText(summary.evaluationSeconds))",
      "  width            "
        + (width.estimate.map {
          "\(fourDigits($0.mean)) ± \(errorText($0.standardError)) (standard error over \(count) "
            + "directions), from \(fourDigits($0.smallest)) to \(fourDigits($0.largest))"
        } ?? "\(width.text(of: width.median)) (median)"),
      "                   distance at which the loss has risen by \(fourDigits(width.rise))",
      "  quartiles        \(width.text(of: width.lowerQuartile)), median "
        + "\(width.text(of: width.median)), \(width.text(of: width.upperQuartile))",
      "  reached          by \(width.reached) of \(count) profiles within \(summary.x.first) to "
        + "\(summary.x.last)"
        + (width.reached < count ? "; the others are wider: no mean without a longer --x" : ""),
    ]
    if summary.nonFinitePoints > 0 {
      lines.append("  not finite       \(summary.nonFinitePoints) values")
    }
    if width.isCoarse {
      lines.append(
        "  warning: points are \(fourDigits(width.spacing)) apart, too far for such a width; give "
          + "--x a shorter range or more points")
    }
    return lines
  }

  private static func differences(_ summaries: [ProfilesSummary]) -> [String] {
    guard let first = summaries.first else { return [] }
    return summaries.dropFirst().flatMap { summary -> [String] in
      let head = "\(summary.title) minus \(first.title), along the same random numbers:"
      guard let width = PairedDifference(of: summary, from: first) else {
        return [
          head
            + " not compared, which takes one architecture, the same samples, and profiles that all "
            + "reach the level"
        ]
      }
      let mean = width.difference.mean
      return [
        head,
        "  width            \(fourDigits(mean)) ± \(errorText(width.difference.standardError)), "
          + "95 % interval \(fourDigits(mean - width.margin)) to \(fourDigits(mean + width.margin)): "
          + (width.isDifference ? "they differ" : "no difference is shown"),
      ]
    }
  }
}
