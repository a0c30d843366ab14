internal import Settings

/// Images of other data with another number of channels: colours as grey levels, or grey levels three times.
struct ConvertedImages: DatasetReader {
  /// The images as they are.
  let base: any DatasetReader
  /// 1 or 3.
  let channels: Int

  var kind: String { base.kind }
  var path: String { base.path }
  var splits: [DatasetSplit] { base.splits }
  var remarks: [String] { base.remarks }

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let dataset = try base.read(split)
    let stored = dataset.shape.channels
    if stored == channels { return dataset }
    guard [stored, channels] == [3, 1] || [stored, channels] == [1, 3] else {
      throw DatasetError(
        .setting, path,
        "has images of \(stored) channels, which \(.channels) \(channels) does not turn into others; leave it out"
      )
    }
    let shape = ImageShape(
      channels: channels, height: dataset.shape.height, width: dataset.shape.width)
    return try Dataset(
      name: dataset.name, split: split, source: dataset.source, notes: dataset.notes, shape: shape,
      pixels: converted(dataset), labels: dataset.labels, classCount: dataset.classCount,
      classNames: dataset.classNames)
  }

  private func converted(_ dataset: Dataset) throws(DatasetError) -> PixelStorage {
    let plane = dataset.shape.height * dataset.shape.width
    guard let white = dataset.pixels.white else {
      return .floats(
        try values(of: dataset) { (image: [Float], pixel) in
          // The weights of ITU-R 601-2, as PIL has them.
          0.299 * image[pixel] + 0.587 * image[plane + pixel] + 0.114 * image[2 * plane + pixel]
        })
    }
    return .bytes(
      try values(of: dataset) { (image: [UInt8], pixel) in
        DecodedImage.grey(image[pixel], image[plane + pixel], image[2 * plane + pixel])
      }, white: white)
  }

  /// The values of all images, [N, C, H, W].
  private func values<Value: BitwiseCopyable>(
    of dataset: Dataset, grey: (_ image: [Value], _ pixel: Int) -> Value
  ) throws(DatasetError) -> [Value] {
    let plane = dataset.shape.height * dataset.shape.width
    var result: [Value] = []
    result.reserveCapacity(dataset.count * channels * plane)
    try unsafe dataset.pixels.forEachImage(0..<dataset.count, dataset.shape) { _, raw in
      let image = unsafe Array(raw.bindMemory(to: Value.self))
      if channels == 1 {
        for pixel in 0..<plane { result.append(grey(image, pixel)) }
      } else {
        for _ in 0..<channels { result += image }
      }
    }
    return result
  }
}
