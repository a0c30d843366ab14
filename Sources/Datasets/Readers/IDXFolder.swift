internal import FileFormats

/// MNIST and its relatives: IDX files of images [N, H, W] and labels [N] under their usual names.
struct IDXFolder: DatasetReader {
  let path: String
  private let files: [DatasetSplit: (images: String, labels: String)]

  /// Recognises a folder by the names of its files, gzipped or not.
  ///
  /// - Throws: `DatasetError` if there are images without labels.
  init?(_ folder: FolderListing) throws(DatasetError) {
    path = folder.path
    var files: [DatasetSplit: (images: String, labels: String)] = [:]
    for (split, prefix) in [(DatasetSplit.train, "train"), (.test, "t10k"), (.test, "test")] {
      guard let images = folder.first(of: Self.names(prefix, "images", 3)) else { continue }
      guard let labels = folder.first(of: Self.names(prefix, "labels", 1)) else {
        throw DatasetError(
          .missing, images,
          "has no labels beside it; put \(prefix)-labels-idx1-ubyte into the same folder")
      }
      if files[split] == nil { files[split] = (images, labels) }
    }
    guard !files.isEmpty else { return nil }
    self.files = files
  }

  /// Takes a file of images with the labels beside it, found by the usual names.
  ///
  /// - Throws: `DatasetError` if there is no file of labels.
  init(file: String) throws(DatasetError) {
    path = file
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let folder = String(file.dropLast(name.count))
    let twin = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
    let stem = twin.hasSuffix(".gz") ? String(twin.dropLast(3)) : twin
    guard name.contains("images"),
      let labels = [stem, stem + ".gz"].first(where: {
        FolderListing.isFolder(folder + $0) == false
      })
    else {
      throw DatasetError(
        .missing, file,
        "is an IDX file without a file of labels beside it; name the two as MNIST does "
          + "(train-images-idx3-ubyte, train-labels-idx1-ubyte)")
    }
    let isTest = name.hasPrefix("t10k") || name.hasPrefix("test")
    files = [isTest ? .test : .train: (file, folder + labels)]
  }

  private static func names(_ prefix: String, _ content: String, _ axes: Int) -> [String] {
    ["-", "."].flatMap { separator in
      ["", ".gz"].map { "\(prefix)-\(content)\(separator)idx\(axes)-ubyte\($0)" }
    }
  }

  var kind: String { "IDX files (as MNIST)" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  /// "mnist" if a folder of the path is called so, else the folder's name.
  private var name: String {
    let folders = path.lowercased().split(separator: "/").map(String.init)
    if folders.contains("mnist") { return "mnist" }
    return folders.last { $0 != "raw" && $0 != "." } ?? "idx"
  }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let pair = files[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let images = try IDXFile(pair.images).array
    guard images.shape.count == 3, images.shape.allSatisfy({ $0 > 0 }) else {
      throw DatasetError(
        images.shape.contains(0) ? .empty : .shape, pair.images,
        "holds an array \(images.shape), not images [N, H, W]; fetch the file again")
    }
    let labels = try Self.labels(pair.labels)
    guard labels.count == images.shape[0] else {
      throw DatasetError(
        .shape, pair.labels,
        "has \(labels.count) labels for \(images.shape[0]) images of \(pair.images); "
          + "fetch both files again")
    }
    // The classes of the data set, not of the split: a rare class may be missing from one.
    var largest = 9
    for other in files.values {
      largest = max(largest, Int((try Self.labels(other.labels)).max() ?? 0))
    }
    return try Dataset(
      name: name, split: split, source: path,
      shape: ImageShape(channels: 1, height: images.shape[1], width: images.shape[2]),
      pixels: PixelStorage(images, white: 255, isChannelsLast: false),
      labels: labels.map { Int32($0) },
      classCount: largest + 1)
  }

  private static func labels(_ file: String) throws(DatasetError) -> [UInt8] {
    let array = try IDXFile(file).array
    guard array.shape.count == 1 else {
      throw DatasetError(
        .shape, file, "holds an array \(array.shape), not labels [N]; fetch the file again")
    }
    return Array(
      try reading(file) { () throws(FileFormatError) in
        try array.source.read(0..<array.source.count, format: "IDX file")
      })
  }
}
