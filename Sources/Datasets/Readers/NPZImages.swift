internal import FileFormats

/// Images and labels in a NumPy `.npz` file, see `LabelledArrays`.
///
/// Names are those of `DataName`: `x` and `y`, `images` and `labels`, ..., with `train`, `val` or `test` before or behind
/// them where there are several parts; or NumPy's `arr_0`, `arr_1`, ... for arrays without names, which shapes tell apart. There
/// are as many classes as the largest label of all parts says.
struct NPZImages: DatasetReader {
  let path: String
  private let pairs: [DatasetSplit: ArrayPair]
  /// What is said of all parts.
  private let notes: [String]
  let remarks: [String]

  /// Opens a file.
  ///
  /// - Throws: `DatasetError` if it is no zip archive or has none of the names.
  init(file path: String) throws(DatasetError) {
    self.path = path
    let headers = try reading(path) { () throws(FileFormatError) in
      try ArrayHeader.headers(npz: path)
    }
    let found = ArrayPairs(headers)
    if let several = found.ambiguous {
      throw DatasetError(
        .ambiguous, path, "has \(several), which mean the same; keep one of them")
    }
    guard !found.pairs.isEmpty else {
      if let name = found.unlabelled.values.first {
        throw DatasetError(
          .malformed, path,
          "has an array \(quoted(name)) but no labels that belong to it; save both, as x and y")
      }
      let list = headers.prefix(8).map { quoted($0.name) }.joined(separator: ", ")
      throw DatasetError(
        .unrecognised, path,
        "has no images under a known name\(list.isEmpty ? "" : " (it has \(list))"); save them as "
          + "x and y, or x_train, y_train, x_test and y_test")
    }
    pairs = found.pairs
    notes = found.notes
    remarks = DatasetSplit.allCases.compactMap { found.unlabelled[$0] }.map {
      "\(quoted($0)) has no labels beside it and is left out"
    }
  }

  /// Recognises a file by the shapes of its arrays: three or four axes or rows of bytes, one class each.
  ///
  /// - Returns: nil where no part is images with classes.
  /// - Throws: `DatasetError` as `init(file:)`.
  static func recognized(_ path: String) throws(DatasetError) -> NPZImages? {
    guard let headers = try? ArrayHeader.headers(npz: path) else { return nil }
    let fits = ArrayPairs(headers).pairs.values.contains { pair in
      guard LabelledArrays.areImages(pair.images), LabelledArrays.areLabels(pair.labels.shape)
      else {
        return false
      }
      // Whole numbers may be stored as any type.
      return !pair.labels.type.isFloatingPoint
        || (try? stored(pair.labels.name, in: path).loaded().integers()) != nil
    }
    return fits ? try NPZImages(file: path) : nil
  }

  var kind: String { "NumPy .npz file" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { pairs[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let pair = pairs[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let arrays = try LabelledArrays(
      path: path, images: named(pair.images), labels: named(pair.labels))
    var others: [LabelledArrays.Named] = []
    for (other, pair) in pairs where other != split { others.append(try named(pair.labels)) }
    return try arrays.dataset(
      name: baseName(path), split: split, classCount: arrays.classCount(with: others),
      notes: notes + remarks)
  }

  private func named(_ header: ArrayHeader) throws(DatasetError) -> LabelledArrays.Named {
    LabelledArrays.Named(
      name: header.name,
      array: try reading(path) { () throws(FileFormatError) in
        try Self.stored(header.name, in: path)
      })
  }

  /// An array whose elements stay in the file if they can.
  private static func stored(
    _ name: String, in path: String
  ) throws(FileFormatError) -> StoredArray {
    guard let found = try StoredArray.arrays(npz: path, where: { $0 == name }).first else {
      throw FileFormatError(.malformed, format: "NPZ file", "has no array \(quoted(name))")
    }
    return found.array
  }
}
