internal import Artifacts
package import Checkpoints
internal import ComputationGraph
package import Datasets
internal import Foundation
package import LinearAlgebra
internal import NeuralNetworks
package import Objectives

/// Finds what a file of weights means by measuring what it may mean.
///
/// Shapes propose, data decide: skeletons from names and shapes, geometries that fit the images,
/// activations, orders and normalisations are tried on some samples; the lowest loss wins, and of those that
/// do equally well the usual one.
package struct ModelSearch {
  /// What is known before anything is measured.
  package struct Question {
    /// The file.
    package let contents: CheckpointContents
    /// The images.
    package let dataset: Dataset
    /// Normalisation, where it is known.
    package let normalization: ChannelNormalization?
    /// Statistics of the training split, where there is one.
    package let ownStatistics: ChannelNormalization?
    /// Networks that names and shapes fit, the likeliest first.
    package let known: [KnownNetwork]
    /// Whether it is one of these, as the user says.
    package let isKnown: Bool
    /// The loss; nil for that which suits classes.
    package let loss: Loss?

    /// Joins the parts.
    package init(
      contents: CheckpointContents, dataset: Dataset, normalization: ChannelNormalization?,
      ownStatistics: ChannelNormalization?, known: [KnownNetwork], isKnown: Bool, loss: Loss?
    ) {
      self.contents = contents
      self.dataset = dataset
      self.normalization = normalization
      self.ownStatistics = ownStatistics
      self.known = known
      self.isKnown = isKnown
      self.loss = loss
    }
  }

  /// Samples that decide, those that sort out beforehand, and those that sort out the worst.
  private static let samples = (full: 512, quick: 128, coarse: 32)
  /// Losses so near to each other say nothing.
  private static let tie = 0.03
  /// Multiplications that a search may take: about a minute on two cores.
  private static let budget = 1_200_000_000_000

  private let question: Question
  private let meter: ReadingMeter
  private let normalizations: [NormalizationCandidate]
  private let hints: ModuleHints
  private let input: Architecture.Input
  private let progress: (Int) -> Void

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - question: What is known.
  ///   - pool: The threads.
  ///   - progress: Receives the number of networks tried so far, now and then.
  package init(
    _ question: Question, pool: WorkerPool, progress: @escaping (Int) -> Void
  ) {
    self.question = question
    self.progress = progress
    hints = ModuleHints(question.contents.module)
    let shape = question.dataset.shape
    input = .image(channels: shape.channels, height: shape.height, width: shape.width)
    meter = ReadingMeter(
      question.contents, dataset: question.dataset, loss: question.loss, pool: pool)
    normalizations =
      question.normalization.map { [NormalizationCandidate(value: $0, cost: 0)] }
      ?? NormalizationCandidate.candidates(
        for: question.dataset, own: question.ownStatistics)
  }

  /// One network with one normalisation.
  private struct Trial: Hashable {
    var candidate: SearchCandidate
    var normalization: NormalizationCandidate
    var cost: Double { candidate.cost + normalization.cost }
    /// The reading, if it is none of the known networks.
    var reading: Reading? {
      if case .reading(let reading, _) = candidate { reading } else { nil }
    }
  }

  /// A trial and its score.
  private struct Scored {
    let trial: Trial
    let score: ReadingScore

    /// What is minimised: a reading must be better by so much as it is less usual.
    ///
    /// `log(loss) + 0.1 cost + 2 drift`: a prior that falls with the cost; losses below a thousandth say little.
    /// Where batch norms keep statistics, a wrong reading may have the lower loss by a third, but statistics
    /// of other numbers.
    var rank: Double { log(score.loss + 1e-3) + 0.1 * trial.cost + 2 * score.drift }
  }

  /// Measures and chooses.
  ///
  /// - Returns: What was found; nil where no network fits the tensors and images.
  package func outcome() -> SearchOutcome? {
    let readings = question.isKnown ? [] : self.readings()
    let known = question.known.map { SearchCandidate.known($0) }
    guard !readings.isEmpty || !known.isEmpty else { return nil }
    let sizes = sampleCounts(readings, known)

    // First all normalisations, with the usual geometries and functions.
    var first = known.flatMap { trials($0) }
    for reading in usual(readings) {
      for settings in reading.settings.starts(of: reading.skeleton, hints) {
        var changed = reading
        changed.settings = settings
        first += trials(.reading(changed, input: input))
      }
    }
    var scored = measure(first, sizes, share: 0.35)
    // Then all geometries, with what did best so far.
    if let best = scored.first(where: { $0.trial.reading != nil }) {
      let several = question.known.isEmpty ? readings : Array(readings.prefix(40))
      let second = several.map { reading in
        var changed = reading
        changed.settings = best.trial.reading?.settings ?? reading.settings
        return Trial(
          candidate: .reading(changed, input: input), normalization: best.trial.normalization)
      }
      scored = merged(scored, measure(second, sizes, share: 0.6))
    }
    // Then whatever a single change makes better, from several starts.
    for start in starts(scored) {
      scored = merged(scored, descend(from: start, readings, sizes))
    }
    let usual = known.first ?? readings.first.map { SearchCandidate.reading($0, input: input) }
    return choose(scored, samples: sizes.full, usual: usual)
  }

  /// The best known network and the best readings of different layers.
  private func starts(_ scored: [Scored]) -> [Scored] {
    var seen: Set<String> = []
    let readings = scored.filter { entry in
      guard let reading = entry.trial.reading else { return false }
      return seen.insert("\(reading.skeleton.hashValue) \(reading.geometry)").inserted
    }
    return Array(scored.filter { $0.trial.reading == nil }.prefix(1)) + readings.prefix(3)
  }

  // MARK: - Candidates

  /// Readings of the file with the usual settings, the likelier first.
  private func readings() -> [Reading] {
    guard case .success(let layers) = FoundLayer.layers(of: question.contents.tensors) else {
      return []
    }
    let shape = question.dataset.shape
    let builder = SkeletonBuilder(
      layers, channels: shape.channels, isOrdered: question.contents.keepsOrder)
    var readings: [Reading] = []
    for skeleton in builder.skeletons() {
      let search = GeometrySearch(
        skeleton, height: shape.height, width: shape.width, hints: hints)
      for (geometry, cost) in search.geometries() {
        readings.append(
          Reading(
            skeleton: skeleton, geometry: geometry, geometryCost: cost,
            settings: ReadingSettings(hints)))
      }
    }
    return readings
  }

  /// The few likeliest readings of each skeleton.
  private func usual(_ readings: [Reading]) -> [Reading] {
    var counts: [Skeleton: Int] = [:]
    return readings.filter { reading in
      counts[reading.skeleton, default: 0] += 1
      return counts[reading.skeleton, default: 0] <= (question.known.isEmpty ? 4 : 1)
    }
  }

  private func trials(_ candidate: SearchCandidate) -> [Trial] {
    normalizations.map { Trial(candidate: candidate, normalization: $0) }
  }

  /// Trials that differ from one in a single decision.
  private func neighbours(_ trial: Trial, _ readings: [Reading]) -> [Trial] {
    var result = normalizations.map { Trial(candidate: trial.candidate, normalization: $0) }
    guard case .reading(let reading, _) = trial.candidate else { return result }
    func add(_ change: (inout Reading) -> Void) {
      var changed = reading
      change(&changed)
      result.append(
        Trial(
          candidate: .reading(changed, input: input), normalization: trial.normalization))
    }
    for settings in reading.settings.neighbours(
      of: reading.skeleton, reading.geometry, hints)
    {
      add { $0.settings = settings }
    }
    let others = readings.filter { $0.skeleton == reading.skeleton }
      .map { (reading: $0, distance: $0.geometry.distance(to: reading.geometry)) }
      .filter { (1...2).contains($0.distance) }
    for (other, _) in others.sorted(by: { $0.distance < $1.distance }).prefix(24) {
      add {
        $0.geometry = other.geometry
        $0.geometryCost = other.geometryCost
      }
    }
    return result
  }

  // MARK: - Measuring

  /// Numbers of samples of a search.
  private struct SampleCounts {
    let coarse: Int
    let quick: Int
    let full: Int
  }

  private func sampleCounts(
    _ readings: [Reading], _ known: [SearchCandidate]
  ) -> SampleCounts {
    let work = readings.first.map { SearchCandidate.reading($0, input: input).work }
    let size = max(work ?? known.first?.work ?? 1, 1)
    // Some hundred trials of the first kind, some tens of the others.
    return SampleCounts(
      coarse: min(Self.samples.coarse, max(Self.budget / 1000 / size, 8)),
      quick: min(Self.samples.quick, max(Self.budget / 400 / size, 16)),
      full: min(Self.samples.full, max(Self.budget / 80 / size, 64)))
  }

  /// Scores of trials, best first, as far as a share of all work allows: all on few samples, the better
  /// ones on more.
  private func measure(_ trials: [Trial], _ sizes: SampleCounts, share: Double) -> [Scored] {
    let coarse = measure(trials, samples: sizes.coarse, share: share)
    guard let best = coarse.first else { return [] }
    let near = coarse.prefix(40).enumerated().filter { place, entry in
      place < 6 || entry.score.loss < 1.3 * best.score.loss + 0.1
    }
    return measure(near.map(\.element.trial), samples: sizes.quick, share: share)
  }

  private func measure(_ trials: [Trial], samples: Int, share: Double) -> [Scored] {
    let limit = Int(Double(Self.budget) * share)
    var scored: [Scored] = []
    for trial in trials {
      guard meter.work < limit else { break }
      let score = meter.score(
        trial.candidate, normalization: trial.normalization.value, samples: samples)
      if let score { scored.append(Scored(trial: trial, score: score)) }
      progress(meter.count)
    }
    return sorted(scored)
  }

  private func sorted(_ scored: [Scored]) -> [Scored] {
    scored.enumerated().sorted {
      ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
    }.map(\.element)
  }

  private func merged(_ a: [Scored], _ b: [Scored]) -> [Scored] {
    var seen: Set<Trial> = []
    return sorted(a + b).filter { seen.insert($0.trial).inserted }
  }

  /// Follows single changes while the loss falls.
  private func descend(
    from start: Scored, _ readings: [Reading], _ sizes: SampleCounts
  ) -> [Scored] {
    var best = start
    var all: [Scored] = []
    for _ in 0..<8 {
      let around = measure(neighbours(best.trial, readings), sizes, share: 0.85)
      all = merged(all, around)
      guard let next = around.first, next.rank < best.rank - 1e-3 else { break }
      best = next
    }
    return all
  }

  // MARK: - Choosing

  private func choose(
    _ scored: [Scored], samples: Int, usual: SearchCandidate?
  ) -> SearchOutcome? {
    guard let best = scored.first else { return nil }
    let near = scored.filter { $0.score.loss <= best.score.loss * 1.2 + 0.02 }
    let final = measure(near.prefix(40).map(\.trial), samples: samples, share: 2)
    guard let lowest = final.first else { return nil }
    // Where nothing is above chance, the losses say nothing and the usual choice is all there is.
    let isAboveChance = isAboveChance(lowest.score)
    let limit = lowest.score.loss * (1 + Self.tie)
    let ties = isAboveChance ? final.filter { $0.score.loss <= limit } : []
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
      hasKnownNames: !question.known.isEmpty)
  }

  /// The usual network with the usual normalisation.
  private func usualScore(_ candidate: SearchCandidate, _ samples: Int) -> Scored? {
    guard let normalization = normalizations.min(by: { $0.cost < $1.cost }) else { return nil }
    let trial = Trial(candidate: candidate, normalization: normalization)
    return meter.score(candidate, normalization: normalization.value, samples: samples)
      .map { Scored(trial: trial, score: $0) }
  }

  /// Those whose numbers differ: what computes the same is one network.
  private func distinct(_ ties: [Scored], from chosen: Scored) -> [Scored] {
    var seen = [chosen.score.loss]
    return ties.filter { tie in
      guard !seen.contains(where: { abs($0 - tie.score.loss) <= 1e-6 * $0 }) else { return false }
      seen.append(tie.score.loss)
      return true
    }
  }

  private func entry(_ scored: Scored) -> MeasuredReading.Entry {
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
    let shares = question.dataset.classHistogram.map {
      Double($0) / Double(max(question.dataset.count, 1))
    }
    let share = shares.max() ?? 0
    let count = Double(score.samples)
    let deviation = (share * (1 - share) * count).squareRoot()
    let entropy = shares.filter { $0 > 0 }.reduce(0) { $0 - $1 * log($1) }
    return Double(score.correct) > share * count + 5 * deviation
      && (score.loss < entropy || Double(score.correct) > 3 * share * count)
  }
}

extension CheckpointContents {
  /// Whether tensors come in the order in which layers were made; safetensors sorts them.
  var keepsOrder: Bool { format != .safetensors }
}
