internal import FileFormats

/// Images and labels in `.npy` files of one folder, see `LabelledArrays`.
///
/// A file of labels has `labels`, `label`, `targets`, `target` or `y` as a word of its name. Images belong to the labels
/// whose name has the same other words (`cifar10.1_v6_data` and `cifar10.1_v6_labels`, `x_test` and
/// `y_test`), otherwise to those that have no other word (`labels`), as in CIFAR-10-C, where each corruption
/// is a file. A word like `train` or `test` says the split; corruptions and CIFAR-10.1 are test sets.
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

  private static let ending = ".npy"
  private static let labelWords: Set = ["labels", "label", "targets", "target", "y"]
  private static let imageWords: Set = ["data", "images", "image", "imgs", "x"]

  /// Recognises a folder.
  ///
  /// - Throws: `DatasetError` when several pairs are of the same split.
  init?(_ folder: FolderListing) throws(DatasetError) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    var found: [DatasetSplit: Pair] = [:]
    for pair in Self.pairs(in: folder) {
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
  }

  /// Takes a file of images with the labels beside it.
  ///
  /// - Throws: `DatasetError` if there are none, or the file is one of labels.
  init(file: String) throws(DatasetError) {
    path = file
    let name = lastComponent(file)
    let folder = try FolderListing(file.dropLastComponent)
    guard let pair = Self.pairs(in: folder).first(where: { lastComponent($0.images) == name })
    else {
      throw DatasetError(
        .missing, file,
        Self.words(name).contains(where: Self.labelWords.contains)
          ? "is a file of labels; give the file of images beside it"
          : "is a NumPy array without labels beside it; put them there as labels.npy, or save both with "
            + "numpy.savez(\"data.npz\", x=images, y=labels)")
    }
    pairs = [pair.split: pair]
  }

  private static func pairs(in folder: FolderListing) -> [Pair] {
    let names = folder.sortedNames.filter { $0.hasSuffix(ending) }
    func key(_ name: String) -> [String] {
      words(name).filter { !labelWords.contains($0) && !imageWords.contains($0) }
    }
    let (labels, images) = (
      names.filter { words($0).contains(where: labelWords.contains) },
      names.filter { !words($0).contains(where: labelWords.contains) }
    )
    return images.compactMap { name in
      let own = labels.first { key($0) == key(name) }
      guard let labels = own ?? labels.first(where: { key($0).isEmpty }) else { return nil }
      let isTestSet = own == nil || name.lowercased().hasPrefix("cifar10.1")
      return Pair(
        images: folder.file(name), labels: folder.file(labels),
        split: DatasetSplit(inFileName: name) ?? (isTestSet ? .test : .train),
        sharesLabels: own == nil)
    }
  }

  private static func words(_ name: String) -> [String] {
    name.dropLast(ending.count).lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  var kind: String { "NumPy .npy files" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { pairs[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let pair = pairs[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let arrays = try LabelledArrays(
      path: pair.images, images: try Self.named(pair.images), labels: try Self.named(pair.labels))
    var largest: Int32 = 0
    for other in pairs.values {
      let classes = try LabelledArrays.classes(Self.named(other.labels), path: other.labels)
      largest = max(largest, classes.max() ?? 0)
    }
    var notes = ["labels are those of \(lastComponent(pair.labels))"]
    if pair.sharesLabels, arrays.labels.count == 50_000 {
      notes.append(
        "50000 images of a corruption are five severities of 10000, from 1 to 5; --samples 10000 takes the "
          + "first")
    }
    let stem = baseName(lastComponent(pair.images))
    let folder = lastComponent(pair.images.dropLastComponent)
    return try arrays.dataset(
      name: (pair.sharesLabels ? "\(folder)-\(stem)" : stem).lowercased(), split: split,
      classCount: Int(largest) + 1, notes: notes)
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
