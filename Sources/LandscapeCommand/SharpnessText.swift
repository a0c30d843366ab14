import Analyses
import CommandSupport
import Foundation

/// What `landscape sharpness` prints.
enum SharpnessText {
  static func lines(_ summaries: [SharpnessSummary]) -> [String] {
    zip(SharpnessSummary.titles(of: summaries), summaries).flatMap(lines)
  }

  private static func lines(_ title: String, _ summary: SharpnessSummary) -> [String] {
    var lines = [
      "\(title): loss \(fourDigits(summary.loss)); \(durationText(summary.evaluationSeconds))"
    ]
    for measure in summary.configuration.measures {
      let entries = summary.entries.filter { $0.measure == measure }
      lines.append("  \(measure.rawValue): \(measure.title)")
      lines += entries.map(line)
    }
    for (size, count) in (summary.samplesLeftOut ?? [:]).sorted(by: { $0.key < $1.key }) {
      lines.append("  of parts of \(size) samples \(count) samples are left over and not used")
    }
    let finite = summary.entries.reduce(0) { $0 + $1.nonFinite }
    if finite > 0 { lines.append("  warning: \(finite) losses were not finite") }
    if summary.configuration.measures.contains(where: \.isMaximum) {
      lines.append("  maxima are the best found: lower bounds")
    }
    return lines
  }

  private static func line(_ entry: SharpnessSummary.Entry) -> String {
    let size =
      entry.parts.count > 1 ? "\(entry.parts.count) parts of \(entry.samples)" : "all samples"
    var text =
      "    rho " + column(fourDigits(entry.rho), 8) + column(size, 22)
      + column((entry.value.map(fourDigits) ?? "not finite"), 11)
    if let spread = entry.spread {
      text += " ± \(errorText(spread.standardError)) over the parts"
    } else if let error = entry.drawError {
      text += " ± \(errorText(error)) over the perturbations"
    }
    if let linear = entry.linearRise { text += "; first order \(fourDigits(linear))" }
    if let range = entry.restartRange { text += "; ascents differ by \(fourDigits(range))" }
    return text
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
  }
}
