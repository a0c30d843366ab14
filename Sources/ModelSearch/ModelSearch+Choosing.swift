internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import Foundation

extension ModelSearch {
  /// The lowest rank on many samples, and what does equally well.
  func choose(
    _ scored: [ScoredTrial], _ readings: [Reading], _ sizes: SampleCounts, usual: SearchCandidate?
  ) -> SearchOutcome? {
    let samples = sizes.full
    let final = finalists(scored, readings, sizes)
    guard let lowest = final.first else { return nil }
    // Where nothing is above chance, the losses say nothing and the usual choice is all there is.
    let isAboveChance = isAboveChance(lowest.score)
    let limit = lowest.score.loss * (1 + Self.tie)
    let ties = final.filter {
      isAboveChance && $0.score.loss <= limit
        && $0.trial.cost <= lowest.trial.cost + Self.mostUnusual
    }
    guard let chosen = isAboveChance ? lowest : usual.flatMap({ usualScore($0, samples) }),
      let trained = meter.trainedModel(chosen.trial.candidate)
    else { return nil }
    let others = isAboveChance ? distinct(ties, from: chosen) : []
    let next = final.first { $0.score.loss > limit }
    return SearchOutcome(
      trained: trained, normalization: chosen.trial.normalization.value,
      reading: MeasuredReading(
        chosen: entry(chosen), ties: others.map(entry), next: next.map(entry),
        samples: chosen.score.samples, tried: meter.count),
      isAboveChance: isAboveChance,
      drift: chosen.score.drift,
      outputLook: isAboveChance
        ? meter.outputLook(
          of: chosen.trial.candidate, normalization: chosen.trial.normalization.value,
          samples: chosen.score.samples) : nil,
      loneSlope: chosen.trial.reading?.skeleton.loneSlope,
      resizedSide: chosen.trial.reading?.resizedSide(of: question.dataset.shape),
      hasKnownNames: question.fixed.contains { $0.trained.hasOwnNames })
  }

  /// Those that do best on few samples, measured on many, with what lies around the best of them: few samples may have
  /// led past it.
  private func finalists(
    _ scored: [ScoredTrial], _ readings: [Reading], _ sizes: SampleCounts
  ) -> [ScoredTrial] {
    guard let best = scored.first else { return [] }
    let near = scored.filter { $0.score.loss <= best.score.loss * 1.2 + 0.02 }
    var final = measure(near.prefix(40).map(\.trial), samples: sizes.full, share: 2)
    for _ in 0..<2 {
      guard let lowest = final.first else { break }
      let around = measure(neighbours(lowest.trial, readings), sizes, share: 0.95).prefix(6)
      let more = measure(around.map(\.trial), samples: sizes.full, share: 1)
      final = merged(final, more)
      if final.first?.trial == lowest.trial { break }
    }
    return final
  }

  /// The usual network with the usual normalisation.
  private func usualScore(_ candidate: SearchCandidate, _ samples: Int) -> ScoredTrial? {
    guard let normalization = normalizations.min(by: { $0.cost < $1.cost }) else { return nil }
    let trial = SearchTrial(candidate: candidate, normalization: normalization)
    return meter.score(candidate, normalization: normalization.value, samples: samples)
      .map { ScoredTrial(trial: trial, score: $0) }
  }

  /// Those whose numbers differ, the lowest loss first: what computes the same is one network.
  private func distinct(_ ties: [ScoredTrial], from chosen: ScoredTrial) -> [ScoredTrial] {
    var seen = [chosen.score.loss]
    let sorted = ties.enumerated().sorted {
      ($0.element.score.loss, $0.offset) < ($1.element.score.loss, $1.offset)
    }
    return sorted.map(\.element).filter { tie in
      guard !seen.contains(where: { abs($0 - tie.score.loss) <= 1e-6 * $0 }) else { return false }
      seen.append(tie.score.loss)
      return true
    }
  }

  private func entry(_ scored: ScoredTrial) -> MeasuredReading.Entry {
    MeasuredReading.Entry(
      architecture: scored.trial.candidate.name,
      normalization: scored.trial.normalization.value.description, loss: scored.score.loss,
      correct: scored.score.correct)
  }

  /// Whether a score is past what guessing gives.
  ///
  /// Right answers lie five deviations above always naming the commonest class (several hundred readings are
  /// tried, so some lie two or three above it by chance), and the loss is below that of naming the shares
  /// of the classes, or three times as many answers are right.
  private func isAboveChance(_ score: ReadingScore) -> Bool {
    let total = Double(max(question.classHistogram.reduce(0, +), 1))
    let shares = question.classHistogram.map { Double($0) / total }
    let share = shares.max() ?? 0
    let count = Double(score.samples)
    let deviation = (share * (1 - share) * count).squareRoot()
    let entropy = shares.filter { $0 > 0 }.reduce(0) { $0 - $1 * log($1) }
    return Double(score.correct) > share * count + 5 * deviation
      && (score.loss < entropy || Double(score.correct) > 3 * share * count)
  }
}
