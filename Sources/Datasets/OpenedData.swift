/// One split as files hold it, before images are normalised.
package enum OpenedData: Sendable {
  /// Labelled images.
  case images(Dataset)
  /// Named arrays.
  case arrays(ArrayDataset)

  /// What the user should know about the files.
  package var notes: [String] {
    switch self {
    case .images(let data): data.notes
    case .arrays(let data): data.notes
    }
  }

  /// Short name of the data set.
  package var name: String {
    switch self {
    case .images(let data): data.name
    case .arrays(let data): data.name
    }
  }

  /// Which part of the data set they are.
  package var split: DatasetSplit {
    switch self {
    case .images(let data): data.split
    case .arrays(let data): data.split
    }
  }

  /// SHA-256 over everything that a result depends on.
  package var digest: String {
    get throws(DatasetError) {
      switch self {
      case .images(let data): try data.digest()
      case .arrays(let data): try data.digest()
      }
    }
  }

  /// Number of samples.
  package var count: Int {
    switch self {
    case .images(let data): data.count
    case .arrays(let data): data.samples.count
    }
  }

  /// The first samples in file order.
  ///
  /// - Throws: `DatasetError` if fewer exist.
  package func prefix(samples: Int) throws(DatasetError) -> OpenedData {
    switch self {
    case .images(let data): .images(try data.prefix(samples: samples))
    case .arrays(let data): .arrays(try data.prefix(samples: samples))
    }
  }

  /// The samples as a model takes them.
  ///
  /// - Parameters:
  ///   - choice: Normalisation of images.
  ///   - trainingSplit: Reads the training split, where its statistics are needed and this is another one.
  /// - Returns: The samples.
  /// - Throws: `DatasetError` if the normalisation does not fit, or is asked for with arrays.
  package func normalized(
    _ choice: NormalizationChoice, trainingSplit: () throws(DatasetError) -> Dataset
  ) throws(DatasetError) -> SampleData {
    switch self {
    case .images(let data):
      let values = try choice.resolved(for: data, trainingSplit: trainingSplit)
      return .images(try NormalizedDataset(data, values))
    case .arrays(let data):
      guard choice == .automatic || choice == .fixed(.none) else {
        throw DatasetError(
          .setting, "normalization \(choice)",
          "\(data.name) holds arrays, which are used as they are; leave it out")
      }
      return .arrays(data)
    }
  }
}
