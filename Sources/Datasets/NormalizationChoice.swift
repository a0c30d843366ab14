/// Normalisation as asked for, before the data are known.
package enum NormalizationChoice: Sendable, Hashable {
  /// What the data set is usually trained with.
  ///
  /// The preset of the same name for `cifar10`, `cifar100` and `mnist`, also for the test sets CIFAR-10.1
  /// and CIFAR-10-C; `imagenet` for colour images that are resized from files; else the statistics of the
  /// training split for images of bytes; `none` for floats, which were prepared by whoever wrote
  /// them.
  case automatic
  /// Mean and deviation of each channel over the training split.
  case trainingSplit
  /// Given values.
  case fixed(ChannelNormalization)

  /// Reads "auto", "dataset", or what `ChannelNormalization` reads.
  ///
  /// - Throws: `DatasetError` that lists what can be written.
  package init(parsing text: String) throws(DatasetError) {
    switch text.lowercased() {
    case "auto": self = .automatic
    case "dataset": self = .trainingSplit
    default: self = .fixed(try ChannelNormalization(parsing: text))
    }
  }

  /// The values to use for `dataset`.
  ///
  /// `trainingSplit` is called only if its statistics are needed and `dataset` is another split.
  ///
  /// - Throws: `DatasetError` if the values do not fit the data set, or if a channel of the training
  ///   split is constant.
  package func resolved(
    for dataset: Dataset, trainingSplit: () throws(DatasetError) -> Dataset
  ) throws(DatasetError) -> ChannelNormalization {
    func training() throws(DatasetError) -> ChannelNormalization {
      let source = dataset.split == .train ? dataset : try trainingSplit()
      return try source.channelStatistics().normalization(of: source)
    }
    let value: ChannelNormalization
    switch self {
    case .fixed(let given): value = given
    case .trainingSplit: value = try training()
    case .automatic:
      if let preset = dataset.usualNormalization.flatMap({ ChannelNormalization.preset($0) }) {
        value = preset
      } else if dataset.pixels.white == nil {
        value = .none
      } else {
        value = try training()
      }
    }
    try value.check(for: dataset)
    return value
  }
}

extension NormalizationChoice: Codable, CustomStringConvertible {
  /// "auto", "dataset", or the values; `init(parsing:)` reads it back.
  package var description: String {
    switch self {
    case .automatic: "auto"
    case .trainingSplit: "dataset"
    case .fixed(let value): value.description
    }
  }

  /// Reads the text form.
  package init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text form.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Dataset {
  /// Name of the preset that networks for such data are trained with.
  fileprivate var usualNormalization: String? {
    if ["cifar10", "cifar100", "mnist"].contains(name) { return name }
    guard shape.channels == 3 else { return nil }
    if pixels.isResized { return "imagenet" }
    let isTestSet = { (prefixes: [String]) in prefixes.contains { self.name.hasPrefix($0) } }
    if isTestSet(["cifar10.1", "cifar-10-c"]) { return "cifar10" }
    return isTestSet(["cifar-100-c"]) ? "cifar100" : nil
  }
}
