package import ArgumentParser
internal import Artifacts
package import Checkpoints
package import Datasets
internal import Foundation
package import LinearAlgebra
internal import NeuralNetworks
package import Objectives

extension DatasetSplit: ExpressibleByArgument {
  /// The parts that a data set on disk has.
  package static var allValueStrings: [String] { [train.rawValue, test.rawValue] }
}

extension LabelChoice: ExpressibleByArgument {}
extension Loss.Kind: ExpressibleByArgument {}

/// What cannot be known from a checkpoint that somebody else wrote.
package struct ModelOptions: ParsableArguments {
  /// Architecture by name.
  @Option(
    help: "Architecture, when names and shapes in the checkpoint do not tell (see trainer train).")
  package var architecture: String?

  /// Data set.
  @Option(
    help: """
      Data set: digits, a folder (CIFAR-10/100, IDX), or arrays in an .npz or safetensors file, named \
      after the model's inputs, with target and weight; default: as trained.
      """)
  package var data: String?

  /// Labels of data that have two kinds.
  @Option(help: "Labels of CIFAR-100: fine or coarse; default: as trained, otherwise fine.")
  package var labels: LabelChoice?

  /// Normalisation of the channels.
  @Option(
    help: """
      Channel normalisation: imagenet, cifar10, cifar100, mnist, none, dataset, auto or \
      mean=...;std=...; default: as trained.
      """)
  package var normalize: String?

  /// How outputs are compared with targets.
  @Option(
    help: """
      Loss: default as trained; otherwise cross-entropy where targets are whole numbers, else \
      squared-error. log-probabilities and probabilities are for models that end in log-softmax or \
      softmax, output for models whose output is the loss.
      """)
  package var loss: Loss.Kind?

  /// Weights of the classes.
  @Option(help: "Weight of each class in the mean loss, separated by commas.")
  package var classWeights: String?

  /// Part of the data set.
  @Option(help: "Part of the data set.")
  package var split: DatasetSplit = .train

  /// Number of samples.
  @Option(help: "Number of samples, the first in file order; default: all.")
  package var samples: Int?

  /// Creates the options with their defaults.
  package init() {}

  /// Checks ranges.
  package func validate() throws {
    if let samples, samples < 2 { throw ValidationError("--samples \(samples) is below 2.") }
    if split == .validation {
      throw ValidationError("--split validation is no part of a data set; use train or test.")
    }
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
    return result
  }
}

/// A checkpoint, the data it is looked at with, and where both came from.
package struct OpenedModel {
  /// Path of the checkpoint.
  package let path: String
  /// SHA-256 of the file.
  package let sha256: String
  /// Format of the file.
  package let format: String
  /// Model, weights and running statistics.
  package let trained: TrainedModel
  /// The loss.
  package let loss: BoundLoss
  /// The samples.
  package let data: SampleData
  /// Where the samples were opened.
  package let dataPath: String
  /// SHA-256 of the samples, see `Dataset.digest`.
  package let dataDigest: String
  /// Which labels of the data are used.
  package let labels: LabelChoice
  /// What a reader must know before using numbers of this model, in plain words.
  package let warnings: [String]

  /// Opens a checkpoint with the data that it names or that the options name.
  ///
  /// Remarks (how the architecture was recognised, incomplete data) go to stderr, and so do warnings,
  /// which `isQuiet` does not silence.
  ///
  /// - Throws: Errors of one line that name file and option.
  package init(path: String, options: ModelOptions, isQuiet: Bool = false) throws {
    let contents = try CheckpointFile.read(path)
    let metadata = try TrainedModelMetadata(contents)
    guard let dataPath = options.data ?? metadata?.dataPath else {
      throw UsageError(
        description: "\(path) does not name its data set; give --data (digits, a folder or .npz)")
    }
    labels = try Self.labels(options, metadata, path: path)
    let whole = try DatasetCatalog.openData(dataPath, split: options.split, labels: labels)
    let part = try options.samples.map { try whole.prefix(samples: $0) } ?? whole
    let remark: (String) -> Void = { if !isQuiet { note($0) } }
    for text in part.notes { remark(text) }
    if metadata != nil && options.architecture == nil {
      trained = try TrainedModel.readDescribed(contents).model
    } else {
      let choice = try options.loss(trainedWith: nil, path: path)
      let (found, alternatives) = try TrainedModel.recognized(
        contents, name: options.architecture, inputs: part.architectureInputs(),
        outputCount: part.outputCount(for: choice))
      trained = found
      var text =
        "\(path): \(contents.format.rawValue), architecture "
        + "\(found.model.name), \(found.model.layout.count) parameters"
      if !alternatives.isEmpty && options.architecture == nil {
        text +=
          " (the weights also fit \(alternatives.joined(separator: ", ")); "
          + "--architecture chooses)"
      }
      remark(text)
    }
    let choice: NormalizationChoice
    if let text = options.normalize {
      choice = try NormalizationChoice(parsing: text)
    } else if let metadata, options.data == nil || metadata.dataName == part.name {
      choice = .fixed(try ChannelNormalization(parsing: metadata.normalization))
    } else {
      choice = .automatic
    }
    data = try Self.normalized(choice, part, dataPath, labels)
    if options.normalize == nil && metadata == nil, case .images = data {
      remark("images are normalised with \(data.normalization); --normalize chooses another")
    }
    loss = try BoundLoss(
      options.loss(trainedWith: metadata?.loss, path: path), model: trained.model,
      target: data.samples.target)
    self.dataPath = dataPath
    let digest = try whole.digest
    dataDigest = data.count == whole.count ? digest : try data.digest
    let isNamed = options.data == nil || options.data == metadata?.dataPath
    warnings = [
      Self.warning(
        metadata, whole, digest: digest, source: dataPath, isNamed: isNamed, path: path)
    ].compactMap(\.self)
    for text in warnings { warn(text) }
    self.path = path
    sha256 = contents.sha256
    format = contents.format.rawValue
  }

  /// The samples, normalised.
  ///
  /// - Throws: `DatasetError` of another reason than `.noSuchSplit`: the split of the data is there,
  ///   it is the training split behind the statistics that may be missing.
  private static func normalized(
    _ choice: NormalizationChoice, _ part: OpenedData, _ path: String, _ labels: LabelChoice
  ) throws(DatasetError) -> SampleData {
    do {
      return try part.normalized(choice, openedFrom: path, labels: labels)
    } catch  where error.reason == .noSuchSplit {
      throw DatasetError(
        .setting, path,
        "has no training split, whose statistics the images are to be normalised with; say with "
          + "--normalize how the network saw them (none, a preset, or mean=...;std=...)")
    }
  }

  /// What to say where data that the checkpoint names are not those that it was trained on.
  ///
  /// It keeps the digest of the training split; of other splits nothing is known.
  private static func warning(
    _ metadata: TrainedModelMetadata?, _ whole: OpenedData, digest: String, source: String,
    isNamed: Bool, path: String
  ) -> String? {
    guard let metadata, let expected = metadata.dataDigest, whole.split == .train,
      isNamed || metadata.dataName == whole.name, digest != expected
    else { return nil }
    return "\(path): was trained on other data than \(source) holds now (SHA-256 of the "
      + "training split: \(expected.prefix(12))... then, \(digest.prefix(12))... now); the numbers "
      + "are not those of its training data"
  }

  /// The labels that the options name, or those that the network was trained with.
  private static func labels(
    _ options: ModelOptions, _ metadata: TrainedModelMetadata?, path: String
  ) throws -> LabelChoice {
    if let labels = options.labels { return labels }
    guard let name = metadata?.labels else { return .fine }
    guard let labels = LabelChoice(rawValue: name) else {
      throw UsageError(
        description: "\(path): was trained with labels \"\(name)\", which this version does not "
          + "know; give --labels fine or coarse")
    }
    return labels
  }

  /// The loss over the samples as a function of weights and buffers.
  ///
  /// - Throws: `RiskError` when samples, options and model do not fit each other.
  package func risk(_ options: RiskOptions, pool: WorkerPool) throws -> EmpiricalRisk {
    try EmpiricalRisk(
      model: trained.model, loss: loss.loss, samples: data.samples, options: options, pool: pool)
  }

  /// File name without folder and extension.
  package var stem: String { URL(filePath: path).deletingPathExtension().lastPathComponent }
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
