internal import Artifacts
internal import Krylov
internal import HessianSpectra

/// How the curvature of two networks differs over the same parts of the samples.
///
/// Each part gives one difference, in which what both networks owe to its samples cancels.
public struct SpectrumDifference: Equatable, Sendable {
  /// lambda1, lambda1/lambda5 and trace, as far as both networks have them on all parts.
  public let estimates: [PairedDifference]

  /// Compares two networks; nil unless both have parts and these are the same samples.
  public init?(of second: SpectrumSummary, from first: SpectrumSummary) {
    guard let a = first.subsets, let b = second.subsets, a.subsets.count == b.subsets.count,
      let data = first.source.provenance.data, let other = second.source.provenance.data,
      data.digest == other.digest,
      first.source.provenance.seeds["vectors"] == second.source.provenance.seeds["vectors"]
    else { return nil }
    func estimate(
      _ name: String, _ value: (SubsetSpread.Subset) -> Double?
    ) -> PairedDifference? {
      PairedDifference(name, first: a.subsets.map(value), second: b.subsets.map(value))
    }
    estimates = [
      estimate("lambda1") { $0.largest.first?.value },
      estimate("lambda1/lambda5") { $0.ratio?.value }, estimate("trace") { $0.trace?.value },
    ].compactMap(\.self)
  }
}
