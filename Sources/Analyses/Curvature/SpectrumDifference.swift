internal import Artifacts
internal import Krylov
internal import HessianSpectra

/// How the curvature of two networks differs over the same parts of the samples.
///
/// Each part gives one difference, in which what both networks owe to its samples cancels. The 95 %
/// interval of the mean is `d ± t s / sqrt(N)` with Student's t for N - 1 degrees of freedom; it supposes
/// differences that are roughly normal.
package struct SpectrumDifference: Equatable, Sendable {
  /// A number of the second network minus that of the first.
  package struct Estimate: Equatable, Sendable {
    /// Name of the number.
    package let name: String
    /// Mean difference over the parts, and its standard error.
    package let difference: SubsetSpread.Estimate
    /// Half the width of the 95 % interval of the mean.
    package let margin: Double

    /// Whether the interval excludes 0.
    package var isDifference: Bool { abs(difference.mean) > margin }
  }

  /// lambda1, lambda1/lambda5 and trace, as far as both networks have them on all parts.
  package let estimates: [Estimate]

  /// Compares two networks; nil unless both have parts and these are the same samples.
  package init?(of second: SpectrumSummary, from first: SpectrumSummary) {
    guard let a = first.subsets, let b = second.subsets, a.subsets.count == b.subsets.count,
      let data = first.source.provenance.data, let other = second.source.provenance.data,
      data.digest == other.digest,
      first.source.provenance.seeds["vectors"] == second.source.provenance.seeds["vectors"]
    else { return nil }
    let t = StudentDistribution(degreesOfFreedom: a.subsets.count - 1).centralQuantile(0.95)
    func estimate(
      _ name: String, _ value: (SubsetSpread.Subset) -> Double?
    ) -> Estimate? {
      let differences = zip(a.subsets, b.subsets).map { first, second in
        value(first).flatMap { x in value(second).map { $0 - x } }
      }
      return SubsetSpread.Estimate(differences).map {
        Estimate(name: name, difference: $0, margin: t * $0.standardError)
      }
    }
    estimates = [
      estimate("lambda1") { $0.largest.first?.value },
      estimate("lambda1/lambda5") { $0.ratio?.value }, estimate("trace") { $0.trace?.value },
    ].compactMap(\.self)
  }
}
