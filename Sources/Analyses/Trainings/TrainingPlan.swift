package import Checkpoints
public import Datasets
internal import Foundation
internal import GraphRuntime
internal import NeuralNetworks
internal import Objectives
internal import Settings
public import Training

/// What is trained, on what and how; nil leaves a setting to what suits the data.
public struct TrainingPlan: Equatable, Sendable {
  /// Network and data: `data` is `digits` where it is nil, `split` and `samples` are not asked for.
  public var model = ModelConfiguration()
  /// Checkpoint or graph that the training starts from; nil for random weights of an architecture.
  public var start: String?
  /// Random changes of the training images.
  public var augmentation: Augmentation?
  /// Share of the training part that is held out to choose the best epoch; nil for a tenth, or none where
  /// the data have a part for it.
  public var validation: Double?
  /// Passes over the training part.
  public var epochs: Int?
  /// Samples of a step.
  public var batchSize: Int?
  /// Whether a last batch that is shorter than the others is left out.
  public var dropsLast = false
  /// Share of the target probability that is spread over all classes.
  public var labelSmoothing = 0.0
  /// Probability of dropout; nil for that of the network.
  public var dropout: Double?
  /// Gradient that is followed, and rule that makes steps of it.
  public var optimizer = OptimizerName.sgd
  /// Settings of the rule; nil for the usual ones.
  public var rule: BaseOptimizer?
  /// Highest learning rate; nil for 0.1 with SGD, 0.01 where targets are numbers, 0.001 with AdamW, and a
  /// tenth of it where the training starts from a checkpoint.
  public var learningRate: Double?
  /// How the learning rate falls.
  public var decay = Schedule.Decay.cosine
  /// Steps over which the learning rate grows from 0.
  public var warmUp = 0
  /// The perturbation of sharpness-aware minimisation; nil for the usual one of `optimizer`.
  public var sharpness: SharpnessSettings?
  /// Seed of initial weights, order of samples, augmentation and masks.
  public var seed: UInt64 = 1

  /// A plan that leaves all to what suits the data.
  public init(data: String? = nil, architecture: String? = nil, optimizer: OptimizerName = .sgd) {
    model.data = data
    model.architecture = architecture
    self.optimizer = optimizer
  }

  /// Checks what can be checked before the data are read.
  ///
  /// - Throws: `AnalysisError`, `DatasetError` or `TrainingError` naming the setting that is out of range.
  public func validate() throws {
    try model.validate()
    _ = try model.normalization.map { try NormalizationChoice(parsing: $0) }
    _ = try learningRate.map { try Schedule($0) }
  }
}

/// What trainings are made on: opened once, however many there are.
package struct TrainingSource {
  /// Where it was opened from.
  package let path: String
  /// All that is there.
  package let found: FoundData
  /// The training split.
  package let data: OpenedData
  /// Share of it that is held out.
  let validation: Double
  /// Names of the model's inputs, where the data are read by them.
  let inputs: [String]?
  /// What outputs are compared with; nil for the array of the data.
  let target: TargetChoice?
  /// The loss; nil for that which suits the targets.
  let loss: Loss?
  /// Normalisation that the checkpoint names.
  let normalization: String?
  /// Model and first weights; nil for random weights of an architecture.
  package let start: TrainedModel?
  /// The file that they are from.
  let startFile: TrainingStart?
}

extension TrainingPlan {
  /// Opens the training split, and the checkpoint that the training starts from; finds the loss.
  ///
  /// - Parameter report: Receives remarks and warnings.
  /// - Returns: What a training is made on.
  /// - Throws: Errors of one line that name file and setting.
  package func open(report: @escaping (RunEvent) -> Void) throws -> TrainingSource {
    try validate()
    let given = model.data ?? "digits"
    let path = given == "digits" ? given : Self.absolute(given)
    let checkpoint = try start.map { try OpenedCheckpoint(path: $0, graph: model.graph) }
    for text in checkpoint?.warnings ?? [] { report(.warning(text)) }
    for text in checkpoint?.remarks ?? [] { report(.remark(text)) }
    if checkpoint == nil, model.graph.isGiven {
      throw AnalysisError(
        "\(.weights), \(.modelOutput) and \(.constants) are about a file with a graph; name it with "
          + "\(.start)")
    }
    let stated = try model.target ?? checkpoint?.target
    let found = try FoundData(
      path, labels: model.labels ?? .fine, view: model.view ?? .automatic,
      inputs: checkpoint?.inputNames)
    var data = try found.open(.train).tokenRows(context: model.context, target: stated)
    for text in data.notes { report(.remark(text)) }
    let loss = try model.loss(
      trainedWith: checkpoint?.metadata?.loss, path: start ?? path)
    let trained = try checkpoint?.trained(
      for: data, architecture: model.architecture, loss: loss
    ) { report(.remark($0)) }
    let target = stated ?? trained?.model.defaultTarget(for: data)
    data = try data.tokenRows(context: nil, target: target)
    return TrainingSource(
      path: path, found: found, data: data,
      // Nothing is held out where the data have a part for it.
      validation: validation ?? (found.splits.contains(.validation) ? 0 : 0.1),
      inputs: checkpoint?.inputNames, target: target, loss: loss,
      normalization: checkpoint?.normalization(for: data), start: trained,
      startFile: checkpoint.map {
        TrainingStart(path: Self.absolute($0.contents.path), sha256: $0.contents.sha256)
      })
  }

  /// The settings of a training, with defaults that suit the data.
  ///
  /// - Throws: Errors of the settings.
  package func configuration(
    _ source: TrainingSource, engine: EngineSettings
  ) throws -> TrainingConfiguration {
    let defaults = TrainingDefaults(for: source.data, loss: source.loss)
    let recipe = try source.start?.model.recipe ?? newNetwork(source, defaults)
    let base = optimizer.base
    // Weights that are good already are soon lost.
    let rate =
      learningRate ?? defaults.learningRate(of: base) / (source.start == nil ? 1 : 10)
    return TrainingConfiguration(
      architecture: recipe, start: source.startFile, loss: source.loss,
      data: TrainingDataSettings(
        path: source.path, labels: model.labels ?? .fine, view: model.view,
        normalization: try NormalizationChoice(
          parsing: model.normalization ?? source.normalization ?? "auto"),
        augmentation: augmentation ?? defaults.augmentation,
        validation: source.validation, target: source.target, context: model.context,
        inputs: source.inputs),
      epochs: epochs ?? defaults.epochs, batchSize: batchSize ?? defaults.batchSize,
      dropsLast: dropsLast, seed: seed,
      learningRate: try Schedule(rate, decay: decay, warmUp: warmUp),
      optimizer: rule ?? (base == .sgd ? .sgd(SGD()) : .adamW(AdamW())),
      sharpness: try sharpness ?? SharpnessSettings.usual(for: optimizer),
      labelSmoothing: labelSmoothing,
      // Without rates of its own 0 is the same as none.
      dropout: dropout == 0 && source.start == nil ? nil : dropout,
      convolution: engine.convolution)
  }

  /// The network of a layer list or a name, for the data.
  private func newNetwork(
    _ source: TrainingSource, _ defaults: TrainingDefaults
  ) throws -> ModelRecipe {
    let inputs = try source.data.architectureInputs()
    if let architecture = model.architecture, LayerNetwork.isList(architecture) {
      return try LayerNetwork(architecture, input: inputs[0]).recipe
    }
    return .architecture(
      try .named(
        model.architecture ?? defaults.architecture, anyOf: inputs,
        classCount: source.data.outputCount(for: source.loss)))
  }

  private static func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
  }
}

extension TrainingPlan {
  /// The network before its first step, with the samples that it would be trained on.
  ///
  /// - Parameter report: Receives remarks and warnings.
  /// - Returns: The network.
  /// - Throws: As `train`.
  public func untrained(report: @escaping (RunEvent) -> Void = { _ in }) throws -> OpenedModel {
    let source = try open(report: report)
    let configuration = try configuration(source, engine: EngineSettings())
    let data = try TrainingData(configuration.data, seed: seed, found: source.found)
    let model = try configuration.architecture.model()
    let point = source.start?.point ?? model.initialPoint(seed: seed)
    return OpenedModel(
      path: model.name, sha256: OpenedModel.digest(of: point), format: "memory",
      isWholeCheckpoint: false, trained: TrainedModel(model: model, point: point),
      loss: try BoundLoss(source.loss, model: model, target: data.training.samples.target),
      data: data.training, dataPath: source.path, dataDigest: data.digest,
      labels: configuration.data.labels)
  }
}

extension TrainingPlan {
  /// Trains, or continues an interrupted training in the folder to the same bits.
  ///
  /// After every epoch the folder has `last.ckpt` (to continue from), `best.ckpt` (the epoch that is best
  /// on the part held out) and the history; in the end `model.ckpt` and `summary.json`. The test split is
  /// evaluated once at the end and decides nothing.
  ///
  /// - Parameters:
  ///   - folder: Path of the folder that gets checkpoints, history and summary; made where it is missing.
  ///   - restart: Whether a training that is in the folder is given up.
  ///   - keeping: Which epochs leave a checkpoint of their own; nil for none.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: What the training led to.
  /// - Throws: `TrainingError` for the settings and for what the folder holds, the errors of data and
  ///   checkpoints, and what cancels the run.
  public func train(
    in folder: String, restart: Bool = false, keeping: KeptEpochs? = nil,
    context: RunContext = RunContext()
  ) throws -> TrainingSummary {
    let source = try open(report: context.report)
    return try TrainingSession(
      configuration: try configuration(source, engine: context.engine),
      start: source.start?.point, found: source.found, folder: folder, restart: restart,
      keeping: keeping
    ).run(context: context)
  }
}
