public import Datasets

extension Samples {
  /// The samples of a data set on disk, or of the built-in digits, as networks see them.
  ///
  /// - Parameters:
  ///   - path: `digits`; a folder of images, CIFAR or MNIST files, `.npy` pairs or tables; an archive of
  ///     CIFAR; an `.npz`, safetensors, `.npy`, `.csv` or `.pt` file.
  ///   - split: Which part.
  ///   - normalization: Normalisation of images, see `ModelConfiguration.normalization`.
  ///   - view: How files of images become images of one size.
  ///   - labels: Which labels of data with two kinds.
  /// - Returns: The samples; files that are read in parts stay on disk.
  /// - Throws: `DatasetError` that says what is wrong with which file.
  public static func load(
    _ path: String, split: DatasetSplit = .train, normalization: String = "auto",
    view: ImageView = .automatic, labels: LabelChoice = .fine
  ) throws(DatasetError) -> Samples {
    let found = try FoundData(path, labels: labels, view: view, inputs: nil)
    return try found.open(split).normalized(NormalizationChoice(parsing: normalization)) {
      () throws(DatasetError) in try found.images(.train)
    }.samples
  }
}
