/// What is at a path.
enum DataContents: Sendable {
  /// Labelled images.
  case images(any DatasetReader)
  /// Named arrays of a file.
  case arrays(NamedArrays)
  /// Text files with columns.
  case tables(TableFiles)

  /// The format, for people.
  var kind: String {
    switch self {
    case .images(let reader): reader.kind
    case .arrays: "named arrays"
    case .tables(let tables): tables.kind
    }
  }

  /// Whether image files become images of one size.
  var isFolderOfImages: Bool {
    if case .images(let reader) = self { reader is ImageFolder } else { false }
  }

  /// The file or folder.
  var path: String {
    switch self {
    case .images(let reader): reader.path
    case .arrays(let arrays): arrays.path
    case .tables(let tables): tables.path
    }
  }

  /// The splits that are there, training first.
  var splits: [DatasetSplit] {
    switch self {
    case .images(let reader): reader.splits
    case .arrays(let arrays): arrays.splits
    case .tables(let tables): tables.splits
    }
  }

  /// Parts that are there and cannot be used, and why.
  var remarks: [String] {
    switch self {
    case .images(let reader): reader.remarks
    case .arrays(let arrays): arrays.remarks
    case .tables(let tables): tables.remarks
    }
  }

  /// Reads a split.
  ///
  /// - Parameters:
  ///   - split: Which part.
  ///   - inputs: Inputs of a model; they are inputs even where their names are those of targets.
  /// - Returns: Images before they are normalised, or arrays.
  /// - Throws: `DatasetError` where it is missing, or files are damaged.
  func read(_ split: DatasetSplit, inputs: [String] = []) throws(DatasetError) -> OpenedData {
    guard splits.contains(split) else {
      let present = splits.map(\.rawValue).joined(separator: " and ")
      throw DatasetError(
        .noSuchSplit, path,
        ([
          "\(kind) without a \(split.rawValue) split; it has "
            + (present.isEmpty ? "no part that can be used" : present)
        ] + remarks).joined(separator: "; "))
    }
    switch self {
    case .images(let reader): return .images(try reader.read(split))
    case .arrays(let arrays): return .arrays(try arrays.read(split, inputs: inputs))
    case .tables(let tables): return try tables.read(split)
    }
  }
}
