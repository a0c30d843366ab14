import Analyses
import GradientRatios
import NeuralNetworks
import Training

/// What `gradratio histogram` prints.
enum RatioLines {
  /// First and last checkpoint of every training.
  static func lines(_ course: RatioCourse) -> [String] {
    course.runs.flatMap { run -> [String] in
      guard let first = run.points.first?.number, let last = run.points.last?.number else {
        return []
      }
      return run.points.filter { $0.number == first || $0.number == last }.map { point in
        let shares = point.batches?.text(scale: 100, digits: 2) ?? "none"
        let place = course.numbering == .epoch ? "epoch" : "checkpoint"
        return "\(run.name), \(place) \(point.number)"
          + (point.batchNorm.map { ", batch norm \($0.rawValue)" } ?? "")
          + ": \(shares) % of the ratios below 0, loss \(fourDigits(point.loss))"
      }
    }
  }

  /// What single batches say, where there are several.
  private static func batches(_ spread: Spread) -> String? {
    spread.standardDeviation == nil
      ? nil
      : "; of each batch's own gradients \(spread.text(scale: 100, digits: 2)) % (\(spread.count) batches)"
  }

  /// One line for the network, and one for the mask if there is one.
  static func lines(_ summary: RatioSummary) -> [String] {
    let h = summary.histogram
    let whole =
      "\(summary.title) (\(summary.architecture)): \(RatioText.percent(h.shareBelowZero)) of "
      + "\(h.finite) ratios below 0, median \(RatioText.ratio(h.median)); g_SGD = 0 for "
      + "\(h.zeroGradients), equal gradients for \(h.equalGradients)"
      + (summary.batches.flatMap(batches) ?? "")
    guard let mask = summary.mask else { return [whole] }
    let parts = [mask.inside, mask.outside].map {
      "\($0.name) \(RatioText.percent($0.shareBelowZero)) of \($0.finite) below 0, median "
        + RatioText.ratio($0.median)
    }
    return [
      whole,
      "  mask of \(mask.path) (\(mask.inside.parameters) of \(summary.parameters)): "
        + parts.joined(separator: "; "),
    ]
  }
}
