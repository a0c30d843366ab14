internal import Artifacts
internal import Checkpoints
internal import Communication
internal import Datasets
internal import FileFormats
internal import Foundation
internal import GraphRuntime
internal import HessianSpectra
internal import NeuralNetworks
internal import Objectives

/// One model with its risk, ready for products.
struct CurvatureRun {
  let model: OpenedModel
  let configuration: CurvatureConfiguration
  let context: RunContext
  /// The samples: those of the model, or a part of them.
  let samples: Samples
  /// Which part of the samples; nil for all.
  let part: SamplePart?
  let risk: EmpiricalRisk
  let selection: ParameterSelection
  let counter = ProductCounter()
  /// Products that are kept for a continuation; nil where there is no folder.
  let journal: ProductJournal?
  /// Who shares the samples of a product.
  var ranks: any Communicator { context.ranks.communicator }
  private let source: CurvatureSource
  private let record: RunRecord
  /// Everything that the products depend on.
  let dependencies: Dependencies

  /// Everything that the products depend on.
  struct Dependencies: Encodable {
    let command: String
    let model: String
    let data: String
    let samples: Int
    let normalization: String
    let loss: Loss
    let matrix: CurvatureMatrix
    let parameters: String
    let labels: [UInt64]
    let batchNorm: NormalizationMode
    let batchSize: Int
    let microBatch: Int
    let weightDecay: Double
    let convolution: String
    let libraries: [String: String]
    let version: String
    /// Which part of the samples.
    let part: SamplePart.Identity?
  }

  /// Prepares the risk and evaluates the loss.
  ///
  /// - Parameters:
  ///   - name: Name of the analysis, for the file of products.
  ///   - model: The network.
  ///   - configuration: The matrix.
  ///   - folder: Where products are kept; nil to keep none.
  ///   - context: Threads, progress and cancellation.
  ///   - part: Which part of the samples; nil for all.
  /// - Throws: `AnalysisError` for the configuration and when the loss is not finite; errors of the
  ///   selection and the journal.
  init(
    _ name: String, of model: OpenedModel, _ configuration: CurvatureConfiguration,
    in folder: RunFolder?, _ context: RunContext, part: SamplePart? = nil
  ) throws {
    let started = Date()
    try configuration.validate()
    var configuration = configuration
    // Whether a basis is restarted depends on it.
    let limits = try context.ranks.communicator.gather([configuration.memory.bytes]).map { $0[0] }
    configuration.memory = ByteCount(bytes: limits.min() ?? configuration.memory.bytes)
    self.model = model
    self.configuration = configuration
    self.context = context
    let network = model.trained.model
    selection = try configuration.selection(of: network.layout)
    self.part = part
    samples = part.map { model.data.samples.selecting($0.places) } ?? model.data.samples
    risk = try model.risk(
      configuration.riskOptions(context.engine), on: samples, pool: context.engine.pool(),
      ranks: context.ranks.communicator)
    let seed = configuration.seed
    let sampled = configuration.matrix == .sampledFisher
    let dependencies = Dependencies(
      command: name, model: model.sha256, data: model.dataDigest, samples: model.data.count,
      normalization: model.data.normalization, loss: model.loss.loss,
      matrix: configuration.matrix,
      parameters: SHA256.hexDigest(
        of: Array(selection.ranges.map { "\($0)" }.joined(separator: ",").utf8)),
      labels: sampled ? [seed, UInt64(configuration.labelDraws)] : [],
      batchNorm: configuration.batchNorm, batchSize: configuration.batchSize,
      microBatch: risk.microBatch, weightDecay: configuration.weightDecay,
      convolution: context.engine.convolution.rawValue, libraries: Toolkit.libraries,
      version: Toolkit.version, part: part?.identity)
    self.dependencies = dependencies
    // Ranks with other samples would wait for each other's micro-batches.
    try context.agree(on: dependencies, sharesSums: true)
    let value = try risk.value(at: model.trained.point)
    risk.releasePlans()
    guard value.loss.isFinite else {
      throw model.lossError(value.loss, "at the weights", subject: "they")
    }
    record = RunRecord(
      models: [model], context: context,
      seeds: ["vectors": seed].merging(sampled ? ["labels": seed] : [:]) { $1 },
      batchNormalization: configuration.batchNorm.rawValue,
      weightDecay: .inLoss(configuration.weightDecay),
      settings: [
        "batch size": "\(configuration.batchSize)", "micro-batch": "\(risk.microBatch)",
        "label draws": "\(configuration.labelDraws)",
      ], started: started)
    source = CurvatureSource(
      provenance: record.finished(), architecture: network.name,
      parameters: network.layout.count, matrix: configuration.matrix,
      selection: configuration.selectionText, dimension: selection.count,
      lossFunction: model.loss.loss, loss: value.loss, metric: value.metric,
      score: value.finiteScore)
    if part == nil {
      context.remark(
        "\(source.title): loss \(fourDigits(value.loss))\(value.text.map { ", \($0)" } ?? "")"
          + "; \(configuration.matrix.title) of dimension \(selection.count)")
    }
    let file = name + (part.map { "-part\($0.identity.index + 1)" } ?? "") + ".products"
    journal = try context.own(folder).map {
      try ProductJournal(path: $0.file(file), configuration: dependencies)
    }
  }

  /// Reports progress; while products are only played back, how many have been read.
  func show(_ work: WorkReport, _ products: Int, of total: Int, detail: String) {
    if let share = journal?.playedBackShare {
      let percent = Int((100 * share).rounded(.down))
      work.showPreparation(
        "resuming: \(counter.playedBack) products read, \(percent) % of those kept", share: share)
    } else {
      work.show(products, of: total, detail: detail)
    }
  }

  /// Ends the run: no journal, since the results are written.
  func finish() {
    if let error = counter.recordingError {
      context.remark(
        "products were not kept, an interrupted run would have started again: \(error)")
    }
    journal?.remove()
  }

  /// Mean loss at the weights.
  var loss: Double { source.loss }

  /// The source with the time that the run took.
  var finishedSource: CurvatureSource {
    var result = source
    result.provenance = record.finished()
    return result
  }
}
