package import Analyses
public import ArgumentParser
package import Communication
package import Datasets
package import Objectives

extension LabelChoice: ExpressibleByArgument {}
extension TargetChoice: ExpressibleByArgument {}
extension Loss.Kind: ExpressibleByArgument {}

/// What cannot be known from a checkpoint that somebody else wrote.
package struct ModelOptions: ParsableArguments {
  /// Architecture by name.
  @Option(
    help: """
      Architecture: a name (see trainer train) or a list of layers like \
      "conv(8,3) relu flatten linear(10)"; default: as trained, otherwise measured.
      """)
  package var architecture: String?

  /// Data set.
  @Option(
    help: """
      \(dataHelp), in which arrays are named after the model's inputs, with target and weight; default: as \
      trained.
      """)
  package var data: String?

  /// How files of images are read.
  @OptionGroup package var images: ImageOptions

  /// Labels of data that have two kinds.
  @Option(help: "Labels of CIFAR-100: fine or coarse; default: as trained, otherwise fine.")
  package var labels: LabelChoice?

  /// Normalisation of the channels.
  @Option(
    help: """
      Channel normalisation: imagenet, cifar10, cifar100, mnist, half, bytes, per-image, none, dataset, auto \
      or mean=...;std=...; default: as trained, otherwise measured.
      """)
  package var normalize: String?

  /// How outputs are compared with targets.
  @Option(
    help: """
      Loss: default as trained; otherwise cross-entropy where targets are whole numbers, else \
      squared-error. log-probabilities, probabilities and event-probabilities are for models that end \
      in log-softmax, softmax or sigmoid, and their default where a graph shows it; squared-error and \
      those of events compare outputs with 1 for the class and 0 for the others where targets are \
      classes; output is for models whose output is the loss.
      """)
  package var loss: Loss.Kind?

  /// Weights of the classes.
  @Option(help: "Weight of each class in the mean loss, separated by commas.")
  package var classWeights: String?

  /// Where the targets come from.
  @Option(
    help: """
      Targets: array, that as classes or numbers, or next-token (each token for the one before it, the last \
      one for none); default: as trained; otherwise next-token for language models where data have no target.
      """)
  package var target: TargetChoice?

  /// Tokens of a sample.
  @Option(
    help: """
      Tokens of a sample: longer rows of the data, or one long text, are cut; default: as trained, \
      otherwise the rows of the data.
      """)
  package var context: Int?

  /// Class of rows that do not count.
  @Option(
    parsing: .unconditional,
    help: """
      Another class of rows that do not count, beside -100, where targets are whole numbers; default: as trained.
      """)
  package var ignoreClass: Int?

  /// Part of the data set.
  @Option(
    help: """
      Part of the data set: train, validation or test, where it has them; for landscape plot, grid and \
      sharpness also several, like train,test.
      """)
  package var split = SplitChoice.train

  /// Number of samples.
  @Option(help: "Number of samples, the first in file order; default: all.")
  package var samples: Int?

  /// What a graph leaves open.
  @OptionGroup package var graph: GraphOptions

  /// Creates the options with their defaults.
  package init() {}

  /// Checks what can be checked before the file is read.
  package func validate() throws {
    try checkOptions { try configuration(for: .train).validate() }
  }

  /// The configuration for one part of the data set.
  ///
  /// - Throws: `ValidationError` for weights of classes that are no numbers.
  package func configuration(for part: DatasetSplit) throws -> ModelConfiguration {
    var result = ModelConfiguration(data: data, split: part, samples: samples)
    result.architecture = architecture
    result.view = try images.view
    result.labels = labels
    result.normalization = normalize
    result.loss = loss
    result.classWeights = try classWeights.map(parseClassWeights)
    result.target = target
    result.context = context
    result.ignoredClass = ignoreClass
    result.graph = graph.choice
    return result
  }
}

/// Numbers separated by commas.
///
/// - Throws: `ValidationError` for anything else.
package func parseClassWeights(_ text: String) throws -> [Double] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    guard let weight = Double(part) else {
      throw ValidationError(
        "--class-weights \(text) are not numbers of 0 or more, separated by commas.")
    }
    return weight
  }
}

extension OpenedModel {
  /// Opens a checkpoint as options say; remarks, warnings and progress go to stderr.
  ///
  /// - Parameters:
  ///   - path: The checkpoint.
  ///   - options: What the user says.
  ///   - ranks: Those that open it, all at the same time.
  ///   - isQuiet: Whether remarks are left out, but not warnings.
  /// - Throws: Errors of one line that name file and setting.
  package init(
    path: String, options: ModelOptions, ranks: any Communicator = Alone(), isQuiet: Bool = false
  ) throws {
    let reporter = TerminalReporter(isQuiet: isQuiet)
    var known = KnownInputs()
    try self.init(
      path, options.configuration(for: options.split.onlyPart), known: &known, ranks: ranks,
      report: reporter.show)
  }
}

/// Options that do not go together or miss something.
package struct UsageError: Error, CustomStringConvertible {
  /// One line for the user.
  package let description: String

  /// Creates the error.
  package init(description: String) {
    self.description = description
  }
}
