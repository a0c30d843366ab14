internal import FileFormats

/// Images and labels in a NumPy `.npz` file, see `LabelledArrays`.
///
/// Names: `x` and `y` (or `images` and `labels`, `data` and `labels`, and NumPy's `arr_0` and `arr_1` for
/// arrays without names) for the training split, or `x_train`, `y_train`
/// (`train_images`, `train_labels`), and likewise with `val` and `test`. There are as many classes as the
/// largest label of all splits says.
struct NPZImages: DatasetReader {
  let path: String
  private let file: NPZFile
  private let arrays: [DatasetSplit: (images: String, labels: String)]

  private static let names: [(split: DatasetSplit, images: String, labels: String)] = [
    (.train, "x_train", "y_train"), (.train, "train_images", "train_labels"), (.train, "x", "y"),
    (.train, "images", "labels"), (.train, "data", "labels"), (.train, "arr_0", "arr_1"),
    (.validation, "x_val", "y_val"),
    (.validation, "x_valid", "y_valid"), (.validation, "val_images", "val_labels"),
    (.test, "x_test", "y_test"), (.test, "test_images", "test_labels"),
  ]

  /// Opens a file.
  ///
  /// - Throws: `DatasetError` if it is no zip archive or has none of the names.
  init(file path: String) throws(DatasetError) {
    self.path = path
    file = try reading(path) { () throws(FileFormatError) in try NPZFile(path: path) }
    var arrays: [DatasetSplit: (images: String, labels: String)] = [:]
    for (split, images, labels) in Self.names where arrays[split] == nil && file.contains(images) {
      guard file.contains(labels) else {
        throw DatasetError(
          .malformed, path, "has an array '\(images)' but no '\(labels)'; save both")
      }
      arrays[split] = (images, labels)
    }
    guard !arrays.isEmpty else {
      let list = file.names.prefix(8).map { quoted($0) }.joined(separator: ", ")
      throw DatasetError(
        .unrecognised, path,
        "has no images under a known name\(list.isEmpty ? "" : " (it has \(list))"); save them as "
          + "x and y, or x_train, y_train, x_test and y_test")
    }
    self.arrays = arrays
  }

  /// Whether a file holds images by the shapes of its arrays: three or four axes, one class each.
  static func fits(file path: String) -> Bool {
    guard let file = try? NPZFile(path: path) else { return false }
    return names.contains { _, images, labels in
      guard file.contains(images), file.contains(labels),
        let images = try? stored(images, in: path), let labels = try? stored(labels, in: path)
      else { return false }
      return LabelledArrays.fit(images: images, labels: labels)
    }
  }

  var kind: String { "NumPy .npz file" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { arrays[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let names = arrays[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let arrays = try LabelledArrays(
      path: path, images: named(names.images), labels: named(names.labels))
    var largest: Int32 = 0
    for other in self.arrays.values {
      let classes = try LabelledArrays.classes(named(other.labels), path: path)
      largest = max(largest, classes.max() ?? 0)
    }
    return try arrays.dataset(
      name: baseName(path), split: split, classCount: Int(largest) + 1,
      notes: names.images == "arr_0" ? ["'arr_0' is taken as images and 'arr_1' as labels"] : [])
  }

  private func named(_ name: String) throws(DatasetError) -> LabelledArrays.Named {
    LabelledArrays.Named(
      name: name,
      array: try reading(path) { () throws(FileFormatError) in try Self.stored(name, in: path) })
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
