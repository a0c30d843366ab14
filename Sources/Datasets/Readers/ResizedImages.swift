internal import Settings

/// Images of other data in another size: what `ImageView` says, file by file, for data of images of one size.
///
/// As torchvision's `Resize` and `CenterCrop` on images of PIL: antialiased triangles, rounded to bytes.
struct ResizedImages: DatasetReader {
  /// The images as they are.
  let base: any DatasetReader
  /// Shorter side and square: nothing is resized or cut off that it does not say.
  let view: ImageView

  /// Bytes of the new images at most.
  private static let maximumBytes = 8 << 30

  var kind: String { base.kind }
  var path: String { base.path }
  var splits: [DatasetSplit] { base.splits }
  var remarks: [String] { base.remarks }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let dataset = try base.read(split)
    guard let white = dataset.pixels.white else {
      throw DatasetError(
        .setting, path,
        "holds numbers in place of bytes, which \(.resize) does not resize; leave it out")
    }
    let old = dataset.shape
    let side = view.resize ?? min(old.width, old.height)
    let crop = view.crop ?? side
    guard crop <= side else {
      throw DatasetError(
        .setting, path,
        "has images of \(old), into which \(.crop) \(crop) does not fit; give \(.resize) too")
    }
    let geometry = ImageView.Geometry.resized(side: side, crop: crop)
    let size = geometry.size
    let shape = ImageShape(channels: old.channels, height: size.height, width: size.width)
    let (bytes, isTooLarge) = dataset.count.multipliedReportingOverflow(by: shape.count)
    guard !isTooLarge, bytes <= Self.maximumBytes else {
      throw DatasetError(
        .setting, path,
        "has \(dataset.count) images, which would take more than 8 GiB at \(size.width) x \(size.height); "
          + "resize them beforehand, to a folder of images")
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(bytes)
    try unsafe dataset.pixels.forEachImage(0..<dataset.count, old) { _, raw in
      let image = unsafe DecodedImage(
        width: old.width, height: old.height, channels: old.channels,
        pixels: interleaved(Array(raw), channels: old.channels))
      pixels += planar(geometry.apply(image).pixels, channels: old.channels)
    }
    return try Dataset(
      name: dataset.name, split: split, source: dataset.source, notes: dataset.notes, shape: shape,
      pixels: .bytes(pixels, white: white), labels: dataset.labels,
      classCount: dataset.classCount, classNames: dataset.classNames)
  }

  /// Channels of each pixel behind one another, as images of files have them.
  private func interleaved(_ planes: [UInt8], channels: Int) -> [UInt8] {
    channels == 1 ? planes : transposed(planes, rows: channels)
  }

  /// Channels as planes, as data sets have them.
  private func planar(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    channels == 1 ? pixels : transposed(pixels, rows: pixels.count / channels)
  }

  private func transposed(_ values: [UInt8], rows: Int) -> [UInt8] {
    let columns = values.count / rows
    var result = [UInt8](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns {
        result[column &* rows &+ row] = values[row &* columns &+ column]
      }
    }
    return result
  }
}
