internal import Checkpoints
package import Datasets
package import GraphRuntime
package import NeuralNetworks
package import Objectives

/// Which samples a network is trained on, and how they are prepared.
package struct TrainingDataSettings: Codable, Hashable, Sendable {
  /// A file, a folder, or `digits`.
  package var path: String
  /// Which labels are used where the data have two kinds.
  package var labels: LabelChoice
  /// How files of images are read; nil for the usual way.
  package var view: ImageView?
  /// Normalisation of the channels.
  package var normalization: NormalizationChoice
  /// Random changes of the images.
  package var augmentation: Augmentation
  /// Share of the training split that is held out for validation; 0 for none, and for the validation
  /// split of the data where they have one.
  package var validation: Double
  /// Where the targets come from; nil for the array of the data.
  package var target: TargetChoice?
  /// Tokens of a sample; nil for those of the rows of the data.
  package var context: Int?
  /// Names of the model's inputs, where the data are arrays read by them; nil for all arrays.
  package var inputs: [String]?

  /// Creates settings.
  package init(
    path: String, labels: LabelChoice = .fine, view: ImageView? = nil,
    normalization: NormalizationChoice = .automatic,
    augmentation: Augmentation = .none, validation: Double = 0.1, target: TargetChoice? = nil,
    context: Int? = nil, inputs: [String]? = nil
  ) {
    self.inputs = inputs
    self.path = path
    self.labels = labels
    self.view = view
    self.normalization = normalization
    self.augmentation = augmentation
    self.validation = validation
    self.target = target
    self.context = context
  }

  /// Finds the data.
  ///
  /// - Throws: `DatasetError` if nothing known is there.
  package func find() throws(DatasetError) -> FoundData {
    try FoundData(path, labels: labels, view: view ?? .automatic, inputs: inputs)
  }

  /// Opens one split, its rows of tokens cut and its targets chosen.
  ///
  /// - Throws: `DatasetError` when there is none, or when the settings do not fit it.
  package func open(
    _ split: DatasetSplit, of found: FoundData
  ) throws(DatasetError) -> OpenedData {
    try found.open(split).tokenRows(context: context, target: target)
  }
}

/// The checkpoint that a training starts from.
package struct TrainingStart: Codable, Hashable, Sendable {
  /// The file or folder.
  package var path: String
  /// Its digest.
  package var sha256: String

  /// Names a checkpoint.
  package init(path: String, sha256: String) {
    self.path = path
    self.sha256 = sha256
  }
}

/// Everything that a training depends on: equal configurations give equal bits.
package struct TrainingConfiguration: Codable, Hashable, Sendable {
  /// How the model is made.
  package var architecture: ModelRecipe
  /// Where its first weights come from; nil for random ones.
  package var start: TrainingStart?
  /// How outputs are compared with targets; nil for what suits the targets.
  package var loss: Loss?
  /// The samples.
  package var data: TrainingDataSettings
  /// Passes over the training set.
  package var epochs: Int
  /// Samples of a step.
  package var batchSize: Int
  /// Whether a last batch shorter than the others is left out.
  package var dropsLast: Bool
  /// Seed of all random streams.
  package var seed: UInt64
  /// Length of the steps.
  package var learningRate: Schedule
  /// What makes steps of gradients.
  package var optimizer: BaseOptimizer
  /// Sharpness-aware minimisation; nil for the plain gradient.
  package var sharpness: SharpnessSettings?
  /// Share of the target probability that is spread over all classes.
  package var labelSmoothing: Double
  /// Probability of a zero wherever the model has dropout; nil for the rates of its own, and none where
  /// it has no rate.
  package var dropout: Double?
  /// Which convolution algorithms may be used.
  package var convolution: ConvolutionChoice

  /// Joins the settings.
  package init(
    architecture: ModelRecipe, start: TrainingStart? = nil, loss: Loss? = nil,
    data: TrainingDataSettings, epochs: Int, batchSize: Int,
    dropsLast: Bool = false, seed: UInt64 = 1, learningRate: Schedule,
    optimizer: BaseOptimizer = .sgd(SGD()),
    sharpness: SharpnessSettings? = nil, labelSmoothing: Double = 0,
    dropout: Double? = nil, convolution: ConvolutionChoice = .automatic
  ) {
    self.architecture = architecture
    self.start = start
    self.loss = loss
    self.data = data
    self.epochs = epochs
    self.batchSize = batchSize
    self.dropsLast = dropsLast
    self.seed = seed
    self.learningRate = learningRate
    self.optimizer = optimizer
    self.sharpness = sharpness
    self.labelSmoothing = labelSmoothing
    self.dropout = dropout
    self.convolution = convolution
  }

  /// Name of gradient and steps together.
  package var optimizerName: OptimizerName {
    OptimizerName(sharpness?.gradient ?? .plain, base: optimizer.name)
  }

  /// Checks the settings that do not depend on the data.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  package func validate() throws(TrainingError) {
    guard epochs >= 1 else { throw TrainingError("\(epochs) epochs; give 1 or more") }
    guard batchSize >= 2 else {
      throw TrainingError("batch size \(batchSize); give 2 or more")
    }
    guard (0..<1).contains(data.validation) else {
      throw TrainingError(
        "a share of \(data.validation) held out for validation; give a number in 0..<1")
    }
    guard (0..<1).contains(labelSmoothing) else {
      throw TrainingError("label smoothing \(labelSmoothing); give a number in 0..<1")
    }
    if let dropout {
      guard (0..<1).contains(dropout) else {
        throw TrainingError("dropout \(dropout); give a number in 0..<1")
      }
    }
    try optimizer.validate()
    try sharpness?.validate()
  }
}
