internal import FileFormats

/// What was found at a path.
enum FoundData {
  /// Labelled images.
  case images(any DatasetReader)
  /// Named arrays of a file.
  case arrays(NamedArrays)
  /// Text files with columns.
  case tables(TableFiles)

  /// The format, for people.
  var kind: String {
    switch self {
    case .images(let reader): reader.kind
    case .arrays: "named arrays"
    case .tables(let tables): tables.kind
    }
  }

  /// Whether image files become images of one size.
  var isFolderOfImages: Bool {
    if case .images(let reader) = self { reader is ImageFolder } else { false }
  }

  /// The file or folder.
  var path: String {
    switch self {
    case .images(let reader): reader.path
    case .arrays(let arrays): arrays.path
    case .tables(let tables): tables.path
    }
  }

  /// The splits that are there, training first.
  var splits: [DatasetSplit] {
    switch self {
    case .images(let reader): reader.splits
    case .arrays(let arrays): arrays.splits
    case .tables(let tables): tables.splits
    }
  }

  /// Reads a split of labelled images.
  ///
  /// - Throws: `DatasetError` where it is missing or holds something else, or files are damaged.
  func images(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard case .images(let data) = try read(split) else {
      throw DatasetError(.unrecognised, path, "holds \(kind) and no labelled images")
    }
    return data
  }

  /// Reads a split.
  ///
  /// - Throws: `DatasetError` where it is missing, or files are damaged.
  func read(_ split: DatasetSplit) throws(DatasetError) -> OpenedData {
    switch self {
    case .images(let reader):
      guard reader.splits.contains(split) else {
        let present = splits.map(\.rawValue).joined(separator: " and ")
        throw DatasetError(
          .noSuchSplit, path, "\(kind) without a \(split.rawValue) split; it has \(present)")
      }
      return .images(try reader.read(split))
    case .arrays(let arrays): return .arrays(try arrays.read(split))
    case .tables(let tables): return try tables.read(split)
    }
  }
}

/// Recognises data by names and contents.
///
/// Known are: the word `digits` (embedded); folders of CIFAR-10 or CIFAR-100, as binary files, Python
/// pickles or the archives of both; of IDX files (MNIST), processed tensors of torchvision, `.npy` files,
/// tables, or images; the folder above one of these; a single file of one of these kinds; arrays in an
/// `.npz` or safetensors file.
struct DataFinder {
  let labels: LabelChoice
  let view: ImageView

  /// Folders that are looked into one below the other, each the only one in the folder above.
  private static let maximumDepth = 4

  /// Finds what a path is.
  ///
  /// - Throws: `DatasetError` that says what is there where it is no known data set.
  func find(_ path: String) throws(DatasetError) -> FoundData {
    let found = try recognized(path)
    guard view == .automatic || found.isFolderOfImages else {
      throw DatasetError(
        .setting, path,
        "holds \(found.kind), whose images are used as they are; --resize, --crop and --channels are for "
          + "folders of images, leave them out")
    }
    return found
  }

  private func recognized(_ path: String) throws(DatasetError) -> FoundData {
    if path == "digits" { return .images(Digits()) }
    switch FolderListing.isFolder(path) {
    case nil:
      throw DatasetError(
        .missing, path,
        "no such file or folder; give a folder of images, CIFAR or MNIST files, an .npz, .csv or "
          + "safetensors file, or the word digits")
    case true?: return try folder(path)
    case false?: return try file(path)
    }
  }

  // MARK: - Folders

  private func folder(_ path: String) throws(DatasetError) -> FoundData {
    let folder = try FolderListing(path)
    if let found = try data(in: folder, depth: 0) { return found }
    let isPacked = folder.names.contains { $0.hasSuffix(".gz") || $0.hasSuffix(".zip") }
    let flat = folder.names.contains { $0.lowercased().hasSuffix(".jpg") || $0.hasSuffix(".png") }
    throw DatasetError(
      .unrecognised, path,
      flat
        ? "holds images without folders of classes; sort them into one folder for each class"
        : "no known data set in this folder; expected folders of images (one for each class, or train and "
          + "val of them), data_batch_1.bin (CIFAR-10), train.bin (CIFAR-100), their Python pickles or "
          + "archives, train-images-idx3-ubyte (MNIST), or .npy files of images and labels"
          + (isPacked ? "; unpack the archive first" : ""))
  }

  private func data(in folder: FolderListing, depth: Int) throws(DatasetError) -> FoundData? {
    if let found = try files(of: folder) { return found }
    if let reader = try wellKnown(in: folder) { return .images(reader) }
    if let reader = try ImageFolder(folder, view) { return .images(reader) }
    if let archive = folder.sortedNames.first(where: {
      $0.hasPrefix("cifar-10") && $0.hasSuffix(".tar.gz")
    }) {
      return .images(try CIFARArchive.reader(folder.file(archive), labels))
    }
    let folders = folder.sortedNames.filter { name in
      !name.hasPrefix(".") && name != "__MACOSX"
        && FolderListing.isFolder(folder.file(name)) == true
    }
    guard folders.count == 1, depth < Self.maximumDepth else { return nil }
    return try data(in: try FolderListing(folder.file(folders[0])), depth: depth + 1)
  }

  /// What the files of a folder are.
  private func files(of folder: FolderListing) throws(DatasetError) -> FoundData? {
    let layouts = [CIFARLayout.cifar10, .cifar100(labels)]
    for layout in layouts {
      if let reader = CIFARBinary(folder, layout) { return .images(reader) }
    }
    for layout in layouts {
      if let reader = CIFARPickle(folder, layout) { return .images(reader) }
    }
    if let reader = try IDXFolder(folder) { return .images(reader) }
    if let reader = TensorFiles(folder) { return .images(reader) }
    if let reader = try ArrayFiles(folder) { return .images(reader) }
    return TableFiles(folder).map { .tables($0) }
  }

  /// The one data set under the names as which archives unpack and torchvision stores.
  private func wellKnown(in folder: FolderListing) throws(DatasetError) -> (any DatasetReader)? {
    // Binary files before pickles of the same images, files as downloaded before processed ones.
    let families = [
      ["cifar-10-batches-bin", "cifar-10-batches-py"], ["cifar-100-binary", "cifar-100-python"],
      ["MNIST/raw", "raw", "mnist", "MNIST/processed", "processed"], ["FashionMNIST/raw"],
      ["KMNIST/raw"],
    ]
    var found: [any DatasetReader] = []
    for family in families {
      for name in family where FolderListing.isFolder(folder.file(name)) == true {
        if case .images(let reader)? = try files(of: try FolderListing(folder.file(name))) {
          found.append(reader)
          break
        }
      }
    }
    guard found.count <= 1 else {
      let list = found.map(\.path).joined(separator: ", ")
      throw DatasetError(.ambiguous, folder.path, "holds several data sets; give one of \(list)")
    }
    return found.first
  }

  // MARK: - Files

  private func file(_ path: String) throws(DatasetError) -> FoundData {
    let start = startOfFile(path, count: 512)
    guard !start.isEmpty else {
      throw DatasetError(.empty, path, "is empty or not a regular file; give a data set")
    }
    let name = lastComponent(path)
    if start.starts(with: Array("PK".utf8)) { return try zip(path) }
    if let arrays = try NamedArrays.open(path, start: start) { return .arrays(arrays) }
    if TensorFiles.isLegacy(start) { return .images(TensorFiles(file: path)) }
    if IDXFile.isIDX(start) || start.starts(with: [0x1F, 0x8B]) && name.contains("idx") {
      return .images(try IDXFolder(file: path))
    }
    if NPY.isNPY(start[...]) { return .images(try ArrayFiles(file: path)) }
    if let advice = ForeignFormat.advice(start, name: name) {
      throw DatasetError(.unrecognised, path, advice)
    }
    if CIFARArchive.isArchive(start) { return .images(try CIFARArchive.reader(path, labels)) }
    if CIFARPickle.isPickle(start) {
      let source = try reading(path) { () throws(FileFormatError) in try ByteSource(file: path) }
      let batch = try CIFARPickle.dictionary(source)
      let layout = batch["fine_labels"] == nil ? CIFARLayout.cifar10 : .cifar100(labels)
      return .images(CIFARPickle(file: path, layout))
    }
    if name.hasSuffix(".bin") {
      let isCIFAR100 = name == "train.bin" || name == "test.bin"
      return .images(CIFARBinary(file: path, isCIFAR100 ? .cifar100(labels) : .cifar10))
    }
    if TableFiles.isTable(name) { return .tables(TableFiles(file: path)) }
    throw DatasetError(
      .unrecognised, path,
      "not a known format; give an .npz or safetensors file with x and y, a .csv table, a CIFAR batch, or "
        + "an IDX file of images")
  }

  /// A zip archive: arrays, tensors of PyTorch, or files that are to be unpacked.
  private func zip(_ path: String) throws(DatasetError) -> FoundData {
    if NPZImages.fits(file: path) { return .images(try NPZImages(file: path)) }
    let names = try reading(path) { () throws(FileFormatError) in
      try ZipArchive(try ByteSource(file: path)).entries.map(\.name)
    }
    if names.contains(where: { $0.hasSuffix("data.pkl") }) {
      return .images(TensorFiles(file: path))
    }
    guard names.isEmpty || names.contains(where: { $0.hasSuffix(".npy") }) else {
      throw DatasetError(
        .unrecognised, path, "is a zip archive without NumPy arrays; unpack it and give the folder")
    }
    guard let arrays = try NamedArrays.open(path, start: Array("PK".utf8)) else {
      throw DatasetError(.unrecognised, path, "has no arrays; save inputs and target by name")
    }
    return .arrays(arrays)
  }
}
