internal import FileFormats

/// Labelled images of one split, in file order.
///
/// The images are kept as the file has them, in it where they can be read in parts, and become numbers
/// of a network only in `NormalizedDataset`.
package struct Dataset: Sendable {
  /// Short name: "cifar10", "cifar100", "digits", "mnist", or that of the file.
  package let name: String
  package let split: DatasetSplit
  /// Where the images come from: a path, or the name of the embedded data.
  package let source: String
  /// What the user should know about the files: parts that are missing or were left out.
  package let notes: [String]
  package let shape: ImageShape
  package let pixels: PixelStorage
  /// Class of each image, in `0 ..< classCount`.
  package let labels: [Int32]
  package let classCount: Int
  /// Names of the classes where the files or the data set define them, `classCount` of them.
  package let classNames: [String]?

  /// Number of images.
  package var count: Int { labels.count }

  /// Creates a data set and checks that its parts fit each other.
  ///
  /// - Throws: `DatasetError` naming `source` if there are no samples, if `pixels` is not
  ///   `labels.count` images of `shape`, if a label is outside `0 ..< classCount`, or if a value is
  ///   not finite.
  package init(
    name: String, split: DatasetSplit, source: String, notes: [String] = [], shape: ImageShape,
    pixels: PixelStorage, labels: [Int32], classCount: Int, classNames: [String]? = nil
  ) throws(DatasetError) {
    guard !labels.isEmpty else {
      throw DatasetError(.empty, source, "has no \(split.rawValue) samples; check the files")
    }
    guard pixels.count == labels.count * shape.count else {
      throw DatasetError(
        .shape, source,
        "\(labels.count) labels but \(pixels.count) pixel values, which is not "
          + "\(labels.count) images of \(shape); images and labels must belong together")
    }
    if let index = labels.firstIndex(where: { $0 < 0 || $0 >= classCount }) {
      throw DatasetError(
        .label, source,
        "sample \(index) has label \(labels[index]), outside 0...\(classCount - 1); "
          + "number the classes from 0")
    }
    if pixels.white == nil {
      var found: (sample: Int, value: Float)?
      try unsafe pixels.forEachImage(0..<labels.count, shape) { sample, raw in
        guard found == nil else { return }
        let values = unsafe raw.bindMemory(to: Float.self)
        let place = unsafe values.firstIndex { !$0.isFinite }
        if let place { found = (sample, unsafe values[place]) }
      }
      if let found {
        throw DatasetError(
          .malformed, source,
          "sample \(found.sample) holds \(found.value); remove or repair such samples")
      }
    }
    let first = labels.min() ?? 0
    self.init(
      checkedName: name, split: split, source: source,
      notes: notes + (first == 1 ? [Self.noFirstClass] : []), shape: shape, pixels: pixels,
      labels: labels, classCount: classCount, classNames: classNames)
  }

  private static let noFirstClass =
    "class 0 is empty: labels count from 1, outputs of networks from 0"

  private init(
    checkedName name: String, split: DatasetSplit, source: String, notes: [String],
    shape: ImageShape, pixels: PixelStorage, labels: [Int32], classCount: Int,
    classNames: [String]?
  ) {
    self.name = name
    self.split = split
    self.source = source
    self.notes = notes
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
    self.classCount = classCount
    self.classNames = classNames?.count == classCount ? classNames : nil
  }

  /// The same with one more note.
  func noting(_ note: String) -> Dataset {
    Dataset(
      checkedName: name, split: split, source: source, notes: notes + [note], shape: shape,
      pixels: pixels, labels: labels, classCount: classCount, classNames: classNames)
  }

  /// SHA-256 over everything that a result depends on: shape, pixels, labels, number of classes.
  ///
  /// The same images read from different formats have the same digest; name and path do not count.
  /// It is the digest of the lines "images TYPE [N, C, H, W] DIGEST", "labels int32 [N] DIGEST" and
  /// "classes K", where TYPE is `uint8/255` (`/white`) or `float32` and the inner digests are over
  /// the little-endian elements. Of image files, which would have to be decoded, names and sizes stand
  /// for the elements.
  ///
  /// - Throws: `DatasetError` when a file cannot be read any more.
  /// - Complexity: O(bytes); computed anew on every call.
  package func digest() throws(DatasetError) -> String {
    let (type, images) = try pixels.typeAndDigest(count: count, shape)
    let labelDigest = SHA256.hexDigest(of: unsafe labels.withUnsafeBytes { unsafe Array($0) })
    let text = """
      images \(type) [\(count), \(shape.channels), \(shape.height), \(shape.width)] \(images)
      labels int32 [\(count)] \(labelDigest)
      classes \(classCount)

      """
    return SHA256.hexDigest(of: Array(text.utf8))
  }

  /// Number of images of each class.
  package var classHistogram: [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}

// MARK: - Parts

extension Dataset {
  /// The first `samples` images in file order.
  ///
  /// - Throws: `DatasetError` if fewer exist, or if `samples` is not positive.
  package func prefix(samples: Int) throws(DatasetError) -> Dataset {
    guard samples > 0 else {
      throw DatasetError(.range, name, "\(samples) samples asked for; ask for at least 1")
    }
    guard samples <= count else {
      throw DatasetError(
        .range, source,
        "\(samples) samples asked for, but the \(split.rawValue) split has \(count); "
          + "ask for at most \(count)")
    }
    return samples == count ? self : selecting(0..<samples)
  }

  /// The images of a range, in file order.
  ///
  /// - Throws: `DatasetError` if the range is empty or reaches outside the data set.
  package func subset(_ range: Range<Int>) throws(DatasetError) -> Dataset {
    guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= count else {
      throw DatasetError(
        .range, source,
        "samples \(range.lowerBound)..<\(range.upperBound) asked for, but the "
          + "\(split.rawValue) split has 0..<\(count); ask for a range inside it")
    }
    return selecting(range)
  }

  /// Evenly spaced images, in file order; all where there are fewer.
  func sample(_ samples: Int) -> Dataset {
    samples < count ? selecting((0..<samples).map { $0 * count / samples }) : self
  }

  /// The images at `indices`, in that order.
  ///
  /// - Precondition: the indices are in `0 ..< count`.
  func selecting(_ indices: some Collection<Int>, as split: DatasetSplit? = nil) -> Dataset {
    Dataset(
      checkedName: name, split: split ?? self.split, source: source, notes: notes, shape: shape,
      pixels: pixels.selecting(indices, size: shape.count), labels: indices.map { labels[$0] },
      classCount: classCount, classNames: classNames)
  }
}
