internal import FileFormats

/// The files of CIFAR-10 or CIFAR-100, binary or pickled: those of a folder, or a single one.
struct CIFARFiles: Sendable {
  let path: String
  let layout: CIFARLayout
  /// The folder; nil for a single file.
  let folder: FolderListing?
  /// The names of the files of each split that are there.
  private let names: [DatasetSplit: [String]]

  /// Recognises a folder by the names of its files.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - layout: Which data set.
  ///   - ending: What stands behind the names of the layout.
  ///   - isOne: Whether a file of such a name is one.
  init?(
    _ folder: FolderListing, _ layout: CIFARLayout, ending: String = "",
    where isOne: (String) -> Bool = { _ in true }
  ) {
    var names: [DatasetSplit: [String]] = [:]
    for split in DatasetSplit.allCases {
      let present = layout.files(of: split).map { $0 + ending }.filter {
        folder.names.contains($0) && isOne($0)
      }
      if !present.isEmpty { names[split] = present }
    }
    guard !names.isEmpty else { return nil }
    (path, self.layout, self.folder, self.names) = (folder.path, layout, folder, names)
  }

  /// Takes a single file as the whole of a split: the test split if its name begins with "test".
  init(file: String, _ layout: CIFARLayout) {
    (path, self.layout, folder) = (file, layout, nil)
    names = [baseName(file).hasPrefix("test") ? .test : .train: [file]]
  }

  /// The splits whose files are there, training first.
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { names[$0] != nil } }

  /// The contents of the files of a split, in reading order.
  ///
  /// - Throws: `DatasetError` if one cannot be opened.
  func sources(of split: DatasetSplit) throws(DatasetError) -> [ByteSource] {
    var sources: [ByteSource] = []
    for name in names[split] ?? [] {
      if let folder {
        sources.append(try folder.source(name))
      } else {
        sources.append(
          try reading(name) { () throws(FileFormatError) in try ByteSource(file: name) })
      }
    }
    return sources
  }

  /// What is said where some files of a split are missing.
  func notes(of split: DatasetSplit) -> [String] {
    let (count, expected) = (names[split]?.count ?? 0, layout.files(of: split).count)
    return folder != nil && count < expected
      ? ["\(count) of \(expected) \(split.rawValue) files are there"] : []
  }
}
