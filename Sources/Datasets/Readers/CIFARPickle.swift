internal import FileFormats

/// CIFAR-10 or CIFAR-100 in Python pickles: dictionaries with `data` [N, 3072] and labels,
/// a list or an array.
struct CIFARPickle: DatasetReader {
  private let files: CIFARFiles
  private var layout: CIFARLayout { files.layout }

  /// Recognises a folder by the names of its files.
  init?(_ folder: FolderListing, _ layout: CIFARLayout) {
    let files = CIFARFiles(folder, layout) { name in
      (try? folder.source(name)).map(Self.isPickle) == true
    }
    guard let files else { return nil }
    self.files = files
  }

  /// Takes a single file as the whole of a split.
  init(file: String, _ layout: CIFARLayout) {
    files = CIFARFiles(file: file, layout)
  }

  /// Whether a file begins like a pickle of protocol 2 or later, or as a dictionary of an earlier one.
  static func isPickle(_ start: some Sequence<UInt8>) -> Bool {
    start.starts(with: [0x80]) || start.starts(with: Array("(d".utf8))
  }

  private static func isPickle(_ source: ByteSource) -> Bool {
    (try? source.read(0..<min(source.count, 2), format: "pickle")).map { isPickle($0) } ?? false
  }

  var kind: String { "\(layout.title), Python pickles" }
  var path: String { files.path }
  var splits: [DatasetSplit] { files.splits }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    var pixels: [UInt8] = []
    var labels: [Int32] = []
    for source in try files.sources(of: split) {
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
      name: layout.name, split: split, source: path, notes: files.notes(of: split),
      shape: CIFARLayout.shape,
      pixels: .bytes(pixels, white: 255), labels: labels, classCount: layout.classCount,
      classNames: try classNames() ?? layout.knownNames)
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
    guard let folder = files.folder,
      let metadata = ["batches.meta", "meta"].first(where: folder.names.contains),
      let values = try Self.dictionary(folder.source(metadata))[layout.namesKey]?.elements
    else { return nil }
    let names = values.compactMap(\.text)
    return names.count == layout.classCount ? names : nil
  }
}
