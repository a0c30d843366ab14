internal import FileFormats

/// A file of an image and its class.
struct ImageFile {
  /// Path below the folder of its split.
  let name: String
  let label: Int32
}

// MARK: - Splits

extension ImageFolder {
  /// Folders of classes that are called as parts of data, or have a word for one where all of them do.
  static func splits(in folder: FolderListing) -> [DatasetSplit: String] {
    var named: [DatasetSplit: String] = [:]
    var worded: [DatasetSplit: String] = [:]
    var areDistinct = true
    for name in folder.folders {
      guard let split = DataName(name).split else { continue }
      let root = root(of: folder.file(name))
      if DatasetSplit(name: name) != nil, named[split] == nil, hasClasses(root) {
        named[split] = root
      }
      guard hasClasses(root, atLeast: 2) else { continue }
      areDistinct = areDistinct && worded[split] == nil
      worded[split] = root
    }
    guard named.isEmpty, areDistinct, !worded.isEmpty else { return named }
    // A class may be called training shoes.
    let isOneOfMany = folder.folders.contains {
      DataName($0).split == nil && hasClasses(folder.file($0), atLeast: 2)
    }
    return isOneOfMany ? [:] : worded
  }

  /// Names of folders with images beside those of parts.
  static func unread(_ folder: FolderListing, beside parts: some Collection<String>) -> [String] {
    folder.folders.filter { name in
      let path = folder.file(name)
      return DataName(name).split == nil && !parts.contains { $0.hasPrefix(path) }
        && (try? files(below: folder.path, name, limit: 1))?.isEmpty == false
    }
  }

  /// Names of folders of images without folders of classes that are called as parts of data.
  static func flatSplits(in folder: FolderListing) -> [String] {
    folder.folders.filter { name in
      guard DatasetSplit(name: name) != nil, let inside = try? FolderListing(folder.file(name))
      else {
        return false
      }
      return inside.folders.isEmpty && inside.names.contains(where: isImage)
    }
  }

  /// The folder of class folders, which may be the only one in another.
  private static func root(of path: String, depth: Int = 0) -> String {
    guard depth < 3, !hasClasses(path, atLeast: 2), let folders = try? classes(of: path),
      folders.count == 1
    else { return path }
    let inner = root(of: path + "/" + folders[0], depth: depth + 1)
    return hasClasses(inner, atLeast: 2) ? inner : path
  }
}

// MARK: - Walking

extension ImageFolder {
  /// The endings of torchvision's `IMG_EXTENSIONS`.
  private static let endings = [
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp",
  ]

  /// Whether a name is that of an image, as torchvision has it.
  static func isImage(_ name: String) -> Bool {
    let name = name.lowercased()
    return endings.contains { name.hasSuffix($0) }
  }

  /// Whether a folder has folders with images; the first few tell.
  static func hasClasses(_ path: String, atLeast least: Int = 1) -> Bool {
    guard let classes = try? classes(of: path), classes.count >= least else { return false }
    return classes.prefix(3).contains { name in
      (try? files(below: path, name, limit: 1))?.isEmpty == false
    }
  }

  /// The sorted names of the folders in a folder.
  static func classes(of path: String) throws(DatasetError) -> [String] {
    try FolderListing(path).folders
  }

  /// The images of all classes, those of a class in the order of torchvision.
  static func files(
    in folder: String, classes: [String], limit: Int = .max
  ) throws(DatasetError) -> [ImageFile] {
    var found: [ImageFile] = []
    for (label, name) in classes.enumerated() where found.count < limit {
      guard FolderListing.isFolder(folder + "/" + name) == true else { continue }
      found += try files(below: folder, name, limit: limit - found.count).map {
        ImageFile(name: $0, label: Int32(label))
      }
    }
    return found
  }

  /// The images below a folder in the order of Python's `sorted(os.walk(...))`, relative to its parent.
  static func files(
    below parent: String, _ name: String, limit: Int
  ) throws(DatasetError) -> [String] {
    var pending = [(name: name, depth: 0)]
    var byFolder: [(folder: String, files: [String])] = []
    var count = 0
    while let (folder, depth) = pending.popLast(), count < limit {
      let listing = try FolderListing(parent + "/" + folder)
      var files: [String] = []
      for entry in listing.sortedNames {
        if isImage(entry) {
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
