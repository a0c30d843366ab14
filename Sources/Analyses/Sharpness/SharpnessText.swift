internal import Artifacts
internal import Datasets
internal import Objectives

extension SharpnessSummary {
  /// Titles that tell the results from each other: with the part of the data, where there are several.
  ///
  /// - Returns: A title for each.
  package static func titles(of summaries: [SharpnessSummary]) -> [String] {
    let isOnePart = Set(summaries.map(\.part)).count == 1
    return summaries.map { summary in
      guard !isOnePart, let part = summary.part else { return summary.title }
      return "\(summary.title), \(part.rawValue)"
    }
  }

  /// What sharpness can say, and what it cannot.
  package static let meaning =
    "Sharpness describes the loss around these weights. It does not predict how well a network generalises: over "
    + "many networks it does not reliably go with the test error (Andriushchenko et al. 2023)."

  /// What was measured, in a sentence.
  package var setting: String { Self.setting(of: [self]) }

  /// What was measured alike, in a sentence, with the samples of all.
  ///
  /// - Precondition: There is at least one.
  package static func setting(of summaries: [SharpnessSummary]) -> String {
    let first = summaries[0]
    var samples: [String] = []
    for data in summaries.compactMap(\.provenance.data) {
      let text = "the first \(data.samples) samples of \(data.name) \(data.split)"
      if !samples.contains(text) { samples.append(text) }
    }
    return first.setting(over: samples.joined(separator: " and "))
  }

  private func setting(over samples: String) -> String {
    var parts: [String] = []
    if !samples.isEmpty { parts.append("\(lossFunction.caption) over \(samples)") }
    if configuration.weightDecay > 0 {
      parts.append("weight decay \(configuration.weightDecay) included")
    }
    parts.append(
      configuration.isAdaptive
        ? "perturbations in units of each weight's magnitude"
        : "perturbations of all weights alike")
    if let statistics = provenance.batchNormStatistics { parts.append("batch norm: \(statistics)") }
    return parts.joined(separator: "; ") + "."
  }
}
