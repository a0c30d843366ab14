package import Datasets

/// The samples of a training, opened and divided.
package struct TrainingData: Sendable {
  /// What the network is trained on.
  package let training: SampleData
  /// What the best epoch is chosen on: held out of the training split, or a split of its own; nil for
  /// nothing.
  package let validation: SampleData?
  /// How many samples were held out of the training split.
  package let heldOut: Int
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
    try self.init(
      settings.open(.train), test: Self.open(.test, settings), settings, seed: seed)
  }

  /// Divides a training split that is already open.
  ///
  /// - Throws: `DatasetError` when it cannot be divided so.
  package init(
    _ all: OpenedData, test: OpenedData?, _ settings: TrainingDataSettings, seed: UInt64
  ) throws(DatasetError) {
    let whole = try all.normalized(
      settings.normalization, openedFrom: settings.path, labels: settings.labels,
      view: settings.view ?? .automatic)
    normalization = whole.normalization
    digest = try whole.digest
    name = whole.name
    // The values of the training split also where they were chosen by its statistics.
    let resolved = NormalizationChoice.fixed(try ChannelNormalization(parsing: normalization))
    func normalized(_ data: OpenedData) throws(DatasetError) -> SampleData {
      try data.normalized(resolved, openedFrom: settings.path, labels: settings.labels)
    }
    self.test = try test.map { (data) throws(DatasetError) in try normalized(data) }
    let held = Int((settings.validation * Double(whole.count)).rounded())
    heldOut = held
    guard held > 0 else {
      training = whole
      let own = settings.validation == 0 ? try Self.open(.validation, settings) : nil
      validation = try own.map { (data) throws(DatasetError) in try normalized(data) }
      return
    }
    (training, validation) = try whole.holdingOut(samples: held, seed: seed)
  }

  /// A split that the data may have.
  private static func open(
    _ split: DatasetSplit, _ settings: TrainingDataSettings
  ) throws(DatasetError) -> OpenedData? {
    do {
      return try settings.open(split)
    } catch  where error.reason == .noSuchSplit {
      return nil
    }
  }
}
