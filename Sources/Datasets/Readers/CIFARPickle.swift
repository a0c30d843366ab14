internal import FileFormats

/// CIFAR-10 or CIFAR-100 in Python pickles: dictionaries with `data` [N, 3072] and lists of labels.
struct CIFARPickle: DatasetReader {
  let path: String
  let layout: CIFARLayout
  private let isFolder: Bool
  private let files: [DatasetSplit: [String]]
  private let metadata: String?

  /// Recognises a folder by the names of its files.
  init?(_ folder: FolderListing, _ layout: CIFARLayout) {
    self.layout = layout
    path = folder.path
    metadata = folder.first(of: ["batches.meta", "meta"])
    var files: [DatasetSplit: [String]] = [:]
    for split in DatasetSplit.allCases {
      let present = layout.files(of: split).filter(folder.names.contains).map(folder.file)
        .filter(Self.isPickle)
      if !present.isEmpty { files[split] = present }
    }
    guard !files.isEmpty else { return nil }
    self.files = files
    isFolder = true
  }

  /// Takes a single file as the whole of a split: the test split if its name begins with "test".
  init(file: String, _ layout: CIFARLayout) {
    self.layout = layout
    path = file
    isFolder = false
    files = [baseName(file).hasPrefix("test") ? .test : .train: [file]]
    metadata = nil
  }

  /// Whether a regular file begins like a pickle of protocol 2 or later, or as a dictionary of an
  /// earlier one.
  static func isPickle(_ file: String) -> Bool {
    let start = startOfFile(file)
    return start.first == 0x80 || start.starts(with: Array("(d".utf8))
  }

  var kind: String { "\(layout.title), Python pickles" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let files = files[split] ?? []
    var pixels: [UInt8] = []
    var labels: [Int32] = []
    var notes: [String] = []
    let expected = layout.files(of: split).count
    if isFolder, files.count < expected {
      notes.append("\(files.count) of \(expected) \(split.rawValue) files are there")
    }
    for file in files {
      let batch = try Self.dictionary(file)
      let images = try Self.images(batch, file)
      let values = try Self.labels(batch, layout, file)
      guard images.count == values.count * CIFARLayout.shape.count else {
        throw DatasetError(
          .shape, file,
          "\(values.count) labels for \(images.count / CIFARLayout.shape.count) images; "
            + "fetch the file again")
      }
      pixels += images
      labels += values
    }
    return try Dataset(
      name: layout.name, split: split, source: path, notes: notes, shape: CIFARLayout.shape,
      pixels: .bytes(pixels, white: 255), labels: labels, classCount: layout.classCount,
      classNames: try classNames() ?? layout.knownNames)
  }

  /// The dictionary in a file.
  static func dictionary(_ file: String) throws(DatasetError) -> PickleValue {
    let value = try reading(file) { () throws(FileFormatError) in
      try Pickle.parse(try FileBytes.read(file), globals: .numpy)
    }
    guard value.pairs != nil else {
      throw DatasetError(
        .malformed, file, "holds \(value.kind), not a dictionary; is this a CIFAR batch?")
    }
    return value
  }

  private static func images(
    _ batch: PickleValue, _ file: String
  ) throws(DatasetError) -> [UInt8] {
    let array = try reading(file) { () throws(FileFormatError) -> NumericArray? in
      guard let value = batch["data"] else { return nil }
      return try NumericArray(pickled: value)
    }
    guard let array else {
      throw DatasetError(
        .malformed, file, "has no array under the key 'data'; is this a CIFAR batch?")
    }
    guard array.type == .uint8, array.shape.count == 2, array.shape[1] == CIFARLayout.shape.count
    else {
      throw DatasetError(
        .shape, file,
        "'data' is \(array.type.rawValue) \(array.shape), not uint8 [N, "
          + "\(CIFARLayout.shape.count)]; is this a CIFAR batch?")
    }
    return array.bytes
  }

  private static func labels(
    _ batch: PickleValue, _ layout: CIFARLayout, _ file: String
  ) throws(DatasetError) -> [Int32] {
    guard let values = batch[layout.labelKey]?.elements else {
      throw DatasetError(
        .malformed, file,
        "has no list under the key '\(layout.labelKey)'; is this a batch of \(layout.title)?")
    }
    var labels: [Int32] = []
    labels.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let label = value.integer, (0..<layout.classCount).contains(label) else {
        let found = value.integer.map { "label \($0)" } ?? value.kind
        throw DatasetError(
          .label, file,
          "sample \(index) has \(found), outside 0...\(layout.classCount - 1); "
            + "is this a batch of \(layout.title)?")
      }
      labels.append(Int32(label))
    }
    return labels
  }

  /// The class names of the metadata file, if it has as many as there are classes.
  private func classNames() throws(DatasetError) -> [String]? {
    guard let metadata, let values = try Self.dictionary(metadata)[layout.namesKey]?.elements
    else { return nil }
    let names = values.compactMap(\.text)
    return names.count == layout.classCount ? names : nil
  }
}
