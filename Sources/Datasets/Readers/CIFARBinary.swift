internal import FileFormats

/// CIFAR-10 or CIFAR-100 in binary files: records of one or two label bytes and 3,072 pixels.
struct CIFARBinary: DatasetReader {
  private let files: CIFARFiles
  private var layout: CIFARLayout { files.layout }

  /// Recognises a folder by the names of its files.
  init?(_ folder: FolderListing, _ layout: CIFARLayout) {
    guard let files = CIFARFiles(folder, layout, ending: ".bin") else { return nil }
    self.files = files
  }

  /// Takes a single file as the whole of a split.
  init(file: String, _ layout: CIFARLayout) {
    files = CIFARFiles(file: file, layout)
  }

  var kind: String { "\(layout.title), binary files" }
  var path: String { files.path }
  var splits: [DatasetSplit] { files.splits }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    var parts: [(source: ByteSource, records: Int)] = []
    var labels: [Int32] = []
    var notes = files.notes(of: split)
    for source in try files.sources(of: split) {
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

  private var namesFile: ByteSource? {
    guard let folder = files.folder, folder.names.contains(layout.namesFile) else { return nil }
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
