internal import FileFormats
internal import Settings

/// Folders of images, one for each class: torchvision's `ImageFolder`, and ImageNet's `train` and `val`.
///
/// Classes are the sorted names of the folders, numbered from 0; images lie in them at any depth, in the
/// order of torchvision. Files that cannot be decoded are left out and counted.
struct ImageFolder: DatasetReader {
  let path: String
  private let view: ImageView
  /// The folder of each split.
  private let folders: [DatasetSplit: String]
  private let classes: [String]
  let remarks: [String]

  /// How many files of another split say whether its sizes are those of this one.
  private static let peerCount = 100

  /// Recognises a folder of class folders, or of splits that are.
  ///
  /// - Throws: `DatasetError` when a split has some classes that the training split has not; one that has none of
  ///   them is left out.
  init?(_ folder: FolderListing, _ view: ImageView) throws(DatasetError) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    self.view = view
    var folders = Self.splits(in: folder)
    let flat = Self.flatSplits(in: folder)
    if folders.isEmpty, !flat.isEmpty, flat.count == folder.folders.count {
      throw DatasetError(
        .unrecognised, path,
        "\(flat.joined(separator: " and ")) \(flat.count == 1 ? "holds" : "hold") images without folders of classes; "
          + "sort them into one folder for each class")
    }
    let own = DatasetSplit(name: lastComponent(folder.path))
    // A single folder of images is rather one that holds the data than a class.
    if folders.isEmpty, Self.hasClasses(folder.path, atLeast: own == nil ? 2 : 1) {
      folders[own ?? .train] = folder.path
    }
    guard let first = DatasetSplit.allCases.compactMap({ folders[$0] }).first else { return nil }
    let classes = try Self.classes(of: first)
    self.classes = classes
    var remarks: [String] = []
    if !folders.values.contains(folder.path) {
      remarks = flat.map { "\(quoted($0)) holds images without folders of classes and is left out" }
      remarks += Self.unread(folder, beside: folders.values).map {
        "\(quoted($0)) holds images too but is not called as a part of data, and is left out"
      }
    }
    for (split, other) in folders.sorted(by: { $0.value < $1.value }) where other != first {
      let names = try Self.classes(of: other)
      let unknown = names.filter { !classes.contains($0) }
      guard let name = unknown.first else { continue }
      guard unknown.count == names.count else {
        throw DatasetError(
          .shape, other,
          "has a class folder \(quoted(name)) that \(first) has not; sort its images into the same "
            + "folders of classes")
      }
      folders[split] = nil
      remarks.append(
        "\(quoted(lastComponent(other))) has no folder of a class (but \(quoted(name))) and is left out; sort its "
          + "images into folders as those of \(quoted(lastComponent(first)))")
    }
    self.folders = folders
    self.remarks = remarks
  }

  var kind: String { "folders of images" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { folders[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let folder = try self.folder(split)
    return try dataset(Self.files(in: folder, classes: classes), of: split, in: folder)
  }

  /// Evenly spaced images of a split, whose files alone are opened; all images where these are few.
  ///
  /// - Parameters:
  ///   - split: Which part.
  ///   - count: How many images.
  ///   - other: Images of another part, with whose geometry these are read.
  /// - Returns: The images, and how many files there are of each class.
  /// - Throws: `DatasetError` as `read`.
  func sample(
    _ split: DatasetSplit, count: Int, like other: Dataset
  ) throws(DatasetError) -> (images: Dataset, classHistogram: [Int]) {
    let folder = try self.folder(split)
    let files = try Self.files(in: folder, classes: classes)
    // To look at some thousand headers takes less than a second.
    guard files.count > 8 * count else {
      let images = try dataset(files, of: split, in: folder)
      return (images, images.classHistogram)
    }
    var histogram = [Int](repeating: 0, count: classes.count)
    for file in files { histogram[Int(file.label)] += 1 }
    let chosen = (0..<count).map { files[$0 * files.count / count] }
    return (
      try dataset(chosen, of: split, in: folder, geometry: other.pixels.geometry), histogram
    )
  }

  private func folder(_ split: DatasetSplit) throws(DatasetError) -> String {
    guard let folder = folders[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    return folder
  }

  /// The images of some files; `given` says how they are read, nil stands for what suits them and the other splits.
  private func dataset(
    _ found: [ImageFile], of split: DatasetSplit, in folder: String,
    geometry given: ImageView.Geometry? = nil
  ) throws(DatasetError) -> Dataset {
    let headers = ImageHeaders(found.map(\.name), in: folder)
    var entries: [ImageFiles.Entry] = []
    var labels: [Int32] = []
    for (file, entry) in zip(found, headers.entries) {
      guard let entry, given?.takes(width: entry.width, height: entry.height) != false else {
        continue
      }
      entries.append(entry)
      labels.append(file.label)
    }
    let faulty = found.count - entries.count
    let fault = "the first is \(headers.firstFault ?? "")"
    guard !entries.isEmpty else {
      throw DatasetError(
        .empty, folder, "none of its \(found.count) images can be decoded; \(fault)")
    }
    let geometry: ImageView.Geometry
    if let given { geometry = given } else { geometry = try self.geometry(headers, folder) }
    let files = ImageFiles(
      folder: folder, entries: entries, geometry: geometry, channels: view.channels ?? 3)
    var notes = [Self.note(geometry, entries)]
    if faulty > 0 {
      notes.append(
        "\(faulty) of \(found.count) image files cannot be decoded and are left out; \(fault)")
    }
    if headers.areGrey, view.channels != 1 {
      notes.append(
        "all images are grey; they have three equal channels as with torchvision (\(.channels) 1 for one)"
      )
    }
    return try Dataset(
      name: lastComponent(path), split: split, source: path, notes: notes + remarks,
      shape: files.shape, pixels: PixelStorage(files), labels: labels, classCount: classes.count,
      classNames: classes)
  }

  private func geometry(
    _ headers: ImageHeaders, _ folder: String
  ) throws(DatasetError) -> ImageView.Geometry {
    // Files of several sizes are resized, whatever those of the other splits are.
    guard let size = headers.oneSize else { return view.geometry(oneSize: nil) }
    let oneSize = try peers(of: folder).allSatisfy { $0 == size }
    return view.geometry(oneSize: oneSize ? size : nil)
  }

  /// Sizes of the first images of the other splits: all splits must be read alike.
  private func peers(of folder: String) throws(DatasetError) -> [(Int, Int)] {
    var sizes: [(Int, Int)] = []
    for other in folders.values where other != folder {
      let names = try Self.files(in: other, classes: classes, limit: Self.peerCount).map(\.name)
      for case let entry? in ImageHeaders(names, in: other).entries {
        sizes.append((entry.width, entry.height))
      }
    }
    return sizes
  }

  /// What was done to the files.
  private static func note(_ geometry: ImageView.Geometry, _ entries: [ImageFiles.Entry]) -> String
  {
    let (widths, heights) = (entries.map(\.width), entries.map(\.height))
    func range(_ values: [Int]) -> String {
      let (least, most) = (values.min() ?? 0, values.max() ?? 0)
      return least == most ? "\(least)" : "\(least) to \(most)"
    }
    let size = "images are \(range(widths)) pixels wide and \(range(heights)) high"
    switch geometry {
    case .asStored: return size + " and read as they are (\(.resize) and \(.crop) change it)"
    case .resized(let side, let crop):
      return size
        + "; the shorter side is resized to \(side) and the central \(crop) x \(crop) cut out, "
        + "as with torchvision (\(.resize) and \(.crop) choose others)"
    }
  }
}
