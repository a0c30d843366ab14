import ArgumentParser
import Checkpoints
import CommandSupport
import Datasets
import Foundation
import NeuralNetworks
import Objectives
import Training

/// What is trained, on what and how; `train` and `sweep` share these.
struct TrainOptions: ParsableArguments {
  @Option(
    help: """
      \(dataHelp): arrays are inputs, target and weight, with _train, _val and _test behind the names \
      where there are several parts.
      """)
  var data = "digits"

  @OptionGroup var images: ImageOptions

  @Option(
    help: ArgumentHelp(
      "Architecture; default: resnet20, for images below 16 pixels resnet8, for resized ones "
        + "resnet18-imagenet, for numbers mlp-64-64, "
        + "for tokens nplm-8-32-128.",
      discussion: (Architecture.acceptedNames.map { "\($0.pattern): \($0.meaning)" }
        + ["Or a list of layers, separated by spaces, with the outputs of the last one as classes:"]
        + LayerWords.meanings.map { "\($0.word): \($0.meaning)" })
        .joined(separator: "\n")))
  var architecture: String?

  @Option(
    name: .customLong("from"),
    help: """
      Checkpoint, or folder of transformers, whose model and weights the training starts from; default: \
      random weights of the architecture.
      """)
  var start: String?

  @Option(
    help: """
      Targets: array, that as classes or numbers, or next-token (each token for the one before it); default: \
      as --from was trained, next-token for its language models where data have no target.
      """)
  var target: TargetChoice?

  @Option(help: "Tokens of a sample: longer rows of the data, or one long text, are cut.")
  var context: Int?

  @Option(help: "Labels of CIFAR-100.")
  var labels = LabelChoice.fine

  @Option(
    help: "Loss; default: cross-entropy where targets are whole numbers, else squared-error.")
  var loss: Loss.Kind?

  @Option(help: "Weight of each class in the mean loss, separated by commas.")
  var classWeights: String?

  @Option(
    parsing: .unconditional,
    help: """
      Another class of rows that do not count, beside -100, where targets are whole numbers.
      """)
  var ignoreClass: Int?

  @Option(
    help: """
      Channel normalisation: auto, dataset, a preset like cifar10, or mean=...;std=...; default: that of \
      --from where it says one, otherwise auto.
      """)
  var normalize: String?

  @Option(
    help: """
      Augmentation: none, crop-flip, crop-flip-cutout, resized-crop-flip, or parts like \
      crop=4,flip,cutout=16:0.5 or resized-crop=0.08,flip; default: crop-flip for CIFAR, crop=1 for digits, \
      resized-crop-flip for images that are resized.
      """)
  var augment: String?

  @Option(
    help: """
      Share of the training part that is held out to choose the best epoch; default: 0.1, or 0 where data \
      have a validation part, which is then used.
      """)
  var validation: Double?

  @Option(help: "Passes over the training set; default: 30, below 5,000 training samples 60.")
  var epochs: Int?

  @Option(help: "Samples of a step; default: 128, below 5,000 training samples 32.")
  var batchSize: Int?

  @Flag(help: "Leave out a last batch that is shorter than the others.")
  var dropLast = false

  @Option(help: "Share of the target probability that is spread over all classes.")
  var labelSmoothing = 0.0

  @Option(
    help: """
      Probability of dropout, in Wide ResNets (paper: 0.3), ImageNet VGGs (torchvision: 0.5) and \
      transformers; default: the rates of config.json, otherwise 0.
      """)
  var dropout: Double?

  @OptionGroup var graph: GraphOptions

  /// Checks what can be checked before the data are read.
  func validate() throws {
    do {
      _ = try normalize.map { try NormalizationChoice(parsing: $0) }
      _ = try augment.map { try Augmentation(parsing: $0) }
      if let context, context < 2 {
        throw UsageError(description: "--context \(context) is below 2.")
      }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// Opens the training split, and the checkpoint that the training starts from; finds the loss.
  func open(isQuiet: Bool) throws -> TrainingSource {
    let path = data == "digits" ? data : Self.absolute(data)
    let checkpoint = try start.map { try OpenedCheckpoint(path: $0, graph: graph.choice) }
    for text in checkpoint?.warnings ?? [] { warn(text) }
    for text in checkpoint?.remarks ?? [] where !isQuiet { note(text) }
    if checkpoint == nil, graph.choice.isGiven {
      throw UsageError(
        description: "--weights, --model-output and --constants go with --from GRAPH")
    }
    let stated = try target ?? checkpoint?.target
    let view = try images.view
    let found = try FoundData(
      path, labels: labels, view: view ?? .automatic, inputs: checkpoint?.inputNames)
    var data = try found.open(.train).tokenRows(context: context, target: stated)
    if !isQuiet { for text in data.notes { note(text) } }
    var modelOptions = ModelOptions()
    modelOptions.loss = loss
    modelOptions.classWeights = classWeights
    modelOptions.ignoreClass = ignoreClass
    let loss = try modelOptions.loss(
      trainedWith: checkpoint?.metadata?.loss, path: start ?? path)
    let trained = try checkpoint?.trained(for: data, architecture: architecture, loss: loss) {
      if !isQuiet { note($0) }
    }
    let target = stated ?? trained?.model.defaultTarget(for: data)
    data = try data.tokenRows(context: nil, target: target)
    return TrainingSource(
      path: path, found: found, data: data, view: view,
      // Nothing is held out where the data have a part for it.
      validation: validation ?? (found.splits.contains(.validation) ? 0 : 0.1),
      inputs: checkpoint?.inputNames, target: target, loss: loss,
      normalization: checkpoint?.normalization(for: data), start: trained,
      startFile: checkpoint.map {
        TrainingStart(path: Self.absolute($0.contents.path), sha256: $0.contents.sha256)
      })
  }

  /// The settings of a training, with defaults that suit the data.
  func configuration(
    _ source: TrainingSource, optimizer: OptimizerName, steps: StepOptions,
    sharpness: SharpnessSettings?, seed: UInt64, engine: EngineOptions
  ) throws -> TrainingConfiguration {
    let defaults = TrainingDefaults(for: source.data, loss: source.loss)
    let recipe = try source.start?.model.recipe ?? newNetwork(source, defaults)
    return TrainingConfiguration(
      architecture: recipe, start: source.startFile, loss: source.loss,
      data: TrainingDataSettings(
        path: source.path, labels: labels, view: source.view,
        normalization: try NormalizationChoice(
          parsing: normalize ?? source.normalization ?? "auto"),
        augmentation: try augment.map { try Augmentation(parsing: $0) } ?? defaults.augmentation,
        validation: source.validation, target: source.target, context: context,
        inputs: source.inputs),
      epochs: epochs ?? defaults.epochs, batchSize: batchSize ?? defaults.batchSize,
      dropsLast: dropLast, seed: seed,
      learningRate: try steps.learningRate(
        of: optimizer.base, defaults, startsTrained: source.start != nil),
      optimizer: steps.rule(optimizer.base), sharpness: sharpness, labelSmoothing: labelSmoothing,
      // Without rates of its own 0 is the same as none.
      dropout: dropout == 0 && source.start == nil ? nil : dropout,
      convolution: engine.convolution)
  }

  /// The network of a layer list or a name, for the data.
  private func newNetwork(
    _ source: TrainingSource, _ defaults: TrainingDefaults
  ) throws -> ModelRecipe {
    let inputs = try source.data.architectureInputs()
    if let architecture, LayerNetwork.isList(architecture) {
      return try LayerNetwork(architecture, input: inputs[0]).recipe
    }
    return .architecture(
      try .named(
        architecture ?? defaults.architecture, anyOf: inputs,
        classCount: source.data.outputCount(for: source.loss)))
  }

  private static func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
  }
}

/// What trainings are made on: opened once, however many there are.
struct TrainingSource {
  /// Where it was opened from.
  let path: String
  /// All that is there.
  let found: FoundData
  /// The training split.
  let data: OpenedData
  /// How files of images are read; nil for the usual way.
  let view: ImageView?
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
  let start: TrainedModel?
  /// The file that they are from.
  let startFile: TrainingStart?
}

/// Where the files of a training go.
struct FolderOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Folder for the results; . is the current one.")
  var output = "."

  @Flag(help: "Replace what an earlier run left in the folder.")
  var restart = false
}

/// How results are reported.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the summary as JSON and nothing else on stdout.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress and no remarks on stderr; warnings stay.")
  var quiet = false
}
