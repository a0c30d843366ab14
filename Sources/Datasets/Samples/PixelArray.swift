/// Pixels of images with the normalisation that they get when they are read.
///
/// Bytes go through a table of 256 entries a channel: each value is computed once, as PyTorch
/// computes it for every pixel.
struct PixelArray: Sendable {
  let shape: ImageShape
  private let pixels: PixelStorage
  private let channels: [(mean: Float, std: Float)]
  private let tables: [Float]

  init(_ dataset: Dataset, _ normalization: ChannelNormalization) {
    shape = dataset.shape
    pixels = dataset.pixels
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
    try unsafe pixels.forEachImage(indices, shape) { place, raw in
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
