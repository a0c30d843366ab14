internal import FileFormats

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

  /// The endings of torchvision's `IMG_EXTENSIONS`.
  private static let endings = [
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp",
  ]
  /// How many files of another split say whether its sizes are those of this one.
  private static let peerCount = 100

  /// Recognises a folder of class folders, or of splits that are.
  ///
  /// - Throws: `DatasetError` when a split has other classes than the training split.
  init?(_ folder: FolderListing, _ view: ImageView) throws(DatasetError) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    self.view = view
    var folders: [DatasetSplit: String] = [:]
    for name in folder.sortedNames {
      guard let split = DatasetSplit(name: name), folders[split] == nil,
        Self.hasClasses(folder.file(name))
      else { continue }
      folders[split] = folder.file(name)
    }
    let own = DatasetSplit(name: lastComponent(folder.path))
    // A single folder of images is rather one that holds the data than a class.
    if folders.isEmpty, Self.hasClasses(folder.path, atLeast: own == nil ? 2 : 1) {
      folders[own ?? .train] = folder.path
    }
    guard let first = DatasetSplit.allCases.compactMap({ folders[$0] }).first else { return nil }
    self.folders = folders
    classes = try Self.classes(of: first)
    for other in folders.values where other != first {
      let names = try Self.classes(of: other)
      if let unknown = names.first(where: { !classes.contains($0) }) {
        throw DatasetError(
          .shape, other,
          "has a class folder \(quoted(unknown)) that \(first) has not; sort its images into the same "
            + "folders of classes")
      }
    }
  }

  var kind: String { "folders of images" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { folders[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let folder = folders[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let found = try Self.files(in: folder, classes: classes)
    let headers = ImageHeaders(found.map(\.name), in: folder)
    var entries: [ImageFiles.Entry] = []
    var labels: [Int32] = []
    for (file, entry) in zip(found, headers.entries) {
      guard let entry else { continue }
      entries.append(entry)
      labels.append(file.label)
    }
    let faulty = found.count - entries.count
    let fault = "the first is \(headers.firstFault ?? "")"
    guard !entries.isEmpty else {
      throw DatasetError(
        .empty, folder, "none of its \(found.count) images can be decoded; \(fault)")
    }
    let oneSize = try peers(of: folder).allSatisfy { $0 == headers.oneSize ?? (0, 0) }
    let geometry = view.geometry(oneSize: oneSize ? headers.oneSize : nil)
    let files = ImageFiles(
      folder: folder, entries: entries, geometry: geometry, channels: view.channels)
    var notes = [Self.note(geometry, entries)]
    if faulty > 0 {
      notes.append(
        "\(faulty) of \(found.count) image files cannot be decoded and are left out; \(fault)")
    }
    if headers.areGrey, view.channels == 3 {
      notes.append(
        "all images are grey; they have three equal channels as with torchvision (--channels 1 for one)"
      )
    }
    return try Dataset(
      name: lastComponent(path), split: split, source: path, notes: notes, shape: files.shape,
      pixels: PixelStorage(files), labels: labels, classCount: classes.count, classNames: classes)
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
    case .asStored: return size + " and read as they are (--resize and --crop change it)"
    case .resized(let side, let crop):
      return size
        + "; the shorter side is resized to \(side) and the central \(crop) x \(crop) cut out, "
        + "as with torchvision (--resize and --crop choose others)"
    }
  }
}

// MARK: - Walking

extension ImageFolder {
  /// Whether a folder has folders with images; the first few tell.
  private static func hasClasses(_ path: String, atLeast least: Int = 1) -> Bool {
    guard let classes = try? classes(of: path), classes.count >= least else { return false }
    return classes.prefix(3).contains { name in
      (try? files(below: path, name, limit: 1))?.isEmpty == false
    }
  }

  /// The sorted names of the folders in a folder.
  private static func classes(of path: String) throws(DatasetError) -> [String] {
    let folder = try FolderListing(path)
    return folder.sortedNames.filter { name in
      !name.hasPrefix(".") && name != "__MACOSX"
        && FolderListing.isFolder(folder.file(name)) == true
    }
  }

  /// The images of all classes, those of a class in the order of torchvision.
  private static func files(
    in folder: String, classes: [String], limit: Int = .max
  ) throws(DatasetError) -> [(name: String, label: Int32)] {
    var found: [(name: String, label: Int32)] = []
    for (label, name) in classes.enumerated() where found.count < limit {
      guard FolderListing.isFolder(folder + "/" + name) == true else { continue }
      found += try files(below: folder, name, limit: limit - found.count).map { ($0, Int32(label)) }
    }
    return found
  }

  /// The images below a folder in the order of Python's `sorted(os.walk(...))`, relative to its parent.
  private static func files(
    below parent: String, _ name: String, limit: Int
  ) throws(DatasetError) -> [String] {
    var pending = [(name: name, depth: 0)]
    var byFolder: [(folder: String, files: [String])] = []
    var count = 0
    while let (folder, depth) = pending.popLast(), count < limit {
      let listing = try FolderListing(parent + "/" + folder)
      var files: [String] = []
      for entry in listing.sortedNames {
        let lower = entry.lowercased()
        if endings.contains(where: { lower.hasSuffix($0) }) {
          files.append(folder + "/" + entry)
        } else if depth < 8, FolderListing.isFolder(listing.file(entry)) == true {
          pending.append((folder + "/" + entry, depth + 1))
        }
      }
      count += files.count
      byFolder.append((folder, files))
    }
    byFolder.sort { $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8) }
    return Array(byFolder.flatMap(\.files).prefix(limit))
  }
}
