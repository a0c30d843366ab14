internal import Artifacts
public import Datasets
public import Objectives
internal import Settings

/// What cannot be known from a checkpoint, or shall be otherwise than it says: nil leaves it to the file,
/// and where the file does not say it, to what is usual or can be measured.
public struct ModelConfiguration: Equatable, Sendable {
  /// Name of an architecture, or a list of layers like `conv(8,3) relu flatten linear(10)`.
  public var architecture: String?
  /// The data set: `digits`, or a file or folder, in which arrays are named after the model's inputs.
  public var data: String?
  /// How files of images become images of one size.
  public var view: ImageView?
  /// Which labels of data with two kinds.
  public var labels: LabelChoice?
  /// Normalisation of the channels: `imagenet`, `cifar10`, `cifar100`, `mnist`, `half`, `bytes`,
  /// `per-image`, `none`, `dataset`, `auto` or `mean=...;std=...`.
  public var normalization: String?
  /// How outputs are compared with targets.
  public var loss: Loss.Kind?
  /// Weight of each class in the mean loss.
  public var classWeights: [Double]?
  /// Where the targets come from.
  public var target: TargetChoice?
  /// Tokens of a sample; longer rows of the data, or one long text, are cut.
  public var context: Int?
  /// Another class of rows that do not count, beside -100.
  public var ignoredClass: Int?
  /// Part of the data set.
  public var split = DatasetSplit.train
  /// Number of samples, the first in file order; nil for all.
  public var samples: Int?
  /// What a file with a graph, or with several networks, leaves open.
  public var graph = GraphChoice()

  /// Creates the configuration.
  ///
  /// - Parameters:
  ///   - data: The data set; nil for that which the checkpoint names.
  ///   - split: Part of it.
  ///   - samples: Number of samples, the first in file order; nil for all.
  public init(data: String? = nil, split: DatasetSplit = .train, samples: Int? = nil) {
    self.data = data
    self.split = split
    self.samples = samples
  }

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    if let samples, samples < 2 { throw AnalysisError("\(.samples) \(samples) is below 2") }
    if let context, context < 2 { throw AnalysisError("\(.context) \(context) is below 2") }
    if let classWeights, !classWeights.allSatisfy({ $0 >= 0 && $0.isFinite }) {
      throw AnalysisError("\(.classWeights) \(classWeights) are not numbers of 0 or more")
    }
  }

  /// Every value as text by its name, so that a difference can be named.
  var valuesByName: [String: String] {
    Dictionary(
      uniqueKeysWithValues: Mirror(reflecting: self).children.map {
        ($0.label ?? "", "\($0.value)")
      })
  }

  /// The loss that is chosen, with what the training says of it where nothing is.
  package func loss(trainedWith text: String?, path: String) throws -> Loss? {
    var result =
      try loss.map { Loss($0) }
      ?? text.map {
        try JSON.decode(Loss.self, from: Array($0.utf8), path: path)
      }
    if let classWeights {
      var weighted = result ?? Loss(.crossEntropy)
      weighted.classWeights = classWeights
      result = weighted
    }
    if let ignoredClass {
      var partial = result ?? Loss(.crossEntropy)
      partial.ignoredClass = ignoredClass
      result = partial
    }
    return result
  }
}

/// What a file with a graph, or with several networks, leaves open.
public struct GraphChoice: Equatable, Sendable {
  /// Path of a checkpoint whose weights go into the graph, by their names; of a checkpoint, name of one of
  /// its networks.
  public var weights: String?
  /// Which output is the model's, from 0 on; nil for the first.
  public var output: Int?
  /// Names of real tensors of an ONNX graph that are buffers, not parameters.
  ///
  /// The format does not tell them apart. Empty if all are parameters, nil where nobody has said it.
  public var constants: [String]?

  /// Nothing is chosen, or some.
  public init(weights: String? = nil, output: Int? = nil, constants: [String]? = nil) {
    self.weights = weights
    self.output = output
    self.constants = constants
  }

  /// Whether anything is chosen.
  package var isGiven: Bool { weights != nil || firstOfGraphs != nil }

  /// A setting that is given though it belongs to graphs alone; nil if none is.
  var firstOfGraphs: Setting? {
    output != nil ? .modelOutput : constants != nil ? .constants : nil
  }
}
