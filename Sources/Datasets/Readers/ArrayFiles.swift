internal import FileFormats
internal import Settings

/// Images and labels in `.npy` files of one folder, see `LabelledArrays`.
///
/// A file of labels has a word for it in its name, see `DataName`. Images belong to the labels of the same part
/// whose name has the same other words (`cifar10.1_v6_data` and `cifar10.1_v6_labels`, `x_test` and
/// `y_test`), otherwise to those that have no other word (`labels`), as in CIFAR-10-C, where each corruption
/// is a file. Corruptions and CIFAR-10.1 are test sets.
struct ArrayFiles: DatasetReader {
  /// Images with their labels.
  private struct Pair {
    let images: String
    let labels: String
    let split: DatasetSplit
    /// Whether the labels are those of several files.
    let sharesLabels: Bool
  }

  let path: String
  private let pairs: [DatasetSplit: Pair]
  let remarks: [String]

  /// Recognises a folder.
  ///
  /// - Throws: `DatasetError` when several pairs are of the same split.
  init?(_ folder: FolderListing) throws(DatasetError) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    var found: [DatasetSplit: Pair] = [:]
    let files = Self.pairs(in: folder)
    for pair in files.pairs {
      if let other = found[pair.split] {
        throw DatasetError(
          .ambiguous, path,
          "holds several \(pair.split.rawValue) sets (\(lastComponent(other.images)), "
            + "\(lastComponent(pair.images)), ...); give the path of one of these files")
      }
      found[pair.split] = pair
    }
    guard !found.isEmpty else { return nil }
    pairs = found
    remarks = files.alone.map { "\(quoted($0)) has no labels beside it and is left out" }
  }

  /// Takes a file of images with the labels beside it.
  ///
  /// - Throws: `DatasetError` if there are none, or the file is one of labels.
  init(file: String) throws(DatasetError) {
    path = file
    let name = lastComponent(file)
    let folder = try FolderListing(file.dropLastComponent)
    guard let pair = Self.pairs(in: folder).pairs.first(where: { lastComponent($0.images) == name })
    else {
      throw DatasetError(
        .missing, file,
        DataName(baseName(name)).role == .target
          ? "is a file of labels; give the file of images beside it"
          : "is a NumPy array without labels beside it; put them there as labels.npy, or save both with "
            + "numpy.savez(\"data.npz\", x=images, y=labels)")
    }
    pairs = [pair.split: pair]
    remarks = []
  }

  /// Images with their labels, and the names of files without.
  private static func pairs(in folder: FolderListing) -> (pairs: [Pair], alone: [String]) {
    let files = folder.visibleNames.filter { $0.lowercased().hasSuffix(".npy") }
      .map { (file: $0, name: DataName(baseName($0))) }
    let labels = files.filter { $0.name.role == .target }
    var pairs: [Pair] = []
    var alone: [String] = []
    for (file, name) in files where name.role != .target {
      let own = labels.first { $0.name.others == name.others && $0.name.split == name.split }
      let common = labels.first { $0.name.others.isEmpty && $0.name.split == nil }
      guard let labels = own ?? common else {
        alone.append(file)
        continue
      }
      let isTestSet = own == nil || file.lowercased().hasPrefix("cifar10.1")
      pairs.append(
        Pair(
          images: folder.file(file), labels: folder.file(labels.file),
          split: name.split ?? (isTestSet ? .test : .train), sharesLabels: own == nil))
    }
    return (pairs, alone)
  }

  var kind: String { "NumPy .npy files" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { pairs[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let pair = pairs[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let arrays = try LabelledArrays(
      path: pair.images, images: try Self.named(pair.images), labels: try Self.named(pair.labels))
    var others: [LabelledArrays.Named] = []
    for other in pairs.values where other.labels != pair.labels {
      others.append(try Self.named(other.labels))
    }
    var notes = ["labels are those of \(lastComponent(pair.labels))"] + remarks
    if pair.sharesLabels, arrays.labels.count == 50_000 {
      notes.append(
        "50000 images of a corruption are five severities of 10000, from 1 to 5; \(.samples) 10000 takes the "
          + "first")
    }
    let stem = baseName(lastComponent(pair.images))
    let folder = lastComponent(pair.images.dropLastComponent)
    return try arrays.dataset(
      name: (pair.sharesLabels ? "\(folder)-\(stem)" : stem).lowercased(), split: split,
      classCount: arrays.classCount(with: others), notes: notes)
  }

  private static func named(_ file: String) throws(DatasetError) -> LabelledArrays.Named {
    LabelledArrays.Named(
      name: lastComponent(file),
      array: try reading(file) { () throws(FileFormatError) in try StoredArray(npy: file) })
  }
}

extension String {
  /// The folder of a path: "." for a name alone.
  var dropLastComponent: String {
    guard let slash = lastIndex(of: "/") else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }
}
