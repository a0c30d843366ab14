package import ArgumentParser
internal import Artifacts
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
      in log-softmax, softmax or sigmoid, and their default where a graph shows it; output is for \
      models whose output is the loss.
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
      Part of the data set: train, validation or test, where it has them; for landscape plot and grid also \
      several, like train,test.
      """)
  package var split = SplitChoice.train

  /// Number of samples.
  @Option(help: "Number of samples, the first in file order; default: all.")
  package var samples: Int?

  /// What a graph leaves open.
  @OptionGroup package var graph: GraphOptions

  /// Creates the options with their defaults.
  package init() {}

  /// Checks ranges.
  package func validate() throws {
    if let samples, samples < 2 { throw ValidationError("--samples \(samples) is below 2.") }
    if let context, context < 2 { throw ValidationError("--context \(context) is below 2.") }
    if let classWeights {
      let weights = classWeights.split(separator: ",", omittingEmptySubsequences: false).map {
        Double($0)
      }
      guard weights.allSatisfy({ ($0 ?? -1) >= 0 && ($0 ?? .infinity).isFinite }) else {
        throw ValidationError(
          "--class-weights \(classWeights) are not numbers of 0 or more, separated by commas.")
      }
    }
  }

  /// The loss that the options name, with what the training says of it where they do not.
  package func loss(trainedWith text: String?, path: String) throws -> Loss? {
    var result =
      try loss.map { Loss($0) }
      ?? text.map {
        try JSON.decode(Loss.self, from: Array($0.utf8), path: path)
      }
    if let classWeights {
      var weighted = result ?? Loss(.crossEntropy)
      weighted.classWeights = classWeights.split(separator: ",").compactMap { Double($0) }
      result = weighted
    }
    if let ignoreClass {
      var partial = result ?? Loss(.crossEntropy)
      partial.ignoredClass = ignoreClass
      result = partial
    }
    return result
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
