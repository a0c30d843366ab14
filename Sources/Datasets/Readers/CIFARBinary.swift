internal import FileFormats

/// CIFAR-10 or CIFAR-100 in binary files: records of one or two label bytes and 3,072 pixels.
struct CIFARBinary: DatasetReader {
  let path: String
  let layout: CIFARLayout
  /// The folder; nil for a single file.
  private let folder: FolderListing?
  /// The names of the files of each split that are there.
  private let files: [DatasetSplit: [String]]

  /// Recognises a folder by the names of its files.
  init?(_ folder: FolderListing, _ layout: CIFARLayout) {
    self.layout = layout
    path = folder.path
    var files: [DatasetSplit: [String]] = [:]
    for split in DatasetSplit.allCases {
      let present = layout.files(of: split).map { $0 + ".bin" }.filter(folder.names.contains)
      if !present.isEmpty { files[split] = present }
    }
    guard !files.isEmpty else { return nil }
    self.files = files
    self.folder = folder
  }

  /// Takes a single file as the whole of a split: the test split if its name begins with "test".
  init(file: String, _ layout: CIFARLayout) {
    self.layout = layout
    path = file
    folder = nil
    files = [baseName(file).hasPrefix("test") ? .test : .train: [file]]
  }

  var kind: String { "\(layout.title), binary files" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let files = files[split] ?? []
    var parts: [(source: ByteSource, records: Int)] = []
    var labels: [Int32] = []
    var notes: [String] = []
    let expected = layout.files(of: split).count
    if folder != nil, files.count < expected {
      notes.append("\(files.count) of \(expected) \(split.rawValue) files are there")
    }
    for file in files {
      let source = try source(file)
      let found = try self.labels(of: source)
      parts.append((source, found.count))
      labels += found
      let rest = source.count % layout.recordSize
      if rest > 0 {
        notes.append(
          "\(source.path) ends inside record \(found.count), which is left out (\(rest) of "
            + "\(layout.recordSize) bytes)")
      }
    }
    return try Dataset(
      name: layout.name, split: split, source: path, notes: notes, shape: CIFARLayout.shape,
      pixels: PixelStorage(
        records: parts, skipped: layout.labelBytes, size: CIFARLayout.shape.count, white: 255),
      labels: labels, classCount: layout.classCount,
      classNames: Datasets.classNames(in: namesFile, count: layout.classCount) ?? layout.knownNames)
  }

  private func source(_ name: String) throws(DatasetError) -> ByteSource {
    if let folder { return try folder.source(name) }
    return try reading(name) { () throws(FileFormatError) in try ByteSource(file: name) }
  }

  private var namesFile: ByteSource? {
    guard let folder, folder.names.contains(layout.namesFile) else { return nil }
    return try? folder.source(layout.namesFile)
  }

  /// The labels of the whole records of a file; their pixels stay in it.
  ///
  /// - Throws: `DatasetError` if a label is outside the classes, which is how a file of another
  ///   format or another record size shows itself, or if there is no whole record.
  private func labels(of source: ByteSource) throws(DatasetError) -> [Int32] {
    let (size, file) = (layout.recordSize, source.path)
    let (count, rest) = source.count.quotientAndRemainder(dividingBy: size)
    guard count > 0 else {
      throw DatasetError(
        source.count == 0 ? .empty : .truncated, file,
        "has \(source.count) bytes, less than one \(layout.title) record of \(size); "
          + "fetch the file again")
    }
    var labels: [Int32] = []
    labels.reserveCapacity(count)
    for first in stride(from: 0, to: count, by: 256) {
      let block = first..<min(first + 256, count)
      let bytes = try reading(file) { () throws(FileFormatError) in
        try source.read(
          block.lowerBound * size..<block.upperBound * size, format: layout.title)
      }
      for record in block {
        let start = bytes.startIndex + (record - first) * size
        let label = bytes[start + layout.labelOffset]
        guard label < layout.classCount else {
          let fit = rest == 0 ? "" : ", and its size is not a multiple of \(size) bytes"
          throw DatasetError(
            .label, file,
            "record \(record) has label \(label), outside 0...\(layout.classCount - 1)\(fit); "
              + "is this \(layout.title) in binary form?")
        }
        labels.append(Int32(label))
      }
    }
    return labels
  }
}
