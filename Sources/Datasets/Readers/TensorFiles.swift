internal import Checkpoints
internal import FileFormats

/// Images and labels that `torch.save` wrote: torchvision's processed MNIST and its relatives.
///
/// A file is a tuple of two tensors, images and labels, or a dictionary of them (`data` and `targets`,
/// `images` and `labels`, `x` and `y`). QMNIST's labels [N, 8] have the class in the first column.
struct TensorFiles: DatasetReader {
  let path: String
  private let files: [DatasetSplit: String]

  private static let pairs = [
    ("0", "1"), ("data", "targets"), ("images", "labels"), ("data", "labels"), ("x", "y"),
  ]

  /// Recognises a folder with `training.pt` or `test.pt`.
  init?(_ folder: FolderListing) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    var files: [DatasetSplit: String] = [:]
    for (split, name) in [(DatasetSplit.train, "training.pt"), (.test, "test.pt")]
    where folder.names.contains(name) {
      files[split] = folder.file(name)
    }
    guard !files.isEmpty else { return nil }
    self.files = files
  }

  /// Takes a single file as the whole of a split, which its name says: otherwise that for training.
  init(file: String) {
    path = file
    files = [DataName(baseName(lastComponent(file))).split ?? .train: file]
  }

  /// Whether a file is one of `torch.save` by its first bytes, zip archives aside.
  static func isLegacy(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46])
  }

  var kind: String { "PyTorch tensors of images and labels" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let file = files[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let found = try Self.named(file)
    let arrays = try LabelledArrays(path: file, images: found.images, labels: found.labels)
    var others: [LabelledArrays.Named] = []
    for other in files.values where other != file { others.append(try Self.named(other).labels) }
    return try arrays.dataset(
      name: name, split: split, classCount: max(arrays.classCount(with: others), 10),
      notes: found.notes)
  }

  private var name: String { folderName(path, passingOver: ["processed"], fallback: "tensors") }

  /// The two tensors of a file, and what is said of them.
  private static func named(
    _ file: String
  ) throws(DatasetError) -> (
    images: LabelledArrays.Named, labels: LabelledArrays.Named, notes: [String]
  ) {
    let contents: CheckpointContents
    do throws(CheckpointError) {
      contents = try CheckpointFile.readArrays(file)
    } catch {
      throw DatasetError(.malformed, file, error.detail)
    }
    guard
      let (images, labels) = pairs.lazy.compactMap({ names in
        contents[names.0].flatMap { images in contents[names.1].map { (images, $0) } }
      }).first
    else {
      let list = contents.tensors.prefix(4).map { "\(quoted($0.name)) \($0.shape)" }
      throw DatasetError(
        .unrecognised, file,
        "holds \(list.joined(separator: ", ")), not images and labels; a network is given in place of "
          + "MODEL, not as data")
    }
    func named(_ tensor: StoredTensor) -> LabelledArrays.Named {
      LabelledArrays.Named(name: tensor.name, array: StoredArray(tensor.array, path: file))
    }
    var (classes, notes) = (named(labels), [String]())
    if let first = try firstColumn(classes, file) {
      (classes, notes) = (first, [firstColumnNote])
    }
    return (named(images), classes, notes)
  }

  /// What is said of labels with further columns.
  static let firstColumnNote = "of 8 columns of labels the first is the class, as in QMNIST"

  /// The first of QMNIST's eight columns of labels; nil for other labels.
  static func firstColumn(
    _ labels: LabelledArrays.Named, _ path: String
  ) throws(DatasetError) -> LabelledArrays.Named? {
    let shape = labels.array.shape
    guard shape.count == 2, shape[1] == 8 else { return nil }
    let whole = try reading(path) { () throws(FileFormatError) in try labels.array.loaded() }
    guard let values = whole.integers() else { return nil }
    let classes = stride(from: 0, to: values.count, by: 8).map { values[$0] }
    return LabelledArrays.Named(
      name: labels.name, array: StoredArray(NumericArray(classes), path: path))
  }
}

/// Name of the data set that a path's folders say: the last one, or "mnist" where one is called so.
///
/// - Parameters:
///   - path: A file or folder.
///   - names: Names of folders that say nothing.
///   - fallback: The name where none says anything.
/// - Returns: The name in small letters.
func folderName(_ path: String, passingOver names: Set<String>, fallback: String) -> String {
  let parts = path.lowercased().split(separator: "/").map(String.init)
  let last = parts.last { !names.contains($0) && $0 != "." && !$0.hasSuffix(".pt") } ?? fallback
  // A folder of MNIST may hold others: mnist/FashionMNIST.
  return parts.last { $0.contains("mnist") } == "mnist" ? "mnist" : last
}
