internal import FileFormats

/// An array of images and one of their classes, as `.npz`, `.npy` and `.pt` files hold them.
///
/// Axes: [N, H, W] has one channel. Of four axes, the second holds the channels ([N, C, H, W]) if it
/// has extent 1 or 3, else the last ([N, H, W, C]) if it has; else the same is tried with 2 and 4.
/// Where both fit, it is [N, C, H, W], and a note says so. Rows of bytes [N, H W] with H = W are images too, and [N, 3 H W],
/// channel by channel as CIFAR's; a note says how they are taken.
///
/// Values: integers in 0...255 are pixels of which 255 is white, booleans are black and white;
/// floats are used as they are, and a note says so where they reach past 1 as bytes do.
/// Labels are integers [N] or [N, 1] from 0.
struct LabelledArrays {
  /// An array with what it is called in messages.
  struct Named {
    let name: String
    let array: StoredArray
  }

  /// More classes than any data set of images; bounds tables that are as long as a label says.
  static let maximumLabel = 65_535

  /// The file that messages name.
  let path: String
  let images: Named
  let labels: [Int32]
  private let labelsName: String

  /// Reads the labels.
  ///
  /// - Throws: `DatasetError` when they are no classes.
  init(path: String, images: Named, labels: Named) throws(DatasetError) {
    self.path = path
    self.images = images
    labelsName = labels.name
    self.labels = try Self.classes(labels, path: path)
  }

  /// The data set of the two.
  ///
  /// - Throws: `DatasetError` when they do not belong together or are no images.
  func dataset(
    name: String, split: DatasetSplit, classCount: Int, classNames: [String]? = nil,
    notes: [String] = []
  ) throws(DatasetError) -> Dataset {
    let array = images.array
    let layout = try axes(array.shape)
    guard labels.count == array.shape[0] else {
      throw DatasetError(
        .shape, path,
        "'\(images.name)' has \(array.shape[0]) images but '\(labelsName)' \(labels.count) "
          + "labels; save one label an image")
    }
    let data = try Dataset(
      name: name, split: split, source: path, notes: notes + layout.notes, shape: layout.shape,
      pixels: try pixels(isChannelsLast: layout.isChannelsLast), labels: labels,
      classCount: classCount, classNames: classNames)
    return try data.notingFloatPixels()
  }

  /// Whether an array may be images by its shape: three or four axes, or rows of bytes.
  static func areImages(_ array: ArrayHeader) -> Bool {
    (3...4).contains(array.shape.count) || array.type == .uint8 && rowShape(array.shape) != nil
  }

  /// The images that rows are: a square of pixels, or three such squares behind each other; nil for other shapes.
  private static func rowShape(_ extents: [Int]) -> ImageShape? {
    guard extents.count == 2 else { return nil }
    for channels in [1, 3] where extents[1].isMultiple(of: channels) {
      if let side = TableColumns.side(of: extents[1] / channels) {
        return ImageShape(channels: channels, height: side, width: side)
      }
    }
    return nil
  }

  /// Whether an array has one number a sample.
  static func areLabels(_ shape: [Int]) -> Bool {
    shape.count == 1 || shape.count == 2 && shape[1] == 1
  }

  /// Number of classes of all parts of the data.
  ///
  /// - Parameter others: Labels of the other parts, which may have classes that this one lacks.
  /// - Returns: One more than the largest label.
  /// - Throws: `DatasetError` when they are no classes.
  func classCount(with others: [Named]) throws(DatasetError) -> Int {
    var largest = labels.max() ?? 0
    for other in others {
      largest = max(largest, try Self.classes(other, path: other.array.source.path).max() ?? 0)
    }
    return Int(largest) + 1
  }

  private func axes(
    _ extents: [Int]
  ) throws(DatasetError) -> (shape: ImageShape, isChannelsLast: Bool, notes: [String]) {
    let name = images.name
    if images.array.type == .uint8, let shape = Self.rowShape(extents) {
      return (shape, false, ["rows of '\(name)' \(extents) are taken as images of \(shape)"])
    }
    guard extents.count == 3 || extents.count == 4 else {
      throw DatasetError(
        .shape, path,
        "'\(name)' has shape \(extents); save images as [N, H, W], [N, C, H, W] or [N, H, W, C]")
    }
    guard !extents.contains(0) else {
      throw DatasetError(.empty, path, "'\(name)' has shape \(extents), without any value")
    }
    if extents.count == 3 {
      return (ImageShape(channels: 1, height: extents[1], width: extents[2]), false, [])
    }
    for counts in [[1, 3], [2, 4]] {
      if counts.contains(extents[1]) {
        let isAmbiguous = counts.contains(extents[3])
        return (
          ImageShape(channels: extents[1], height: extents[2], width: extents[3]), false,
          isAmbiguous
            ? ["'\(name)' \(extents) is taken as [N, C, H, W]; transpose it if it is [N, H, W, C]"]
            : []
        )
      }
      if counts.contains(extents[3]) {
        return (ImageShape(channels: extents[3], height: extents[1], width: extents[2]), true, [])
      }
    }
    throw DatasetError(
      .shape, path,
      "'\(name)' has shape \(extents), in which neither the second nor the last axis has 1 to 4 "
        + "channels; save images as [N, C, H, W] or [N, H, W, C]")
  }

  private func pixels(isChannelsLast: Bool) throws(DatasetError) -> PixelStorage {
    var (array, white) = (images.array, UInt8(255))
    switch array.type {
    case .uint8: break
    case .bool: white = 1
    case let type where type.isFloatingPoint:
      return PixelStorage(array, white: nil, isChannelsLast: isChannelsLast)
    case let type:
      let whole = try reading(path) { () throws(FileFormatError) in try array.loaded() }
      let bytes = (whole.integers() ?? []).compactMap { UInt8(exactly: $0) }
      guard bytes.count == whole.count else {
        throw DatasetError(
          .malformed, path,
          "'\(images.name)' is \(type.rawValue) with values outside 0...255; save uint8 or float32")
      }
      array = StoredArray(NumericArray(bytes, shape: array.shape), path: path)
    }
    return PixelStorage(array, white: white, isChannelsLast: isChannelsLast)
  }

  /// The classes that an array holds.
  ///
  /// - Throws: `DatasetError` when it holds anything else.
  static func classes(_ labels: Named, path: String) throws(DatasetError) -> [Int32] {
    let (name, shape) = (labels.name, labels.array.shape)
    guard areLabels(shape) else {
      throw DatasetError(
        .shape, path,
        "'\(name)' has shape \(shape); save class numbers as [N]"
          + (shape.count == 2 ? " (several labels an image are not read)" : ""))
    }
    let array = try reading(path) { () throws(FileFormatError) in try labels.array.loaded() }
    guard let values = array.integers() else {
      throw DatasetError(
        .label, path, "'\(name)' is \(array.type.rawValue) with fractions; save class numbers")
    }
    if let index = values.firstIndex(where: { !(0...maximumLabel).contains($0) }) {
      throw DatasetError(
        .label, path,
        "'\(name)' has label \(values[index]) at sample \(index), outside 0...\(maximumLabel); "
          + "number the classes from 0")
    }
    return values.map { Int32($0) }
  }
}

extension Dataset {
  /// The same with a note where its pixels are numbers on the scale of bytes.
  ///
  /// - Throws: `DatasetError` when a file cannot be read any more.
  fileprivate func notingFloatPixels() throws(DatasetError) -> Dataset {
    guard pixels.white == nil else { return self }
    let range = try pixelRange()
    // Normalised pixels stay within some standard deviations on both sides of 0.
    guard range.lowerBound >= 0, range.upperBound > 16 else { return self }
    return noting(
      "pixels are numbers from \(Float(range.lowerBound)) to \(Float(range.upperBound)), as bytes are, and "
        + "used as they are; divide them by 255 where the network saw 0 to 1")
  }
}
