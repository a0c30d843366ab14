internal import Checkpoints
internal import ComputationGraph
internal import Datasets
internal import Foundation
internal import LinearAlgebra
internal import NeuralNetworks
internal import Objectives

/// How well a network does on some samples.
package struct ReadingScore: Hashable, Codable, Sendable {
  /// Mean loss.
  let loss: Double
  /// Samples whose class is right.
  let correct: Int
  /// Number of samples.
  let samples: Int
  /// How far the statistics of the samples are from those that batch norms keep, in deviations, at most 1; nil
  /// without such statistics or on few samples.
  let drift: Double?
}

/// Everything that was measured in a search: with it another process finds the same without measuring.
package struct SearchRecord: Codable, Sendable {
  /// A measured network.
  struct Entry: Codable {
    /// What it gave; nil where it cannot be computed.
    let score: ReadingScore?
    /// The networks that had been tried then.
    let count: Int
    /// The multiplications that had been done then.
    let work: Int
  }

  /// The networks in the order in which they were measured.
  fileprivate(set) var entries: [Entry] = []
  /// What the outputs of the chosen network look like.
  fileprivate(set) var outputLook: OutputLook?
}

/// Measures networks that a file may mean on samples of the data.
final class ReadingMeter {
  private let contents: CheckpointContents
  private let dataset: Dataset
  private let loss: Loss?
  private let pool: WorkerPool
  private var scores: [Key: ReadingScore?] = [:]
  private var drifts: [DriftKey: Double] = [:]
  private var trained: [String: TrainedModel?] = [:]
  private var texts: [SearchCandidate: String] = [:]
  private var multiplications: [String: Int] = [:]
  private var last: (text: String, risk: EmpiricalRisk)?
  /// Networks that were measured, each with each normalisation.
  private(set) var count = 0
  /// Multiplications so far, with those that planning costs as much as.
  private(set) var work = 0
  /// What has been measured.
  private(set) var record = SearchRecord()
  /// What is taken instead of measuring, as far as it reaches.
  private let known: SearchRecord?

  private struct Key: Hashable {
    let network: String
    let normalization: ChannelNormalization
    let samples: Int
  }

  private struct DriftKey: Hashable {
    let network: String
    let normalization: ChannelNormalization
  }

  init(
    _ contents: CheckpointContents, dataset: Dataset, loss: Loss?, pool: WorkerPool,
    known: SearchRecord? = nil
  ) {
    self.known = known
    self.contents = contents.inSinglePrecision
    self.dataset = dataset
    self.loss = loss
    self.pool = pool
  }

  /// What the network of a reading and a normalisation give; nil where it cannot be computed.
  func score(
    _ candidate: SearchCandidate, normalization: ChannelNormalization, samples: Int
  ) -> ReadingScore? {
    let samples = min(samples, dataset.count)
    let text = text(of: candidate)
    let key = Key(network: text, normalization: normalization, samples: samples)
    if let known = scores[key] { return known }
    let result = recorded() ?? measured(candidate, text, normalization, samples)
    record.entries.append(.init(score: result, count: count, work: work))
    scores[key] = .some(result)
    return result
  }

  /// What another process has measured in this place; nil where this one has to.
  private func recorded() -> ReadingScore?? {
    let place = record.entries.count
    guard let entries = known?.entries, place < entries.count else { return nil }
    (count, work) = (entries[place].count, entries[place].work)
    return .some(entries[place].score)
  }

  /// Model and weights of a candidate; nil where its shapes do not fit.
  func trainedModel(_ candidate: SearchCandidate) -> TrainedModel? {
    let text = text(of: candidate)
    if let known = trained[text] { return known }
    // Weights of all candidates at once would be many times the file.
    if trained.count >= 16 { trained.removeAll() }
    let result = try? candidate.trainedModel(contents)
    trained[text] = .some(result)
    return result
  }

  private func measured(
    _ candidate: SearchCandidate, _ text: String, _ normalization: ChannelNormalization,
    _ samples: Int
  ) -> ReadingScore? {
    guard let trained = trainedModel(candidate), let chosen = chosen(samples, normalization) else {
      return nil
    }
    count += 1
    let isPlanned = last?.text == text && last?.risk.sampleCount == samples
    let pass = multiplications[text] ?? candidate.work
    multiplications[text] = pass
    work += (isPlanned ? 0 : planning(trained)) + pass * samples
    guard let risk = try? risk(trained, text, chosen),
      let value = try? risk.value(at: trained.point), value.loss.isFinite
    else { return nil }
    // A pass of its own, through the same network: once is enough, on however many samples.
    let key = DriftKey(network: text, normalization: normalization)
    var drift = drifts[key]
    if drift == nil, comparesStatistics(risk, samples) {
      work += pass * samples
      drift = self.drift(risk, trained.point)
      drifts[key] = drift
    }
    return ReadingScore(
      loss: value.loss, correct: value.correct, samples: samples, drift: drift)
  }

  /// Samples from all over the data, normalised.
  private func chosen(_ count: Int, _ normalization: ChannelNormalization) -> Samples? {
    guard let data = try? NormalizedDataset(dataset, normalization) else { return nil }
    guard count < dataset.count else { return data.samples }
    return data.samples.selecting((0..<count).map { $0 * dataset.count / count })
  }

  /// What the outputs of a network look like; nil where they can be logits of a softmax.
  func outputLook(
    of candidate: SearchCandidate, normalization: ChannelNormalization, samples: Int
  ) -> OutputLook? {
    if let known { return known.outputLook }
    guard let trained = trainedModel(candidate), let chosen = chosen(samples, normalization),
      let risk = try? risk(trained, text(of: candidate), chosen),
      let outputs = try? risk.outputs(at: trained.point)
    else { return nil }
    let look = OutputLook(outputs.array, classCount: trained.model.outputShape.count)
    record.outputLook = look
    return look
  }

  /// Multiplications that take as long as the planning of a network: kernels are made and weights prepared.
  private func planning(_ trained: TrainedModel) -> Int {
    Self.planningOfTensor * trained.model.layout.segments.count
      + Self.planningOfNumber * trained.model.layout.count
  }

  private static let planningOfTensor = 3_000_000
  private static let planningOfNumber = 100
}

extension ReadingMeter {
  /// Samples from which statistics are worth comparing.
  private static let leastForStatistics = 64

  /// Whether there are running statistics, and samples enough to compare them with.
  private func comparesStatistics(_ risk: EmpiricalRisk, _ samples: Int) -> Bool {
    risk.options.normalization == .inference && samples >= Self.leastForStatistics
      && risk.model.bufferLayout.segments.contains { $0.role == .runningVariance }
  }

  /// Distance between the statistics of the samples and the running ones: root mean square over channels of
  /// the difference of the means in deviations and of half the logarithm of the ratio of the variances.
  private func drift(_ risk: EmpiricalRisk, _ point: ModelPoint) -> Double {
    guard let own = try? risk.recalibratedBuffers(at: point) else { return 0 }
    let segments = risk.model.bufferLayout.segments
    var sum = 0.0
    var channels = 0
    for (mean, variance) in zip(segments, segments.dropFirst())
    where mean.role == .runningMean && variance.role == .runningVariance {
      for (m, v) in zip(mean.range, variance.range) {
        let kept = Double(point.buffers.elements[v]) + NormalizationMode.epsilon
        let found = Double(own.elements[v]) + NormalizationMode.epsilon
        let shift = Double(point.buffers.elements[m] - own.elements[m])
        let spread = log(max(found, 1e-12) / max(kept, 1e-12)) / 2
        sum += min(shift * shift / max(kept, 1e-12) + spread * spread, 1)
        channels += 1
      }
    }
    return channels == 0 ? 0 : (sum / Double(channels)).squareRoot()
  }

  /// What tells a candidate from others: those of equal layers are one.
  func text(of candidate: SearchCandidate) -> String {
    if let known = texts[candidate] { return known }
    let text = candidate.text
    texts[candidate] = text
    return text
  }

  /// The risk of a network; its plans serve all normalisations, which follow one another.
  private func risk(
    _ trained: TrainedModel, _ text: String, _ samples: Samples
  ) throws -> EmpiricalRisk {
    if let last, last.text == text, last.risk.sampleCount == samples.count {
      return try last.risk.over(samples)
    }
    // Without running statistics those of the samples are all there is.
    let options = RiskOptions(
      normalization: trained.hasStatistics ? .inference : .batch,
      batchSize: min(max(samples.count, 2), 128))
    let risk = try EmpiricalRisk(
      model: trained.model, loss: loss, samples: samples, options: options, pool: pool)
    last = (text, risk)
    return risk
  }
}
