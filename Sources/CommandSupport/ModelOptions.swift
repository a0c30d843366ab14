package import ArgumentParser
package import Checkpoints
package import Datasets
internal import Foundation
internal import LinearAlgebra
internal import NeuralNetworks
package import Objectives

extension DatasetSplit: ExpressibleByArgument {
  /// The parts that a data set on disk has.
  package static var allValueStrings: [String] { [train.rawValue, test.rawValue] }
}

extension LabelChoice: ExpressibleByArgument {}

/// What cannot be known from a checkpoint that somebody else wrote.
package struct ModelOptions: ParsableArguments {
  /// Architecture by name.
  @Option(
    help: "Architecture, when names and shapes in the checkpoint do not tell (see trainer train).")
  package var architecture: String?

  /// Data set.
  @Option(
    help: "Data set: digits, a folder (CIFAR-10/100, IDX) or an .npz file; default: as trained.")
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
  /// Network, weights and running statistics.
  package let model: TrainedModel
  /// The samples.
  package let dataset: Dataset
  /// Where the samples were opened.
  package let dataPath: String
  /// SHA-256 of the samples, see `Dataset.digest`.
  package let dataDigest: String
  /// Which labels of the data are used.
  package let labels: LabelChoice
  /// Normalisation of the channels.
  package let normalization: ChannelNormalization
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
    let whole = try DatasetCatalog.open(dataPath, split: options.split, labels: labels)
    dataset = try options.samples.map { try whole.prefix(samples: $0) } ?? whole
    self.dataPath = dataPath
    let digest = whole.digest
    dataDigest = dataset.count == whole.count ? digest : dataset.digest
    let isNamed = options.data == nil || options.data == metadata?.dataPath
    warnings = [
      Self.warning(metadata, whole, digest: digest, isNamed: isNamed, path: path)
    ].compactMap(\.self)
    for text in warnings { warn(text) }
    let remark: (String) -> Void = { if !isQuiet { note($0) } }
    for text in dataset.notes { remark(text) }
    let input = Architecture.Input(
      channels: dataset.shape.channels, height: dataset.shape.height, width: dataset.shape.width)
    if metadata != nil && options.architecture == nil {
      model = try TrainedModel.readDescribed(contents).model
    } else {
      let (found, alternatives) = try TrainedModel.recognized(
        contents, name: options.architecture, input: input, classCount: dataset.classCount)
      model = found
      var text =
        "\(path): \(contents.format.rawValue), architecture "
        + "\(found.network.architecture.name), \(found.network.layout.count) parameters"
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
    } else if let metadata, options.data == nil || metadata.dataName == dataset.name {
      choice = .fixed(try ChannelNormalization(parsing: metadata.normalization))
    } else {
      choice = .automatic
    }
    normalization = try Self.normalization(choice, dataset, dataPath, labels)
    if options.normalize == nil && metadata == nil {
      remark("images are normalised with \(normalization); --normalize chooses another")
    }
    self.path = path
    sha256 = contents.sha256
    format = contents.format.rawValue
  }

  /// The values of a normalisation.
  ///
  /// - Throws: `DatasetError` of another reason than `.noSuchSplit`: the split of the data is there,
  ///   it is the training split behind the statistics that may be missing.
  private static func normalization(
    _ choice: NormalizationChoice, _ dataset: Dataset, _ path: String, _ labels: LabelChoice
  ) throws(DatasetError) -> ChannelNormalization {
    do {
      return try DatasetCatalog.normalization(
        choice, for: dataset, openedFrom: path, labels: labels)
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
    _ metadata: TrainedModelMetadata?, _ whole: Dataset, digest: String, isNamed: Bool, path: String
  ) -> String? {
    guard let metadata, let expected = metadata.dataDigest, whole.split == .train,
      isNamed || metadata.dataName == whole.name, digest != expected
    else { return nil }
    return "\(path): was trained on other data than \(whole.source) holds now (SHA-256 of the "
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

  /// The normalised samples.
  package func sampleSet() throws -> SampleSet {
    let data = try NormalizedDataset(dataset, normalization)
    let batch = data.batch(0..<data.count)
    return SampleSet(images: batch.images, labels: batch.labels)
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
