package import Datasets

/// The samples of a training, opened and divided.
package struct TrainingData: Sendable {
  /// What the network is trained on.
  package let training: SampleData
  /// What is held out of the training split to choose the best epoch; nil for nothing.
  package let validation: SampleData?
  /// The test split where the data have one; no decision is made by it.
  package let test: SampleData?
  /// The values that images are normalised with, as text.
  package let normalization: String
  /// Digest of the whole training split.
  package let digest: String
  /// Short name of the data set.
  package let name: String

  /// Opens the data and holds the validation part out.
  ///
  /// - Throws: `DatasetError` when the data cannot be read or not be divided so.
  package init(_ settings: TrainingDataSettings, seed: UInt64) throws(DatasetError) {
    try self.init(settings.open(.train), test: Self.test(settings), settings, seed: seed)
  }

  /// Divides a training split that is already open.
  ///
  /// - Throws: `DatasetError` when it cannot be divided so.
  package init(
    _ all: OpenedData, test: OpenedData?, _ settings: TrainingDataSettings, seed: UInt64
  ) throws(DatasetError) {
    let whole = try all.normalized(
      settings.normalization, openedFrom: settings.path, labels: settings.labels)
    normalization = whole.normalization
    digest = try whole.digest
    name = whole.name
    // The values of the training split also where they were chosen by its statistics.
    let resolved = NormalizationChoice.fixed(try ChannelNormalization(parsing: normalization))
    self.test = try test.map { (data) throws(DatasetError) in
      try data.normalized(resolved, openedFrom: settings.path, labels: settings.labels)
    }
    let held = Int((settings.validation * Double(whole.count)).rounded())
    guard held > 0 else {
      training = whole
      validation = nil
      return
    }
    (training, validation) = try whole.holdingOut(samples: held, seed: seed)
  }

  private static func test(
    _ settings: TrainingDataSettings
  ) throws(DatasetError) -> OpenedData? {
    do {
      return try settings.open(.test)
    } catch  where error.reason == .noSuchSplit {
      return nil
    }
  }
}
