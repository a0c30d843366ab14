internal import Artifacts
internal import Checkpoints
package import Communication
internal import Datasets
internal import FileFormats
internal import Foundation
package import LinearAlgebra
package import NeuralNetworks
public import Objectives
internal import Settings

/// Paths of what a training writes into its folder.
public struct TrainingFiles: Sendable {
  /// The folder.
  public let folder: String

  /// Names the files of a folder.
  public init(folder: String) { self.folder = folder }

  private func file(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

  /// The network after the last epoch; written when the training is finished.
  public var model: String { file("model.ckpt") }
  /// Network and training state after the last epoch that is done.
  public var last: String { file("last.ckpt") }
  /// The network after the epoch that was best on the part held out.
  public var best: String { file("best.ckpt") }
  /// The history as a table.
  public var historyTable: String { file("history.csv") }
  /// Settings and results.
  public var summary: String { file("summary.json") }
  /// The history as JSON.
  public var history: String { file("history.json") }
}

/// What a finished training led to.
public struct TrainingResult: Codable, Sendable {
  /// Epochs and steps made.
  public let epochs: Int
  /// Steps made.
  public let steps: Int
  /// The last epoch.
  public let last: EpochRecord
  /// The epoch that was best on the part held out.
  public let best: EpochRecord?
  /// Loss on the test split at the final weights.
  public let testLoss: Double?
  /// What is measured beside the loss.
  public let metric: Metric?
  /// Its value on the test split.
  public let testScore: Double?
  /// Number of test samples.
  public let testSamples: Int?
  /// Duration of all steps, with batches and masks, in seconds.
  public let seconds: Double
  /// Mean duration of one step, without batches and masks, in seconds.
  public let secondsPerStep: Double?
  /// Mean floating-point operations of a step in theory, relative to a step of SGD; see
  /// `EpochRecord.relativeFlops`.
  public let relativeFlops: Double?
}

/// A training in a folder: continues what it finds there, and writes after each epoch.
///
/// Of ranks that train together the first one alone has a folder.
package final class TrainingRun {
  /// The training.
  package let trainer: Trainer
  /// The files.
  package let files: TrainingFiles
  /// Epochs that were done before this run.
  package let resumedEpochs: Int
  /// Epochs that should have been kept, but were done before without that.
  package let missingEpochs: [Int]
  private let keeping: KeptEpochs?
  private let settings: String
  private let ranks: any Communicator
  /// Held while the training may write.
  private let lock: FolderLock?

  /// Prepares a training, continuing the one in the folder if there is one.
  ///
  /// - Parameters:
  ///   - configuration: The settings.
  ///   - data: The samples.
  ///   - start: First weights and buffers where the settings name a checkpoint; nil for random ones.
  ///   - folder: Where the files go; made if it is missing.
  ///   - restart: Whether a training in the folder is given up.
  ///   - keeping: Which epochs leave a checkpoint of their own; nil for none. Does not change the bits.
  ///   - pool: The threads.
  ///   - ranks: Who trains.
  /// - Throws: `TrainingError` when the folder holds another training or a model of other origin, or
  ///   another process trains in it, and the errors of checkpoints; `RankFailure`.
  package init(
    _ configuration: TrainingConfiguration, data: TrainingData, start: ModelPoint? = nil,
    folder: String, restart: Bool = false, keeping: KeptEpochs? = nil, pool: WorkerPool,
    ranks: any Communicator = Alone()
  ) throws {
    try configuration.validate()
    let files = TrainingFiles(folder: folder)
    self.files = files
    self.keeping = keeping
    self.ranks = ranks
    let settings = try JSON.encode(configuration, onOneLine: true)
    self.settings = settings
    let model = try configuration.architecture.model()
    // A folder that is still to be made is nobody's.
    let isThere = FileManager.default.fileExists(atPath: folder)
    var lock = ranks.isFirst && isThere ? try Self.locked(folder) : nil
    let found =
      ranks.isFirst && !restart
      ? try Self.state(
        in: files, configuration, settings, data: data, model: model, keepsEpochs: keeping != nil)
      : nil
    let state = try TrainingState.ofFirst(
      found, model: model, optimizer: configuration.optimizer, among: ranks)
    trainer = try Trainer(
      configuration, data: data, start: start, resuming: state, pool: pool, ranks: ranks)
    resumedEpochs = state?.epoch ?? 0
    missingEpochs =
      ranks.isFirst
      ? try Self.prepare(
        files, configuration, restart: restart, keeping: keeping, resumedEpochs: resumedEpochs) : []
    if ranks.isFirst, lock == nil { lock = try Self.locked(folder) }
    self.lock = lock
  }

  /// Sees to it that no other process writes into a folder.
  private static func locked(_ folder: String) throws(TrainingError) -> FolderLock {
    guard let lock = FolderLock(folder) else {
      throw TrainingError(
        "\(folder): another process trains in this folder; wait until it has ended, or choose another "
          + "\(.output)")
    }
    return lock
  }

  /// The state of the training in the folder; nil where there is none.
  private static func state(
    in files: TrainingFiles, _ configuration: TrainingConfiguration, _ settings: String,
    data: TrainingData, model: Model, keepsEpochs: Bool
  ) throws -> TrainingState? {
    let manager = FileManager.default
    if manager.fileExists(atPath: files.last) {
      let contents = try CheckpointFile.read(files.last)
      guard let metadata = try TrainedModelMetadata(contents) else {
        throw TrainingError(
          "\(files.last): was not written by a training; choose another \(.output)")
      }
      let found = try? JSON.decode(
        TrainingConfiguration.self, from: Array((metadata.training ?? "").utf8),
        path: files.folder)
      guard found == configuration, metadata.dataDigest == data.digest else {
        let what = Self.difference(metadata.training ?? "{}", settings)
        throw TrainingError(
          "\(files.last): belongs to a training with other \(what); choose another \(.output), or "
            + "give it up with \(.restart)")
      }
      return try TrainingCheckpoint.read(
        contents, model: model, optimizer: configuration.optimizer)
    }
    guard !manager.fileExists(atPath: files.model) else {
      throw TrainingError(
        "\(files.model): exists already; choose another \(.output), or replace it with \(.restart)")
    }
    if keepsEpochs {
      // What an interrupted first epoch left is the start of this training, or written over.
      let first = files.epoch(0, of: configuration.epochs)
      if let other = files.keptEpochs.first(where: { $0 != first }) {
        throw TrainingError(
          "\(other): is of another training; choose another \(.output), or give it up with \(.restart)"
        )
      }
    }
    return nil
  }

  /// Makes the folder, without what a training left there that is given up.
  ///
  /// - Returns: Epochs that should have been kept, but were done before without that.
  private static func prepare(
    _ files: TrainingFiles, _ configuration: TrainingConfiguration, restart: Bool,
    keeping: KeptEpochs?, resumedEpochs: Int
  ) throws -> [Int] {
    let manager = FileManager.default
    do {
      try manager.createDirectory(
        atPath: keeping == nil ? files.folder : files.epochs, withIntermediateDirectories: true)
    } catch {
      throw TrainingError("\(files.folder): the folder cannot be made; choose another \(.output)")
    }
    if restart {
      for path in [files.model, files.last, files.best] + files.keptEpochs {
        try? manager.removeItem(atPath: path)
      }
    }
    guard let keeping, resumedEpochs > 0 else { return [] }
    return (0...resumedEpochs).filter { epoch in
      keeping.keeps(epoch, of: configuration.epochs)
        && !manager.fileExists(atPath: files.epoch(epoch, of: configuration.epochs))
    }
  }

  /// Runs the epochs that are left and writes the final model; all ranks call it.
  ///
  /// - Parameters:
  ///   - onStep: Called after each step.
  ///   - onEpoch: Called after each epoch, once its files are written.
  /// - Returns: What the training led to.
  /// - Throws: `TrainingError` when the loss is not finite any more, `CheckpointError` and
  ///   `ArtifactError` when files cannot be written, `RankFailure`.
  package func run(
    onStep: (StepReport) throws -> Void = { _ in }, onEpoch: (EpochRecord) -> Void = { _ in }
  ) throws -> TrainingResult {
    if trainer.state.epoch == 0 { try keepEpoch(metadata()) }
    while !trainer.isFinished {
      let record = try trainer.runEpoch(report: onStep)
      try writeEpoch(record)
      onEpoch(record)
    }
    return try finish()
  }

  private func writeEpoch(_ record: EpochRecord) throws {
    guard ranks.isFirst else { return }
    let state = trainer.state
    // The other files first: after a crash in between, the epoch is run and written once more.
    try keepEpoch(metadata(record))
    if state.history.best?.epoch == record.epoch {
      try model.write(
        to: files.best, metadata: metadata(record),
        trainingTensors: TrainingCheckpoint.maskTensors(state))
    }
    let parts = try TrainingCheckpoint.parts(of: state)
    try model.write(
      to: files.last, metadata: metadata(record), trainingTensors: parts.tensors,
      trainingTexts: parts.texts)
    try writeHistory()
  }

  /// Writes the network as it is, where its epoch is to be kept.
  private func keepEpoch(_ metadata: TrainedModelMetadata) throws {
    let (state, total) = (trainer.state, trainer.configuration.epochs)
    guard ranks.isFirst, let keeping, keeping.keeps(state.epoch, of: total) else { return }
    try model.write(
      to: files.epoch(state.epoch, of: total), metadata: metadata,
      trainingTensors: TrainingCheckpoint.maskTensors(state))
  }

  private func writeHistory() throws {
    try trainer.state.history.table.write(to: files.historyTable)
    try JSON.write(trainer.state.history, to: files.history)
  }

  private func finish() throws -> TrainingResult {
    let state = trainer.state
    guard let last = state.history.epochs.last else {
      throw TrainingError("\(files.last): holds no epoch; remove it to start again")
    }
    var metadata = metadata(last)
    var test: RiskValue?
    if let split = trainer.data.test {
      let value = try trainer.evaluate(split.samples)
      metadata.results["test.loss"] = value.loss
      if let metric = value.metric { metadata.results["test.\(metric.rawValue)"] = value.score }
      test = value
    }
    if ranks.isFirst {
      try model.write(
        to: files.model, metadata: metadata, trainingTensors: TrainingCheckpoint.maskTensors(state))
      try writeHistory()
    }
    return TrainingResult(
      epochs: state.epoch, steps: state.step, last: last, best: state.history.best,
      testLoss: test?.loss, metric: test?.metric,
      testScore: test.flatMap { $0.score.isFinite ? $0.score : nil }, testSamples: test?.samples,
      seconds: state.history.epochs.reduce(0) { $0 + $1.seconds },
      secondsPerStep: state.history.mean(\.secondsPerStep),
      relativeFlops: state.history.mean(\.relativeFlops))
  }

  private var model: TrainedModel {
    TrainedModel(model: trainer.model, point: trainer.state.point)
  }

  /// What a checkpoint says of itself; without a record, that no epoch is done.
  private func metadata(_ record: EpochRecord? = nil) -> TrainedModelMetadata {
    let data = trainer.configuration.data
    var results: [String: Double] = [:]
    results["training.loss"] = record?.trainingLoss
    results["validation.loss"] = record?.validationLoss
    if let record, let metric = record.metric {
      results["training.\(metric.rawValue)"] = record.trainingScore
      results["validation.\(metric.rawValue)"] = record.validationScore
    }
    var metadata = TrainedModelMetadata(
      recipe: trainer.model.recipe,
      loss: try? JSON.encode(trainer.loss.loss, onOneLine: true), dataPath: data.path,
      dataName: trainer.data.name, dataDigest: trainer.data.digest,
      labels: data.labels.rawValue, view: data.view?.description,
      normalization: trainer.data.normalization,
      target: data.target?.rawValue, context: data.context, training: settings,
      epoch: record?.epoch ?? 0,
      results: results)
    if trainer.data.heldOut > 0 {
      metadata.holdOut =
        "{\"rule\":\"stratified\",\"samples\":\(trainer.data.heldOut),\"seed\":\(trainer.configuration.seed)}"
    }
    return metadata
  }

  /// The settings in which two configurations differ, for an error message.
  private static func difference(_ old: String, _ new: String) -> String {
    func entries(_ text: String) -> [String: String] {
      let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      // With sorted keys, so that equal values have equal texts.
      return (object ?? [:]).mapValues { value in
        let data = try? JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)
        return String(decoding: data ?? Data(), as: UTF8.self)
      }
    }
    let (old, new) = (entries(old), entries(new))
    let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    return names.isEmpty ? "data" : "settings (\(names.joined(separator: ", ")))"
  }
}
