internal import FileFormats

/// CIFAR-10 or CIFAR-100 in Python pickles: dictionaries with `data` [N, 3072] and labels,
/// a list or an array.
struct CIFARPickle: DatasetReader {
  let path: String
  let layout: CIFARLayout
  /// The folder; nil for a single file.
  private let folder: FolderListing?
  private let files: [DatasetSplit: [String]]

  /// Recognises a folder by the names of its files.
  init?(_ folder: FolderListing, _ layout: CIFARLayout) {
    self.layout = layout
    path = folder.path
    self.folder = folder
    var files: [DatasetSplit: [String]] = [:]
    for split in DatasetSplit.allCases {
      let present = layout.files(of: split).filter { name in
        folder.names.contains(name) && (try? folder.source(name)).map(Self.isPickle) == true
      }
      if !present.isEmpty { files[split] = present }
    }
    guard !files.isEmpty else { return nil }
    self.files = files
  }

  /// Takes a single file as the whole of a split: the test split if its name begins with "test".
  init(file: String, _ layout: CIFARLayout) {
    self.layout = layout
    path = file
    folder = nil
    files = [baseName(file).hasPrefix("test") ? .test : .train: [file]]
  }

  /// Whether a file begins like a pickle of protocol 2 or later, or as a dictionary of an earlier one.
  static func isPickle(_ start: some Sequence<UInt8>) -> Bool {
    start.starts(with: [0x80]) || start.starts(with: Array("(d".utf8))
  }

  private static func isPickle(_ source: ByteSource) -> Bool {
    (try? source.read(0..<min(source.count, 2), format: "pickle")).map { isPickle($0) } ?? false
  }

  var kind: String { "\(layout.title), Python pickles" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let files = files[split] ?? []
    var pixels: [UInt8] = []
    var labels: [Int32] = []
    var notes: [String] = []
    let expected = layout.files(of: split).count
    if folder != nil, files.count < expected {
      notes.append("\(files.count) of \(expected) \(split.rawValue) files are there")
    }
    for name in files {
      let source = try source(name)
      let file = source.path
      let batch = try Self.dictionary(source)
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

  private func source(_ name: String) throws(DatasetError) -> ByteSource {
    if let folder { return try folder.source(name) }
    return try reading(name) { () throws(FileFormatError) in try ByteSource(file: name) }
  }

  /// The dictionary in a file.
  static func dictionary(_ source: ByteSource) throws(DatasetError) -> PickleValue {
    let file = source.path
    let value: PickleValue
    do throws(FileFormatError) {
      value = try Pickle.parse(
        try source.read(0..<source.count, format: "pickle"), globals: .numpy)
    } catch  where error.reason == .truncated {
      throw DatasetError(
        .truncated, file, "is cut off: \(error.detail); fetch the file again")
    } catch {
      throw DatasetError(error, path: file)
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
    guard let value = batch[layout.labelKey], let values = try numbers(value, file) else {
      throw DatasetError(
        .malformed, file,
        "has no list under the key '\(layout.labelKey)'; is this a batch of \(layout.title)?")
    }
    var labels: [Int32] = []
    labels.reserveCapacity(values.count)
    for (index, (label, kind)) in values.enumerated() {
      guard let label, (0..<layout.classCount).contains(label) else {
        throw DatasetError(
          .label, file,
          "sample \(index) has \(label.map { "label \($0)" } ?? kind), outside "
            + "0...\(layout.classCount - 1); is this a batch of \(layout.title)?")
      }
      labels.append(Int32(label))
    }
    return labels
  }

  /// The numbers of a list or of a NumPy array, with what stands in place of one; nil for anything else.
  private static func numbers(
    _ value: PickleValue, _ file: String
  ) throws(DatasetError) -> [(number: Int?, kind: String)]? {
    if let elements = value.elements { return elements.map { ($0.integer, $0.kind) } }
    let array = try reading(file) { () throws(FileFormatError) in
      try NumericArray(pickled: value)
    }
    guard let array, array.shape.count == 1 else { return nil }
    return array.integers()?.map { ($0, "a number") }
  }

  /// The class names of the metadata file, if it has as many as there are classes.
  private func classNames() throws(DatasetError) -> [String]? {
    guard let folder,
      let metadata = ["batches.meta", "meta"].first(where: folder.names.contains),
      let values = try Self.dictionary(folder.source(metadata))[layout.namesKey]?.elements
    else { return nil }
    let names = values.compactMap(\.text)
    return names.count == layout.classCount ? names : nil
  }
}
