internal import FileFormats

/// Images and labels in a NumPy `.npz` file.
///
/// Names: `x` and `y` (or `images` and `labels`) for the training split, or `x_train`, `y_train`
/// (`train_images`, `train_labels`) and `x_test`, `y_test` (`test_images`, `test_labels`).
///
/// Axes: [N, H, W] has one channel. Of four axes, the second holds the channels ([N, C, H, W]) if it
/// has extent 1 or 3, else the last ([N, H, W, C]) if it has; else the same is tried with 2 and 4.
/// Where both fit, it is [N, C, H, W].
///
/// Values: integers in 0...255 are pixels of which 255 is white, booleans are black and white;
/// floats are used as they are.
/// Labels are integers [N] or [N, 1] from 0; there are as many classes as the largest label of all
/// splits says.
struct NPZImages: DatasetReader {
  let path: String
  private let file: NPZFile
  private let arrays: [DatasetSplit: (images: String, labels: String)]

  private static let names: [(split: DatasetSplit, images: String, labels: String)] = [
    (.train, "x_train", "y_train"), (.train, "train_images", "train_labels"), (.train, "x", "y"),
    (.train, "images", "labels"), (.test, "x_test", "y_test"),
    (.test, "test_images", "test_labels"),
  ]
  /// More classes than any data set of images; bounds tables that are as long as a label says.
  private static let maximumLabel = 65_535

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
      guard let images = try? stored(images, in: path), let labels = try? file.array(labels) else {
        return false
      }
      return (3...4).contains(images.shape.count)
        && (labels.shape.count == 1 || labels.shape.dropFirst() == [1])
        && !(labels.type.isFloatingPoint && labels.integers() == nil)
    }
  }

  var kind: String { "NumPy .npz file" }
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { arrays[$0] != nil } }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    guard let names = arrays[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let array = try reading(path) { () throws(FileFormatError) in
      try Self.stored(names.images, in: path)
    }
    let layout = try axes(array.shape, names.images)
    let labels = try self.labels(names.labels)
    guard labels.count == array.shape[0] else {
      throw DatasetError(
        .shape, path,
        "'\(names.images)' has \(array.shape[0]) images but '\(names.labels)' \(labels.count) "
          + "labels; save one label an image")
    }
    var largest: Int32 = 0
    for other in arrays.values {
      largest = max(largest, (try self.labels(other.labels)).max() ?? 0)
    }
    return try Dataset(
      name: baseName(path), split: split, source: path, shape: layout.shape,
      pixels: try pixels(array, layout, names.images), labels: labels,
      classCount: Int(largest) + 1)
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

  private func axes(
    _ extents: [Int], _ name: String
  ) throws(DatasetError) -> (shape: ImageShape, isChannelsLast: Bool) {
    guard extents.count == 3 || extents.count == 4 else {
      throw DatasetError(
        .shape, path,
        "'\(name)' has shape \(extents); save images as [N, H, W], [N, C, H, W] or [N, H, W, C]")
    }
    guard !extents.contains(0) else {
      throw DatasetError(.empty, path, "'\(name)' has shape \(extents), without any value")
    }
    if extents.count == 3 {
      return (ImageShape(channels: 1, height: extents[1], width: extents[2]), false)
    }
    for counts in [[1, 3], [2, 4]] {
      if counts.contains(extents[1]) {
        return (ImageShape(channels: extents[1], height: extents[2], width: extents[3]), false)
      }
      if counts.contains(extents[3]) {
        return (ImageShape(channels: extents[3], height: extents[1], width: extents[2]), true)
      }
    }
    throw DatasetError(
      .shape, path,
      "'\(name)' has shape \(extents), in which neither the second nor the last axis has 1 to 4 "
        + "channels; save images as [N, C, H, W] or [N, H, W, C]")
  }

  private func pixels(
    _ array: StoredArray, _ layout: (shape: ImageShape, isChannelsLast: Bool), _ name: String
  ) throws(DatasetError) -> PixelStorage {
    var (array, white) = (array, UInt8(255))
    switch array.type {
    case .uint8: break
    case .bool: white = 1
    case let type where type.isFloatingPoint:
      return PixelStorage(array, white: nil, isChannelsLast: layout.isChannelsLast)
    case let type:
      let whole = try reading(path) { () throws(FileFormatError) in try file.array(name) }
      let bytes = (whole.integers() ?? []).compactMap { UInt8(exactly: $0) }
      guard bytes.count == whole.count else {
        throw DatasetError(
          .malformed, path,
          "'\(name)' is \(type.rawValue) with values outside 0...255; save uint8 or float32")
      }
      array = StoredArray(NumericArray(bytes, shape: array.shape), path: path)
    }
    return PixelStorage(array, white: white, isChannelsLast: layout.isChannelsLast)
  }

  private func labels(_ name: String) throws(DatasetError) -> [Int32] {
    let array = try reading(path) { () throws(FileFormatError) in try file.array(name) }
    guard array.shape.count == 1 || (array.shape.count == 2 && array.shape[1] == 1) else {
      throw DatasetError(
        .shape, path, "'\(name)' has shape \(array.shape); save class numbers as [N]")
    }
    guard let values = array.integers() else {
      throw DatasetError(
        .label, path, "'\(name)' is \(array.type.rawValue) with fractions; save class numbers")
    }
    if let index = values.firstIndex(where: { !(0...Self.maximumLabel).contains($0) }) {
      throw DatasetError(
        .label, path,
        "'\(name)' has label \(values[index]) at sample \(index), outside 0...\(Self.maximumLabel); "
          + "number the classes from 0")
    }
    return values.map { Int32($0) }
  }
}
