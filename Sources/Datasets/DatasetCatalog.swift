internal import FileFormats

/// Opening data sets by path; what is there is recognised from names and contents.
///
/// Known are: the word `digits` (embedded); folders of CIFAR-10 or CIFAR-100, as binary files or
/// Python pickles, or of IDX files (MNIST); the folder above one of these; a single file of one of
/// these kinds; an `.npz` file; named arrays in an `.npz` or safetensors file.
package enum DatasetCatalog {
  /// Reads one split of the data set at `path`.
  ///
  /// `path` is a file, a folder, or "digits" ("./digits" for a folder of that name); `labels`
  /// chooses between the two labels of CIFAR-100.
  ///
  /// - Throws: `DatasetError` if nothing known is there, the split is missing, or files are damaged.
  package static func open(
    _ path: String, split: DatasetSplit, labels: LabelChoice = .fine
  ) throws(DatasetError) -> Dataset {
    let reader = try self.reader(for: path, labels)
    guard reader.splits.contains(split) else {
      let present = reader.splits.map(\.rawValue).joined(separator: " and ")
      throw DatasetError(
        .noSuchSplit, path,
        "\(reader.kind) without a \(split.rawValue) split; it has \(present)")
    }
    return try reader.read(split)
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
  ///   - inputs: Names of a model's inputs: a file that has arrays of these names is no data set of
  ///     images, and its other arrays do not count. Nil where the model is not known yet.
  /// - Returns: The samples, before images are normalised.
  /// - Throws: `DatasetError` as `open`.
  package static func openData(
    _ path: String, split: DatasetSplit, labels: LabelChoice = .fine, inputs: [String]? = nil
  ) throws(DatasetError) -> OpenedData {
    if let inputs, path != "digits", FolderListing.isFolder(path) == false,
      let arrays = try NamedArrays.open(path, start: startOfFile(path), inputs: inputs),
      arrays.splits.contains(where: { arrays.has(inputs, in: $0) }),
      // Pixels are whole numbers, which want a normalisation.
      !(inputs.count == 1 && arrays.hasWholeNumbers(inputs[0]) && NPZImages.fits(file: path))
    {
      return .arrays(try arrays.read(split, inputs: inputs))
    }
    if let arrays = try namedArrays(path) { return .arrays(try arrays.read(split)) }
    return .images(try open(path, split: split, labels: labels))
  }

  /// The arrays of a file that holds some and is no data set of images.
  private static func namedArrays(_ path: String) throws(DatasetError) -> NamedArrays? {
    guard path != "digits", FolderListing.isFolder(path) == false else { return nil }
    let start = startOfFile(path)
    let isImages = start.starts(with: Array("PK".utf8)) && NPZImages.fits(file: path)
    return isImages ? nil : try NamedArrays.open(path, start: start)
  }

  /// The values of a choice of normalisation for `dataset`, which was opened from `path`.
  ///
  /// - Throws: `DatasetError` if the choice does not fit, or if it needs the training split and
  ///   there is none.
  package static func normalization(
    _ choice: NormalizationChoice, for dataset: Dataset, openedFrom path: String,
    labels: LabelChoice = .fine
  ) throws(DatasetError) -> ChannelNormalization {
    try choice.resolved(for: dataset) { () throws(DatasetError) in
      try open(path, split: .train, labels: labels)
    }
  }

  /// What `path` contains: every split is read, counted and measured.
  ///
  /// - Throws: `DatasetError` as `open`.
  package static func describe(
    _ path: String, labels: LabelChoice = .fine
  ) throws(DatasetError) -> DataDescription {
    if let arrays = try namedArrays(path) {
      let parts = try arrays.splits.map { (split) throws(DatasetError) in try arrays.read(split) }
      return .arrays(try ArrayDescription(path: path, parts: parts))
    }
    let reader = try self.reader(for: path, labels)
    var parts: [Dataset] = []
    for split in reader.splits { parts.append(try reader.read(split)) }
    return .images(try DatasetDescription(kind: reader.kind, path: reader.path, parts: parts))
  }

  // MARK: - Recognition

  private static func reader(
    for path: String, _ labels: LabelChoice
  ) throws(DatasetError) -> any DatasetReader {
    if path == "digits" { return Digits() }
    switch FolderListing.isFolder(path) {
    case nil:
      throw DatasetError(
        .missing, path,
        "no such file or folder; give a folder of CIFAR-10, CIFAR-100 or MNIST files, an .npz or "
          + "safetensors file, or the word digits")
    case true?: return try folderReader(path, labels)
    case false?: return try fileReader(path, labels)
    }
  }

  private static func folderReader(
    _ path: String, _ labels: LabelChoice
  ) throws(DatasetError) -> any DatasetReader {
    let folder = try FolderListing(path)
    if let reader = try reader(of: folder, labels) { return reader }
    // The names under which the archives unpack, binary files before pickles of the same images.
    let families = [
      ["cifar-10-batches-bin", "cifar-10-batches-py"], ["cifar-100-binary", "cifar-100-python"],
      ["MNIST/raw", "raw", "mnist"], ["FashionMNIST/raw"],
    ]
    var found: [any DatasetReader] = []
    for family in families {
      for name in family where FolderListing.isFolder(folder.file(name)) == true {
        if let reader = try reader(of: try FolderListing(folder.file(name)), labels) {
          found.append(reader)
          break
        }
      }
    }
    guard found.count <= 1 else {
      let list = found.map(\.path).joined(separator: ", ")
      throw DatasetError(.ambiguous, path, "holds several data sets; give one of \(list)")
    }
    guard let reader = found.first else {
      let isPacked = folder.names.contains { $0.hasSuffix(".tar.gz") || $0.hasSuffix(".zip") }
      throw DatasetError(
        .unrecognised, path,
        "no known data set in this folder; expected data_batch_1.bin (CIFAR-10), train.bin "
          + "(CIFAR-100), their Python pickles, or train-images-idx3-ubyte (MNIST)"
          + (isPacked ? "; unpack the archive first" : ""))
    }
    return reader
  }

  private static func reader(
    of folder: FolderListing, _ labels: LabelChoice
  ) throws(DatasetError) -> (any DatasetReader)? {
    let layouts = [CIFARLayout.cifar10, .cifar100(labels)]
    for layout in layouts {
      if let reader = CIFARBinary(folder, layout) { return reader }
    }
    for layout in layouts {
      if let reader = CIFARPickle(folder, layout) { return reader }
    }
    return try IDXFolder(folder)
  }

  private static func fileReader(
    _ path: String, _ labels: LabelChoice
  ) throws(DatasetError) -> any DatasetReader {
    let start = startOfFile(path)
    guard !start.isEmpty else {
      throw DatasetError(.empty, path, "is empty or not a regular file; give a data set")
    }
    if start.starts(with: Array("PK".utf8)) { return try NPZImages(file: path) }
    if IDXFile.isIDX(start) { return try IDXFolder(file: path) }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if start.starts(with: [0x1F, 0x8B]) {
      guard name.contains("idx") else {
        throw DatasetError(
          .unrecognised, path, "a compressed archive; unpack it (tar xzf) and give the folder")
      }
      return try IDXFolder(file: path)
    }
    if CIFARPickle.isPickle(path) {
      let batch = try CIFARPickle.dictionary(path)
      let layout = batch["fine_labels"] == nil ? CIFARLayout.cifar10 : .cifar100(labels)
      return CIFARPickle(file: path, layout)
    }
    if name.hasSuffix(".bin") {
      let isCIFAR100 = name == "train.bin" || name == "test.bin"
      return CIFARBinary(file: path, isCIFAR100 ? .cifar100(labels) : .cifar10)
    }
    throw DatasetError(
      .unrecognised, path,
      "not a known format; give an .npz or safetensors file with x and y, a CIFAR batch, or an IDX "
        + "file of images")
  }
}
