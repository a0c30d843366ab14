internal import Artifacts
internal import Objectives

extension SharpnessSummary {
  /// What sharpness can say, and what it cannot.
  package static let meaning =
    "Sharpness describes the loss around these weights. It does not predict how well a network generalises: over "
    + "many networks it does not reliably go with the test error (Andriushchenko et al. 2023)."

  /// What was measured, in a sentence.
  package var setting: String {
    var parts: [String] = []
    if let data = provenance.data {
      parts.append(
        "\(lossFunction.caption) over the first \(data.samples) samples of \(data.name) \(data.split)"
      )
    }
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
