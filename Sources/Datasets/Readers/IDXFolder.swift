internal import FileFormats

/// MNIST and its relatives: IDX files of images [N, H, W] and labels [N] under their usual names.
///
/// A name is a family, a split and what is in it: `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte`,
/// `emnist-letters-test-images-idx3-ubyte`, `qmnist-train-labels-idx2-int`, gzipped or not.
struct IDXFolder: DatasetReader {
  let path: String
  /// What stands before the split in the names: "", "emnist-letters-".
  private let family: String
  private let files: [DatasetSplit: (images: String, labels: String)]

  /// Recognises a folder by the names of its files, gzipped or not.
  ///
  /// - Throws: `DatasetError` if there are images without labels, or several families.
  init?(_ folder: FolderListing) throws(DatasetError) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    var families: [String: [DatasetSplit: (images: String, labels: String)]] = [:]
    // Plain files come before gzipped ones, t10k before other test sets.
    for name in folder.visibleNames {
      guard let parts = Self.parts(of: name), families[parts.family]?[parts.split] == nil else {
        continue
      }
      guard let labels = folder.first(of: Self.labels(of: name)) else {
        throw DatasetError(
          .missing, folder.file(name),
          "has no labels beside it; put \(Self.labels(of: name)[0]) into the same folder")
      }
      families[parts.family, default: [:]][parts.split] = (folder.file(name), labels)
    }
    guard families.count <= 1 else {
      let list = families.values.flatMap(\.values).map { lastComponent($0.images) }.sorted()
      throw DatasetError(
        .ambiguous, path,
        "holds several data sets; give the path of one of \(list.joined(separator: ", "))")
    }
    guard let (family, files) = families.first else { return nil }
    (self.family, self.files) = (family, files)
  }

  /// Takes a file of images with the labels beside it, found by the usual names.
  ///
  /// - Throws: `DatasetError` if there is no file of labels.
  init(file: String) throws(DatasetError) {
    path = file
    let name = lastComponent(file)
    let folder = String(file.dropLast(name.count))
    guard let parts = Self.parts(of: name),
      let labels = Self.labels(of: name).first(where: {
        FolderListing.isFolder(folder + $0) == false
      })
    else {
      throw DatasetError(
        .missing, file,
        "is an IDX file without a file of labels beside it; name the two as MNIST does "
          + "(train-images-idx3-ubyte, train-labels-idx1-ubyte)")
    }
    family = parts.family
    files = [parts.split: (file, folder + labels)]
  }

  /// Family and split of a file of images; nil for other names.
  private static func parts(of name: String) -> (family: String, split: DatasetSplit)? {
    guard let images = name.firstRange(of: "images"), name.contains("idx3") else { return nil }
    let words = name[..<images.lowerBound].split(separator: "-", omittingEmptySubsequences: true)
    guard let last = words.last else { return ("", .train) }
    let split: DatasetSplit? = last.hasPrefix("test") ? .test : DatasetSplit(name: last)
    let family = (split == nil ? words[...] : words.dropLast()).map { $0 + "-" }.joined()
    return (family, split ?? .train)
  }

  /// The names that the labels of a file of images may have.
  private static func labels(of images: String) -> [String] {
    let plain = images.hasSuffix(".gz") ? String(images.dropLast(3)) : images
    let twin = plain.replacing("images", with: "labels")
    // Some tools write a dot where others write a hyphen.
    let separated = [
      twin, twin.replacing("s.idx", with: "s-idx"), twin.replacing("s-idx", with: "s.idx"),
    ]
    return separated.flatMap {
      [$0.replacing("idx3", with: "idx1"), $0.replacing("idx3-ubyte", with: "idx2-int")]
    }.flatMap { [$0, $0 + ".gz"] }
  }

  var kind: String { "IDX files (as MNIST)" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  /// That of the family, otherwise what the folders say.
  private var name: String {
    family.isEmpty
      ? folderName(path, passingOver: ["raw"], fallback: "idx")
      : String(family.dropLast()).lowercased()
  }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let pair = files[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let (images, classes) = (try IDXFile(pair.images).array, try IDXFile(pair.labels).array)
    if images.shape.count == 1, classes.shape.count == 3 {
      throw DatasetError(
        .shape, pair.images,
        "holds labels \(images.shape) and \(lastComponent(pair.labels)) images \(classes.shape): the two are "
          + "swapped; exchange their names")
    }
    guard images.type == .uint8, images.shape.count == 3, images.shape.allSatisfy({ $0 > 0 }) else {
      throw DatasetError(
        images.shape.contains(0) ? .empty : .shape, pair.images,
        "holds an array \(images.shape) of \(images.type.rawValue), not bytes of images [N, H, W]; "
          + "fetch the file again")
    }
    var notes: [String] = []
    if classes.shape.count == 2 { notes.append(TensorFiles.firstColumnNote) }
    let labels = try Self.labels(classes, pair.labels)
    guard labels.count == images.shape[0] else {
      throw DatasetError(
        .shape, pair.labels,
        "has \(labels.count) labels for \(images.shape[0]) images of \(pair.images); "
          + "fetch both files again")
    }
    // The classes of the data set, not of the split: a rare class may be missing from one.
    var largest = max(labels.max() ?? 0, 9)
    for (other, files) in files where other != split {
      let classes = try IDXFile(files.labels).array
      largest = max(largest, try Self.labels(classes, files.labels).max() ?? 0)
    }
    if name.hasPrefix("emnist") { notes.append(Self.transposedNote) }
    return try Dataset(
      name: name, split: split, source: path, notes: notes,
      shape: ImageShape(channels: 1, height: images.shape[1], width: images.shape[2]),
      pixels: PixelStorage(images, white: 255, isChannelsLast: false), labels: labels,
      classCount: Int(largest) + 1)
  }

  /// What is said of EMNIST.
  static let transposedNote =
    "EMNIST stores its images transposed; they are used so, as torchvision gives them"

  private static func labels(_ array: StoredArray, _ file: String) throws(DatasetError) -> [Int32] {
    let labels = LabelledArrays.Named(name: lastComponent(file), array: array)
    guard
      let first = try TensorFiles.firstColumn(labels, file)
        ?? (array.shape.count == 1 ? labels : nil)
    else {
      throw DatasetError(
        .shape, file, "holds an array \(array.shape), not labels [N]; fetch the file again")
    }
    return try LabelledArrays.classes(first, path: file)
  }
}
