package import Datasets
internal import LinearAlgebra
package import Objectives

/// The samples of a training, opened and divided.
package struct TrainingData: Sendable {
  /// What the network is trained on.
  package let training: NormalizedDataset
  /// What is held out of the training split to choose the best epoch; nil for nothing.
  package let validation: NormalizedDataset?
  /// The test split where the data have one; no decision is made by it.
  package let test: NormalizedDataset?
  /// The values that all images are normalised with.
  package let normalization: ChannelNormalization
  /// Digest of the whole training split.
  package let digest: String
  /// Short name of the data set.
  package let name: String

  /// Opens the data and holds the validation part out.
  ///
  /// - Throws: `DatasetError` when the data cannot be read or not be divided so.
  package init(_ settings: TrainingDataSettings, seed: UInt64) throws(DatasetError) {
    let all = try DatasetCatalog.open(settings.path, split: .train, labels: settings.labels)
    try self.init(all, test: Self.test(settings), settings, seed: seed)
  }

  /// Divides a training split that is already open.
  ///
  /// - Throws: `DatasetError` when it cannot be divided so.
  package init(
    _ all: Dataset, test: Dataset?, _ settings: TrainingDataSettings, seed: UInt64
  ) throws(DatasetError) {
    let normalization = try DatasetCatalog.normalization(
      settings.normalization, for: all, openedFrom: settings.path, labels: settings.labels)
    self.normalization = normalization
    digest = all.digest
    name = all.name
    self.test = try test.map { (data) throws(DatasetError) in
      try NormalizedDataset(data, normalization)
    }
    let held = Int((settings.validation * Double(all.count)).rounded())
    guard held > 0 else {
      training = try NormalizedDataset(all, normalization)
      validation = nil
      return
    }
    let parts = try all.holdingOut(samples: held, seed: seed)
    training = try NormalizedDataset(parts.training, normalization)
    validation = try NormalizedDataset(parts.validation, normalization)
  }

  private static func test(_ settings: TrainingDataSettings) throws(DatasetError) -> Dataset? {
    do {
      return try DatasetCatalog.open(settings.path, split: .test, labels: settings.labels)
    } catch  where error.reason == .noSuchSplit {
      return nil
    }
  }
}

extension NormalizedDataset {
  /// All samples as a risk takes them.
  package var samples: SampleSet {
    let all = batch(0..<count)
    return SampleSet(images: all.images, labels: all.labels)
  }
}
