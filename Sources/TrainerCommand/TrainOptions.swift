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

  @Option(
    help:
      "Highest learning rate, for any --batch-size; default: 0.1, where targets are numbers 0.01.")
  var learningRate: Double?

  @Option(
    help: "Course of the learning rate: constant, cosine, step[=FACTOR@SHARE,...], inverse-sqrt.")
  var schedule = "cosine"

  @Option(help: "Steps over which the learning rate grows from 0.")
  var warmUp = 0

  @Option(help: "Momentum.")
  var momentum = 0.9

  @Flag(help: "Nesterov's form of momentum.")
  var nesterov = false

  @Option(help: "Weight decay, part of the step and not of a perturbation.")
  var weightDecay = 5e-4

  @Option(help: "Share of the target probability that is spread over all classes.")
  var labelSmoothing = 0.0

  @Option(
    help:
      "Probability of dropout, in Wide ResNets (paper: 0.3) and ImageNet VGGs (torchvision: 0.5).")
  var dropout = 0.0

  /// Checks what can be checked before the data are read.
  func validate() throws {
    do {
      _ = try Schedule.Decay(parsing: schedule)
      _ = try NormalizationChoice(parsing: normalize)
      _ = try augment.map { try Augmentation(parsing: $0) }
      _ = try learningRate.map { try Schedule($0) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The settings of a training, with defaults that suit the data.
  func configuration(
    sharpness: SharpnessSettings?, seed: UInt64, engine: EngineOptions
  ) throws -> TrainingConfiguration {
    let path =
      data == "digits" ? data : URL(filePath: data).standardizedFileURL.path(percentEncoded: false)
    let data = try DatasetCatalog.openData(path, split: .train, labels: labels)
    var modelOptions = ModelOptions()
    modelOptions.loss = loss
    modelOptions.classWeights = classWeights
    let loss = try modelOptions.loss(trainedWith: nil, path: path)
    let defaults = TrainingDefaults(for: data, loss: loss)
    return TrainingConfiguration(
      architecture: .architecture(
        try .named(
          architecture ?? defaults.architecture, anyOf: data.architectureInputs(),
          classCount: data.outputCount(for: loss))),
      loss: loss,
      data: TrainingDataSettings(
        path: path, labels: labels, normalization: try NormalizationChoice(parsing: normalize),
        augmentation: try augment.map { try Augmentation(parsing: $0) } ?? defaults.augmentation,
        validation: validation),
      epochs: epochs ?? defaults.epochs, batchSize: batchSize ?? defaults.batchSize,
      dropsLast: dropLast, seed: seed,
      learningRate: try Schedule(
        learningRate ?? defaults.learningRate, decay: Schedule.Decay(parsing: schedule),
        warmUp: warmUp),
      optimizer: SGD(momentum: momentum, nesterov: nesterov, weightDecay: weightDecay),
      sharpness: sharpness, labelSmoothing: labelSmoothing, dropout: dropout == 0 ? nil : dropout,
      convolution: engine.convolution)
  }
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
