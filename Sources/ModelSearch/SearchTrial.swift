internal import Foundation

/// One network with one normalisation.
struct SearchTrial: Hashable {
  var candidate: SearchCandidate
  var normalization: NormalizationCandidate
  var cost: Double { candidate.cost + normalization.cost }
  /// The reading, if it is none of the known networks.
  var reading: Reading? {
    if case .reading(let reading, _) = candidate { reading } else { nil }
  }
}

/// A trial and its score.
struct ScoredTrial {
  let trial: SearchTrial
  let score: ReadingScore

  /// What is minimised: a reading must be better by so much as it is less usual.
  ///
  /// `log(loss) + 0.1 cost + 2 drift`: a prior that falls with the cost; losses below a thousandth say little.
  /// Where batch norms keep statistics, a wrong reading may have the lower loss by a third, but statistics
  /// of other numbers.
  var rank: Double { log(score.loss + 1e-3) + 0.1 * trial.cost + 2 * (score.drift ?? 0) }
}
