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
  /// - Parameters:
  ///   - settings: Which data, and how they are divided.
  ///   - seed: Seed of the choice.
  ///   - found: The data, where they were found before.
  /// - Throws: `DatasetError` when the data cannot be read or not be divided so.
  package init(
    _ settings: TrainingDataSettings, seed: UInt64, found: FoundData? = nil
  ) throws(DatasetError) {
    let all: FoundData
    if let found { all = found } else { all = try settings.find() }
    func part(_ split: DatasetSplit) throws(DatasetError) -> OpenedData? {
      all.splits.contains(split) ? try settings.open(split, of: all) : nil
    }
    try self.init(
      settings.open(.train, of: all), test: part(.test),
      validation: settings.validation == 0 ? part(.validation) : nil, settings, seed: seed)
  }

  /// Divides a training split that is already open.
  ///
  /// - Parameters:
  ///   - all: The training split.
  ///   - test: The test split.
  ///   - own: A split for validation, which takes the place of samples that are held out.
  ///   - settings: How the data are divided and normalised.
  ///   - seed: Seed of the choice.
  /// - Throws: `DatasetError` when it cannot be divided so.
  package init(
    _ all: OpenedData, test: OpenedData?, validation own: OpenedData? = nil,
    _ settings: TrainingDataSettings, seed: UInt64
  ) throws(DatasetError) {
    func normalized(
      _ data: OpenedData, _ choice: NormalizationChoice
    ) throws(DatasetError) -> SampleData {
      // Only that of another split than this one could be asked for.
      try data.normalized(choice) { () throws(DatasetError) in
        throw DatasetError(.noSuchSplit, settings.path, "has no training split")
      }
    }
    let whole = try normalized(all, settings.normalization)
    normalization = whole.normalization
    digest = try whole.digest
    name = whole.name
    // The values of the training split also where they were chosen by its statistics.
    let resolved = NormalizationChoice.fixed(try ChannelNormalization(parsing: normalization))
    self.test = try test.map { (data) throws(DatasetError) in try normalized(data, resolved) }
    let held = Int((settings.validation * Double(whole.count)).rounded())
    heldOut = held
    guard held > 0 else {
      training = whole
      validation = try own.map { (data) throws(DatasetError) in try normalized(data, resolved) }
      return
    }
    (training, validation) = try whole.holdingOut(samples: held, seed: seed)
  }
}
