package import Artifacts
internal import Checkpoints
package import Datasets
package import Foundation
package import GraphRuntime
internal import NeuralNetworks
internal import Objectives

/// What is known of a run while it lasts: the one place where runs make their provenance.
///
/// Whatever a result must say about its origin is a parameter without a default here, so that no
/// analysis can forget it.
package struct RunRecord: Sendable {
  /// How weight decay entered the run.
  package enum WeightDecay: Sendable {
    /// As `factor ||w||^2 / 2` in the loss; 0 for none.
    case inLoss(Double)
    /// As `factor w` in the steps of a training; the losses are without it. nil where trainings
    /// differ in it.
    case inStep(Double?)
  }

  /// The record so far, without duration.
  private var provenance: Provenance
  private let started: Date

  /// Starts the record of an analysis of trained networks.
  ///
  /// - Parameters:
  ///   - models: The networks in the order in which they were given; data and normalisation are those
  ///     of the first.
  ///   - context: Threads, algorithms, and what the result says it was made by.
  ///   - seeds: The seed of each named random stream.
  ///   - batchNormalization: Which statistics batch norms use, if there are any.
  ///   - weightDecay: How weight decay entered the loss.
  ///   - settings: Whatever else influences the result.
  ///   - started: When the run was started.
  /// - Precondition: There is at least one network.
  package init(
    models: [OpenedModel], context: RunContext, seeds: [String: UInt64],
    batchNormalization: String, weightDecay: WeightDecay, settings: [String: String],
    started: Date
  ) {
    precondition(!models.isEmpty, "an analysis is one of a network")
    let first = models[0]
    self.init(
      data: Provenance.DataSource(
        name: first.data.name, split: first.data.split.rawValue, digest: first.dataDigest,
        samples: first.data.count, path: first.dataPath),
      labels: first.labels, normalization: first.data.normalization,
      convolution: context.engine.convolution, context: context, seeds: seeds,
      batchNormalization: batchNormalization, weightDecay: weightDecay,
      settings: settings.merging(["loss": first.loss.loss.kind.rawValue]) { own, _ in own }
        .merging(first.settings) { own, _ in own },
      started: started)
    provenance.models = models.map {
      Provenance.InputFile(path: $0.path, sha256: $0.sha256, format: $0.format)
    }
    provenance.warnings = models.flatMap(\.warnings)
    let readings = models.compactMap(\.reading)
    provenance.readings = readings.isEmpty ? nil : readings
    if models.allSatisfy({ $0.trained.model.bufferLayout.count == 0 }) {
      provenance.batchNormalization = "none"
    }
  }

  /// Starts the record of a run that is not about networks that exist: of a training.
  ///
  /// - Parameters:
  ///   - data: The samples.
  ///   - labels: Which labels of the data are used.
  ///   - normalization: The normalisation of the channels, its values resolved.
  ///   - convolution: Which convolution algorithms may be used.
  ///   - context: Threads, and what the result says it was made by.
  ///   - seeds: The seed of each named random stream.
  ///   - batchNormalization: Which statistics batch norms use.
  ///   - weightDecay: How weight decay entered the steps.
  ///   - settings: Whatever else influences the result.
  ///   - started: When the run was started.
  package init(
    data: Provenance.DataSource, labels: LabelChoice, normalization: String,
    convolution: ConvolutionChoice, context: RunContext, seeds: [String: UInt64],
    batchNormalization: String, weightDecay: WeightDecay, settings: [String: String],
    started: Date
  ) {
    self.started = started
    provenance = Provenance(
      command: context.command, version: Toolkit.version, threads: context.engine.threads,
      date: started)
    provenance.distribution = context.ranks.distribution
    provenance.warnings = []
    provenance.data = data
    provenance.seeds = seeds
    provenance.batchNormalization = batchNormalization
    switch weightDecay {
    case .inLoss(let factor):
      provenance.weightDecay = factor
      provenance.lossIncludesWeightDecay = factor > 0
    case .inStep(let factor):
      provenance.weightDecay = factor
      provenance.lossIncludesWeightDecay = false
    }
    provenance.libraries = Toolkit.libraries
    provenance.settings = settings.merging([
      "normalization": normalization, "labels": labels.rawValue,
      "convolution": convolution.rawValue, "convolution rule": GraphExecutor.convolutionRule,
    ]) { own, _ in own }
  }

  /// The record as it stands, with the time since the start.
  ///
  /// - Parameters:
  ///   - data: The samples that were really used, where they are fewer than those opened.
  ///   - seconds: Duration where it is more than that of this process: of all parts of a training.
  /// - Returns: What a result holds.
  package func finished(
    data: Provenance.DataSource? = nil, seconds: Double? = nil
  ) -> Provenance {
    var result = provenance
    if let data { result.data = data }
    result.wallSeconds = seconds ?? Date().timeIntervalSince(started)
    return result
  }
}
