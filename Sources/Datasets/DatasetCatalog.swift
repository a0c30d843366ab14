internal import FileFormats

/// Opening data sets by path; what is there is recognised from names and contents, see `DataFinder`.
package enum DatasetCatalog {
  /// Reads one split of the labelled images at `path`.
  ///
  /// - Parameters:
  ///   - path: File, folder, or "digits" ("./digits" for a folder of that name).
  ///   - split: Which part.
  ///   - labels: Which of the two labels of CIFAR-100.
  ///   - view: How image files become images of one size.
  /// - Returns: The images, before they are normalised.
  /// - Throws: `DatasetError` if nothing known is there, the split is missing, or files are damaged.
  package static func open(
    _ path: String, split: DatasetSplit, labels: LabelChoice = .fine,
    view: ImageView = .automatic
  ) throws(DatasetError) -> Dataset {
    let found = try DataFinder(labels: labels, view: view).find(path)
    // Of arrays that are not quite images, what is wrong with them.
    if case .arrays = found, startOfFile(path).starts(with: Array("PK".utf8)) {
      return try FoundData.images(NPZImages(file: path)).images(split)
    }
    return try found.images(split)
  }

  /// Reads one split of the data at `path`: labelled images, or named arrays.
  ///
  /// An `.npz` file holds images if it has an array of three or four axes under a name for images and
  /// one class for each; all other arrays are taken by their names.
  ///
  /// - Parameters:
  ///   - path: File or folder.
  ///   - split: Which part.
  ///   - labels: Which labels, where there are two kinds.
  ///   - view: How image files become images of one size.
  ///   - inputs: Names of a model's inputs: a file that has arrays of these names is no data set of
  ///     images, and its other arrays do not count. Nil where the model is not known yet.
  /// - Returns: The samples, before images are normalised.
  /// - Throws: `DatasetError` as `open`.
  package static func openData(
    _ path: String, split: DatasetSplit, labels: LabelChoice = .fine,
    view: ImageView = .automatic, inputs: [String]? = nil
  ) throws(DatasetError) -> OpenedData {
    if let inputs, path != "digits", FolderListing.isFolder(path) == false,
      let arrays = try NamedArrays.open(path, start: startOfFile(path), inputs: inputs),
      arrays.splits.contains(where: { arrays.has(inputs, in: $0) }),
      // Pixels are whole numbers, which want a normalisation.
      !(inputs.count == 1 && arrays.hasWholeNumbers(inputs[0]) && NPZImages.fits(file: path))
    {
      return .arrays(try arrays.read(split, inputs: inputs))
    }
    return try DataFinder(labels: labels, view: view).find(path).read(split)
  }

  /// The parts that the data at `path` have, training first.
  ///
  /// - Throws: `DatasetError` if nothing known is there.
  package static func splits(_ path: String) throws(DatasetError) -> [DatasetSplit] {
    try DataFinder(labels: .fine, view: .automatic).find(path).splits
  }

  /// The values of a choice of normalisation for `dataset`, which was opened from `path`.
  ///
  /// - Throws: `DatasetError` if the choice does not fit, or if it needs the training split and
  ///   there is none.
  package static func normalization(
    _ choice: NormalizationChoice, for dataset: Dataset, openedFrom path: String,
    labels: LabelChoice = .fine, view: ImageView = .automatic
  ) throws(DatasetError) -> ChannelNormalization {
    try choice.resolved(for: dataset) { () throws(DatasetError) in
      try open(path, split: .train, labels: labels, view: view)
    }
  }

  /// What `path` contains: every split is read, counted and measured.
  ///
  /// - Throws: `DatasetError` as `open`.
  package static func describe(
    _ path: String, labels: LabelChoice = .fine, view: ImageView = .automatic
  ) throws(DatasetError) -> DataDescription {
    let found = try DataFinder(labels: labels, view: view).find(path)
    var images: [Dataset] = []
    var arrays: [ArrayDataset] = []
    for split in found.splits {
      switch try found.read(split) {
      case .images(let data): images.append(data)
      case .arrays(let data): arrays.append(data)
      }
    }
    guard images.isEmpty || arrays.isEmpty else {
      throw DatasetError(
        .shape, path, "one split holds images and another numbers; save them in one form")
    }
    return images.isEmpty
      ? .arrays(try ArrayDescription(kind: found.kind, path: path, parts: arrays))
      : .images(try DatasetDescription(kind: found.kind, path: found.path, parts: images))
  }
}
