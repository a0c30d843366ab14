import ArgumentParser
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
      Data set: digits, a folder (CIFAR-10/100, IDX), or arrays in an .npz or safetensors file: inputs, \
      target and weight, with _train and _test behind the names where there are both.
      """)
  var data = "digits"

  @Option(
    help: ArgumentHelp(
      "Architecture; default: resnet20, for images below 16 pixels resnet8, for numbers mlp-64-64, "
        + "for tokens nplm-8-32-128.",
      discussion: Architecture.acceptedNames.map { "\($0.pattern): \($0.meaning)" }
        .joined(separator: "; ")))
  var architecture: String?

  @Option(help: "Labels of CIFAR-100.")
  var labels = LabelChoice.fine

  @Option(
    help: """
      Loss; default: cross-entropy where targets are whole numbers, else squared-error. Class -100 does \
      not count.
      """)
  var loss: Loss.Kind?

  @Option(help: "Weight of each class in the mean loss, separated by commas.")
  var classWeights: String?

  @Option(
    help: "Channel normalisation: auto, dataset, a preset like cifar10, or mean=...;std=...")
  var normalize = "auto"

  @Option(
    help: """
      Augmentation: none, crop-flip, crop-flip-cutout, or parts like crop=4,flip,cutout=16:0.5; \
      default: crop-flip for CIFAR, crop=1 for digits.
      """)
  var augment: String?

  @Option(help: "Share of the training part that is held out to choose the best epoch.")
  var validation = 0.1

  @Option(help: "Passes over the training set; default: 30, below 5,000 training samples 60.")
  var epochs: Int?

  @Option(help: "Samples of a step; default: 128, below 5,000 training samples 32.")
  var batchSize: Int?

  @Flag(help: "Leave out a last batch that is shorter than the others.")
  var dropLast = false

  @Option(help: "Share of the target probability that is spread over all classes.")
  var labelSmoothing = 0.0

  @Option(
    help:
      "Probability of dropout, in Wide ResNets (paper: 0.3) and ImageNet VGGs (torchvision: 0.5).")
  var dropout = 0.0

  /// Checks what can be checked before the data are read.
  func validate() throws {
    do {
      _ = try NormalizationChoice(parsing: normalize)
      _ = try augment.map { try Augmentation(parsing: $0) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// Opens the training split and finds the loss.
  func open() throws -> TrainingSource {
    let path =
      data == "digits" ? data : URL(filePath: data).standardizedFileURL.path(percentEncoded: false)
    let data = try DatasetCatalog.openData(path, split: .train, labels: labels)
    var modelOptions = ModelOptions()
    modelOptions.loss = loss
    modelOptions.classWeights = classWeights
    return TrainingSource(
      path: path, data: data, loss: try modelOptions.loss(trainedWith: nil, path: path))
  }

  /// The settings of a training, with defaults that suit the data.
  func configuration(
    _ source: TrainingSource, optimizer: OptimizerName, steps: StepOptions,
    sharpness: SharpnessSettings?, seed: UInt64, engine: EngineOptions
  ) throws -> TrainingConfiguration {
    let defaults = TrainingDefaults(for: source.data, loss: source.loss)
    return TrainingConfiguration(
      architecture: .architecture(
        try .named(
          architecture ?? defaults.architecture, anyOf: source.data.architectureInputs(),
          classCount: source.data.outputCount(for: source.loss))),
      loss: source.loss,
      data: TrainingDataSettings(
        path: source.path, labels: labels,
        normalization: try NormalizationChoice(parsing: normalize),
        augmentation: try augment.map { try Augmentation(parsing: $0) } ?? defaults.augmentation,
        validation: validation),
      epochs: epochs ?? defaults.epochs, batchSize: batchSize ?? defaults.batchSize,
      dropsLast: dropLast, seed: seed,
      learningRate: try steps.learningRate(of: optimizer.base, defaults),
      optimizer: steps.rule(optimizer.base),
      sharpness: sharpness, labelSmoothing: labelSmoothing, dropout: dropout == 0 ? nil : dropout,
      convolution: engine.convolution)
  }
}

/// What trainings are made on: opened once, however many there are.
struct TrainingSource {
  /// Where it was opened from.
  let path: String
  /// The training split.
  let data: OpenedData
  /// The loss; nil for that which suits the targets.
  let loss: Loss?
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
