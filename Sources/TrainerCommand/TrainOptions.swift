import Analyses
import ArgumentParser
import CommandSupport
import Datasets
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
      try plan.validate()
    } catch {
      throw ValidationError(commandText(error))
    }
  }

  /// What they say of a training; how it makes steps is left open.
  var plan: TrainingPlan {
    get throws {
      var plan = TrainingPlan(data: data, architecture: architecture)
      plan.model.view = try images.view
      plan.model.labels = labels
      plan.model.normalization = normalize
      plan.model.loss = loss
      plan.model.classWeights = try classWeights.map(parseClassWeights)
      plan.model.ignoredClass = ignoreClass
      plan.model.target = target
      plan.model.context = context
      plan.model.graph = graph.choice
      plan.start = start
      plan.augmentation = try augment.map { try Augmentation(parsing: $0) }
      plan.validation = validation
      plan.epochs = epochs
      plan.batchSize = batchSize
      plan.dropsLast = dropLast
      plan.labelSmoothing = labelSmoothing
      plan.dropout = dropout
      return plan
    }
  }
}
