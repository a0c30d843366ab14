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
    /// How many images of each class the data have from which these are.
    package let classHistogram: [Int]
    /// Normalisation, where it is known.
    package let normalization: ChannelNormalization?
    /// Statistics of the training split, where there is one.
    package let ownStatistics: ChannelNormalization?
    /// Networks that names and shapes fit, the likeliest first.
    package let fixed: [FixedNetwork]
    /// Whether it is one of these, as the user says.
    package let isStated: Bool
    /// The loss; nil for that which suits classes.
    package let loss: Loss?

    /// Joins the parts.
    package init(
      contents: CheckpointContents, dataset: Dataset, classHistogram: [Int]? = nil,
      normalization: ChannelNormalization?, ownStatistics: ChannelNormalization?,
      fixed: [FixedNetwork], isStated: Bool, loss: Loss?
    ) {
      self.contents = contents
      self.dataset = dataset
      self.classHistogram = classHistogram ?? dataset.classHistogram
      self.normalization = normalization
      self.ownStatistics = ownStatistics
      self.fixed = fixed
      self.isStated = isStated
      self.loss = loss
    }
  }

  /// Samples that decide, those that sort out beforehand, and those that sort out the worst.
  static let samples = (full: 512, quick: 128, coarse: 32)
  /// The most samples that are looked at.
  package static var sampleCount: Int { samples.full }
  /// Losses so near to each other say nothing.
  static let tie = 0.03
  /// By how much less usual a reading may be to be named beside another one.
  static let mostUnusual = 5.0
  /// Multiplications that a search may take: about a minute on two cores.
  static let budget = 1_200_000_000_000

  /// Trials of each stage at least, whatever they take.
  private static let leastTrials = 6

  let question: Question
  let meter: ReadingMeter
  let normalizations: [NormalizationCandidate]
  let hints: ModuleHints
  let input: Architecture.Input
  private let progress: (_ tried: Int, _ share: Double) -> Void

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - question: What is known.
  ///   - pool: The threads.
  ///   - known: What another process has measured for the same question; nil where nobody has.
  ///   - progress: Receives the number of networks tried so far and the share of the most that a search may
  ///     take, now and then.
  package init(
    _ question: Question, pool: WorkerPool, known: SearchRecord? = nil,
    progress: @escaping (_ tried: Int, _ share: Double) -> Void
  ) {
    self.question = question
    self.progress = progress
    hints = ModuleHints(question.contents.module)
    let shape = question.dataset.shape
    input = .image(channels: shape.channels, height: shape.height, width: shape.width)
    meter = ReadingMeter(
      question.contents, dataset: question.dataset, loss: question.loss, pool: pool,
      known: known)
    normalizations =
      question.normalization.map { [NormalizationCandidate(value: $0, cost: 0)] }
      ?? NormalizationCandidate.candidates(
        for: question.dataset, own: question.ownStatistics)
  }

  /// What has been measured so far.
  package var record: SearchRecord { meter.record }

  /// Measures and chooses.
  ///
  /// - Returns: What was found; nil where no network fits the tensors and images.
  package func outcome() -> SearchOutcome? {
    let readings = question.isStated ? [] : self.readings()
    let known = question.fixed.map { SearchCandidate.fixed($0) }
    guard !readings.isEmpty || !known.isEmpty else { return nil }
    let sizes = sampleCounts(readings, known)

    // First all normalisations, with the usual geometries and functions.
    var first = trials(known)
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
      let skeletons = skeletons(doingBest: scored)
      let fitting = readings.filter { skeletons.contains($0.skeleton) }
      let several = question.fixed.isEmpty ? fitting : Array(fitting.prefix(40))
      let second = several.map { reading in
        var changed = reading
        changed.settings = best.trial.reading?.settings ?? reading.settings
        return SearchTrial(
          candidate: .reading(changed, input: input), normalization: best.trial.normalization)
      }
      scored = merged(scored, measure(second, sizes, share: 0.6))
    }
    // Then whatever a single change makes better, from several starts.
    for start in starts(scored) {
      scored = merged(scored, descend(from: start, readings, sizes))
    }
    let usual = known.first ?? readings.first.map { SearchCandidate.reading($0, input: input) }
    return choose(scored, readings, sizes, usual: usual)
  }

  /// The two skeletons with the best readings: the others are not worth all their geometries.
  private func skeletons(doingBest scored: [ScoredTrial]) -> Set<Skeleton> {
    var found: [Skeleton] = []
    for entry in scored {
      guard let skeleton = entry.trial.reading?.skeleton, !found.contains(skeleton) else {
        continue
      }
      found.append(skeleton)
    }
    return Set(found.prefix(2))
  }

  /// Whether there are too many known networks to try each with every normalisation.
  var hasManyNetworks: Bool { question.fixed.count > 6 }

  /// What readings of the same layers share.
  private struct Layout: Hashable {
    let skeleton: Skeleton
    let geometry: Geometry
  }

  /// The best known networks and the best readings of different layers.
  private func starts(_ scored: [ScoredTrial]) -> [ScoredTrial] {
    var seen: Set<Layout> = []
    let readings = scored.filter { entry in
      guard let reading = entry.trial.reading else { return false }
      return seen.insert(Layout(skeleton: reading.skeleton, geometry: reading.geometry)).inserted
    }
    // Where there are many they have been tried with two normalisations alone, and single changes lead on from each.
    let known = scored.filter { $0.trial.reading == nil }
    return Array(known.prefix(hasManyNetworks ? 3 : 1)) + readings.prefix(3)
  }

  // MARK: - Measuring

  /// Numbers of samples of a search.
  struct SampleCounts {
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
  func measure(
    _ trials: [SearchTrial], _ sizes: SampleCounts, share: Double
  ) -> [ScoredTrial] {
    let coarse = measure(trials, samples: sizes.coarse, share: share)
    guard let best = coarse.first else { return [] }
    let near = coarse.prefix(40).enumerated().filter { place, entry in
      place < 6 || entry.score.loss < 1.3 * best.score.loss + 0.1
    }
    return measure(near.map(\.element.trial), samples: sizes.quick, share: share)
  }

  func measure(_ trials: [SearchTrial], samples: Int, share: Double) -> [ScoredTrial] {
    let limit = Int(Double(Self.budget) * share)
    var scored: [ScoredTrial] = []
    for (place, trial) in groupedByNetwork(trials).enumerated() {
      // Those that come first are always tried: a stage without a result would end the search without one.
      guard place < Self.leastTrials || meter.work < limit else { break }
      let score = meter.score(
        trial.candidate, normalization: trial.normalization.value, samples: samples)
      if let score { scored.append(ScoredTrial(trial: trial, score: score)) }
      progress(meter.count, min(Double(meter.work) / Double(Self.budget), 1))
    }
    return sorted(scored)
  }

  /// The trials with those of one network behind one another, which share its plans.
  private func groupedByNetwork(_ trials: [SearchTrial]) -> [SearchTrial] {
    var places: [String: Int] = [:]
    var groups: [[SearchTrial]] = []
    for trial in trials {
      let text = meter.text(of: trial.candidate)
      if let place = places[text] {
        groups[place].append(trial)
      } else {
        places[text] = groups.count
        groups.append([trial])
      }
    }
    return groups.flatMap(\.self)
  }

  private func sorted(_ scored: [ScoredTrial]) -> [ScoredTrial] {
    scored.enumerated().sorted {
      ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
    }.map(\.element)
  }

  func merged(_ a: [ScoredTrial], _ b: [ScoredTrial]) -> [ScoredTrial] {
    var seen: Set<SearchTrial> = []
    return sorted(a + b).filter { seen.insert($0.trial).inserted }
  }

  /// Follows single changes while the loss falls.
  private func descend(
    from start: ScoredTrial, _ readings: [Reading], _ sizes: SampleCounts
  ) -> [ScoredTrial] {
    var best = start
    var all: [ScoredTrial] = []
    for _ in 0..<8 {
      let around = measure(neighbours(best.trial, readings), sizes, share: 0.85)
      all = merged(all, around)
      guard let next = around.first, next.rank < best.rank - 1e-3 else { break }
      best = next
    }
    return all
  }
}

extension CheckpointContents {
  /// Whether tensors come in the order in which layers were made; safetensors sorts them.
  var keepsOrder: Bool { format != .safetensors }
}
