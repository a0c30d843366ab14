/// Pixels of images with the normalisation that they get when they are read.
///
/// Bytes go through a table of 256 entries a channel: each value is computed once, as PyTorch
/// computes it for every pixel.
struct PixelArray: Sendable {
  let shape: ImageShape
  private let pixels: PixelStorage
  private let channels: [(mean: Float, std: Float)]
  private let tables: [Float]
  private let isPerImage: Bool

  init(_ dataset: Dataset, _ normalization: ChannelNormalization) {
    shape = dataset.shape
    pixels = dataset.pixels
    isPerImage = normalization.isPerImage
    let channels = (0..<shape.channels).map { normalization.values(channel: $0) }
    self.channels = channels
    tables =
      if let white = dataset.pixels.white {
        channels.flatMap { channel in
          (0..<256).map { (Float($0) / Float(white) - channel.mean) / channel.std }
        }
      } else {
        []
      }
  }

  /// Writes the images at `indices`, each changed by what `augmentation` returns for its index.
  ///
  /// - Throws: `DatasetError` when a file cannot be read any more.
  func write(
    _ indices: some Collection<Int>, to target: UnsafeMutablePointer<Float>,
    augmentation: ((_ sample: Int) -> Augmentation.Draw)?
  ) throws(DatasetError) {
    let draws = augmentation.map { indices.map($0) }
    let buffer = unsafe UnsafeMutableBufferPointer(
      start: target, count: indices.count * shape.count)
    let (channels, tables, isBytes) = (channels, tables, pixels.white != nil)
    let crop = draws.map { draws in { (place: Int) in draws[place].part } }
    try unsafe pixels.forEachImage(indices, shape, crop: crop) { place, raw in
      let start = place * shape.count
      if isBytes {
        unsafe tables.withUnsafeBufferPointer { tables in
          unsafe fill(buffer, at: start, raw.bindMemory(to: UInt8.self), draws?[place]) {
            unsafe tables[$0 &* 256 &+ Int($1)]
          }
        }
      } else {
        unsafe channels.withUnsafeBufferPointer { channels in
          unsafe fill(buffer, at: start, raw.bindMemory(to: Float.self), draws?[place]) {
            unsafe ($1 - channels[$0].mean) / channels[$0].std
          }
        }
      }
      if isPerImage { unsafe standardize(buffer, at: start) }
    }
  }

  /// Mean 0 and deviation 1 for the pixels of one image; images of one colour are not blown up.
  private func standardize(_ target: UnsafeMutableBufferPointer<Float>, at start: Int) {
    let image = unsafe target[start..<start + shape.count]
    let count = Double(shape.count)
    let mean = unsafe image.reduce(0.0) { $0 + Double($1) } / count
    let variance =
      unsafe image.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let deviation = max(variance.squareRoot(), 1 / count.squareRoot())
    for place in unsafe image.indices {
      unsafe target[place] = Float((Double(target[place]) - mean) / deviation)
    }
  }

  @inline(__always)
  private func fill<Value: Numeric>(
    _ target: UnsafeMutableBufferPointer<Float>, at start: Int,
    _ values: UnsafeBufferPointer<Value>, _ draw: Augmentation.Draw?,
    _ normalized: (_ channel: Int, _ value: Value) -> Float
  ) {
    let plane = shape.planeCount
    for channel in 0..<shape.channels {
      let source = channel &* plane
      if let draw {
        unsafe draw.apply(
          height: shape.height, width: shape.width, target: target, at: start &+ source,
          pixel: { unsafe normalized(channel, values[source &+ $0]) },
          outside: normalized(channel, 0))
      } else {
        for pixel in source..<source &+ plane {
          unsafe target[start &+ pixel] = normalized(channel, values[pixel])
        }
      }
    }
  }
}
