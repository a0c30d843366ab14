import ArgumentParser
import CommandSupport
import Datasets
import Objectives

/// Which network is evaluated on which samples.
struct EvaluationData: ParsableArguments {
  @Option(
    help: "Architecture: a name or a list of layers; default: as trained, otherwise measured.")
  var architecture: String?

  @Option(help: "\(dataHelp); default: as trained.")
  var data: String?

  @OptionGroup var images: ImageOptions

  @Option(help: "Labels of CIFAR-100: fine or coarse; default: as trained, otherwise fine.")
  var labels: LabelChoice?

  @Option(help: "Channel normalisation; default: as trained, otherwise measured.")
  var normalize: String?

  @Option(help: "Loss; default: as trained, otherwise that which suits the targets.")
  var loss: Loss.Kind?

  @Option(help: "Weight of each class in the mean loss, separated by commas.")
  var classWeights: String?

  @Option(
    help: """
      Targets: array, that as classes or numbers, or next-token; default: as trained, else what the data have.
      """)
  var target: TargetChoice?

  @Option(help: "Tokens of a sample: longer rows of the data, or one long text, are cut.")
  var context: Int?

  @Option(
    parsing: .unconditional,
    help: """
      Another class of rows that do not count, beside -100, where targets are whole numbers; default: as trained.
      """)
  var ignoreClass: Int?

  @OptionGroup var graph: GraphOptions

  @Option(help: "Part of the data set; default: all that are there.")
  var split: DatasetSplit?

  @Option(help: "Number of samples, the first in file order; default: all.")
  var samples: Int?

  func validate() throws { try options.validate() }

  /// The same as the options of the analyses.
  var options: ModelOptions {
    var options = ModelOptions()
    options.graph = graph
    options.architecture = architecture
    options.data = data
    options.images = images
    options.labels = labels
    options.normalize = normalize
    options.loss = loss
    options.classWeights = classWeights
    options.target = target
    options.context = context
    options.ignoreClass = ignoreClass
    options.samples = samples
    return options
  }
}
