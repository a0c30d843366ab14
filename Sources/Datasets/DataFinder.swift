internal import FileFormats
internal import Settings

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
  func find(_ path: String) throws(DatasetError) -> DataContents {
    let found = try recognized(path)
    if view == .automatic || found.isFolderOfImages { return found }
    guard case .images(var reader) = found else {
      throw DatasetError(
        .setting, path,
        "holds \(found.kind); \(.resize), \(.crop) and \(.channels) are for images, leave them out")
    }
    if view.resize != nil || view.crop != nil { reader = ResizedImages(base: reader, view: view) }
    if let channels = view.channels { reader = ConvertedImages(base: reader, channels: channels) }
    return .images(reader)
  }

  private func recognized(_ path: String) throws(DatasetError) -> DataContents {
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

  private func folder(_ path: String) throws(DatasetError) -> DataContents {
    let folder = try FolderListing(path)
    if let found = try data(in: folder, depth: 0) { return found }
    let isPacked = folder.names.contains { $0.hasSuffix(".gz") || $0.hasSuffix(".zip") }
    let flat = folder.names.contains { ImageFolder.isImage($0) }
    throw DatasetError(
      .unrecognised, path,
      flat
        ? "holds images without folders of classes; sort them into one folder for each class"
        : "no known data set in this folder; expected folders of images (one for each class, or train and "
          + "val of them), data_batch_1.bin (CIFAR-10), train.bin (CIFAR-100), their Python pickles or "
          + "archives, train-images-idx3-ubyte (MNIST), or .npy files of images and labels"
          + (isPacked ? "; unpack the archive first" : ""))
  }

  private func data(in folder: FolderListing, depth: Int) throws(DatasetError) -> DataContents? {
    if let reader = try files(of: folder) { return .images(reader) }
    if let reader = try wellKnown(in: folder) { return .images(reader) }
    if let reader = try ImageFolder(folder, view) { return .images(reader) }
    // Behind images: tables beside them say something about them.
    if let tables = try TableFiles(folder) { return .tables(tables) }
    if let archive = try archive(in: folder) {
      return .images(try CIFARArchive.reader(archive, labels))
    }
    let folders = folder.folders
    guard folders.count == 1, depth < Self.maximumDepth else { return nil }
    return try data(in: try FolderListing(folder.file(folders[0])), depth: depth + 1)
  }

  /// The only archive of CIFAR in a folder.
  private func archive(in folder: FolderListing) throws(DatasetError) -> String? {
    let names = folder.visibleNames.filter {
      let name = $0.lowercased()
      return name.hasPrefix("cifar-10") && (name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz"))
    }
    // Binary files and pickles hold the same images.
    let families = Set(names.map { $0.lowercased().hasPrefix("cifar-100") })
    guard families.count <= 1 else {
      throw DatasetError(
        .ambiguous, folder.path,
        "holds several data sets; give one of \(names.joined(separator: ", "))")
    }
    return names.first.map(folder.file)
  }

  /// What the images in files of a folder are.
  private func files(of folder: FolderListing) throws(DatasetError) -> (any DatasetReader)? {
    let layouts = [CIFARLayout.cifar10, .cifar100(labels)]
    for layout in layouts {
      if let reader = CIFARBinary(folder, layout) { return reader }
    }
    for layout in layouts {
      if let reader = CIFARPickle(folder, layout) { return reader }
    }
    if let reader = try IDXFolder(folder) { return reader }
    if let reader = TensorFiles(folder) { return reader }
    return try ArrayFiles(folder)
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
        if let reader = try files(of: try FolderListing(folder.file(name))) {
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

  private func file(_ path: String) throws(DatasetError) -> DataContents {
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
    if name.lowercased().hasSuffix(".bin") {
      let isCIFAR100 = ["train.bin", "test.bin"].contains(name.lowercased())
      return .images(CIFARBinary(file: path, isCIFAR100 ? .cifar100(labels) : .cifar10))
    }
    if TableFiles.isTable(name) { return .tables(try TableFiles(file: path)) }
    throw DatasetError(
      .unrecognised, path,
      "not a known format; give an .npz or safetensors file with x and y, a .csv table, a CIFAR batch, or "
        + "an IDX file of images")
  }

  /// A zip archive: arrays, tensors of PyTorch, or files that are to be unpacked.
  private func zip(_ path: String) throws(DatasetError) -> DataContents {
    if let reader = try NPZImages.recognized(path) { return .images(reader) }
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
