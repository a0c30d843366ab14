internal import Artifacts
internal import GradientRatios

extension RatioSummary: MeasuredResult {
  package static var numberGroup: String { "gradratio" }

  package static var numberTable: [ResultNumber<RatioSummary>] {
    [
      ResultNumber("share-below-zero") { MeasuredValue($0.histogram.shareBelowZero, .exact) },
      ResultNumber("median") { $0.histogram.median.map { MeasuredValue($0, .exact) } },
      ResultNumber("inside-mask") {
        $0.mask.map { MeasuredValue($0.inside.shareBelowZero, .exact) }
      },
      ResultNumber("outside-mask") {
        $0.mask.map { MeasuredValue($0.outside.shareBelowZero, .exact) }
      },
      ResultNumber("gradient-norm") { MeasuredValue($0.plainNorm, .exact) },
      ResultNumber("sam-gradient-norm") { MeasuredValue($0.perturbedNorm, .exact) },
      ResultNumber("difference-norm") { MeasuredValue($0.differenceNorm, .exact) },
      ResultNumber("loss") { MeasuredValue($0.loss, .exact) },
    ]
  }
}
