internal import FileFormats

/// The data at a path: recognised once, then read part by part.
///
/// Archives are expanded and tables parsed when they are found, and what that gives is kept.
package struct FoundData: Sendable {
  /// File, folder, or "digits".
  package let path: String
  private let contents: DataContents
  /// Inputs of a model, where the data are arrays read by them.
  private let inputs: [String]

  /// Finds what is at a path; it is recognised from names and contents, see `DataFinder`.
  ///
  /// An `.npz` file holds images if it has an array of three or four axes, or rows of bytes that are squares, under a
  /// name for images and one class for each; all other arrays are taken by their names.
  ///
  /// - Parameters:
  ///   - path: File, folder, or "digits" ("./digits" for a folder of that name).
  ///   - labels: Which of the two labels of CIFAR-100.
  ///   - view: How image files become images of one size.
  ///   - inputs: Names of a model's inputs: a file that has arrays of these names is no data set of
  ///     images, and its other arrays do not count. Nil where the model is not known yet.
  /// - Throws: `DatasetError` if nothing known is there, or files are damaged.
  package init(
    _ path: String, labels: LabelChoice = .fine, view: ImageView = .automatic,
    inputs: [String]? = nil
  ) throws(DatasetError) {
    self.path = path
    if let inputs, let arrays = try Self.arrays(path, inputs: inputs) {
      (contents, self.inputs) = (.arrays(arrays), inputs)
    } else {
      (contents, self.inputs) = (try DataFinder(labels: labels, view: view).find(path), [])
    }
  }

  /// The arrays of a file if some are the inputs of a model; nil for anything else.
  private static func arrays(
    _ path: String, inputs: [String]
  ) throws(DatasetError) -> NamedArrays? {
    guard path != "digits", FolderListing.isFolder(path) == false,
      let arrays = try NamedArrays.open(path, start: startOfFile(path), inputs: inputs),
      arrays.splits.contains(where: { arrays.has(inputs, in: $0) })
    else { return nil }
    // Pixels are whole numbers, which want a normalisation.
    guard inputs.count == 1, arrays.hasWholeNumbers(inputs[0]) else { return arrays }
    return try NPZImages.recognized(path) == nil ? arrays : nil
  }

  /// The parts that are there, training first.
  package var splits: [DatasetSplit] { contents.splits }

  /// Reads a part: labelled images before they are normalised, or named arrays.
  ///
  /// - Throws: `DatasetError` where it is missing, or files are damaged.
  package func open(_ split: DatasetSplit) throws(DatasetError) -> OpenedData {
    try contents.read(split, inputs: inputs)
  }

  /// Reads a part of labelled images.
  ///
  /// - Throws: `DatasetError` where it is missing or holds something else, or files are damaged.
  package func images(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    // Of arrays that are not quite images, what is wrong with them.
    if case .arrays = contents, startOfFile(path).starts(with: Array("PK".utf8)) {
      return try NPZImages(file: path).read(split)
    }
    guard case .images(let data) = try open(split) else {
      throw DatasetError(.unrecognised, path, "holds \(contents.kind) and no labelled images")
    }
    return data
  }

  /// Images of a part that are enough to choose some from, evenly spaced, looked at as another part is.
  ///
  /// Of many files no more are opened than are wanted, spaced so; otherwise these are all images.
  ///
  /// - Parameters:
  ///   - split: Which part.
  ///   - count: How many images are wanted.
  ///   - other: Another part of the same data, whose geometry images of files get.
  /// - Returns: The images, and how many the whole part has of each class.
  /// - Throws: `DatasetError` as `images`.
  package func sample(
    _ split: DatasetSplit, count: Int, like other: Dataset
  ) throws(DatasetError) -> (images: Dataset, classHistogram: [Int]) {
    if other.split != split, case .images(let reader) = contents,
      let folder = reader as? ImageFolder
    {
      return try folder.sample(split, count: count, like: other)
    }
    let images = other.split == split ? other : try images(split)
    return (images, images.classHistogram)
  }

  /// The values of a choice of normalisation for images of these data.
  ///
  /// - Throws: `DatasetError` if the choice does not fit, or if it needs the training split and
  ///   there is none.
  package func normalization(
    _ choice: NormalizationChoice, for dataset: Dataset
  ) throws(DatasetError) -> ChannelNormalization {
    try choice.resolved(for: dataset) { () throws(DatasetError) in try images(.train) }
  }

  /// What the path contains: every part is read, counted and measured.
  ///
  /// - Throws: `DatasetError` when files are damaged, or parts do not belong together.
  package func description() throws(DatasetError) -> DataDescription {
    var images: [Dataset] = []
    var arrays: [ArrayDataset] = []
    for split in splits {
      switch try open(split) {
      case .images(let data): images.append(data)
      case .arrays(let data): arrays.append(data)
      }
    }
    guard images.isEmpty || arrays.isEmpty else {
      throw DatasetError(
        .shape, path, "one split holds images and another numbers; save them in one form")
    }
    return images.isEmpty
      ? .arrays(try ArrayDescription(kind: contents.kind, path: path, parts: arrays))
      : .images(try DatasetDescription(kind: contents.kind, path: contents.path, parts: images))
  }
}
