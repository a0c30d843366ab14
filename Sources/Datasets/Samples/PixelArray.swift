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
      if case .bytes(_, let white) = dataset.pixels {
        channels.flatMap { channel in
          (0..<256).map { (Float($0) / Float(white) - channel.mean) / channel.std }
        }
      } else {
        []
      }
  }

  /// Writes the images of a range.
  func read(_ samples: Range<Int>, to target: UnsafeMutablePointer<Float>) {
    unsafe write(samples, to: target, augmentation: nil)
  }

  /// Writes the images at `indices`, each changed by what `augmentation` returns for its index.
  func write(
    _ indices: some Collection<Int>, to target: UnsafeMutablePointer<Float>,
    augmentation: ((_ sample: Int) -> Augmentation.Draw)?
  ) {
    switch pixels {
    case .bytes(let values, _):
      unsafe tables.withUnsafeBufferPointer { tables in
        unsafe fill(target, from: values, indices, augmentation) { channel, value in
          unsafe tables[channel &* 256 &+ Int(value)]
        }
      }
    case .floats(let values):
      unsafe channels.withUnsafeBufferPointer { channels in
        unsafe fill(target, from: values, indices, augmentation) { channel, value in
          unsafe (value - channels[channel].mean) / channels[channel].std
        }
      }
    }
  }

  @inline(__always)
  private func fill<Value: Numeric>(
    _ target: UnsafeMutablePointer<Float>, from values: [Value], _ indices: some Collection<Int>,
    _ augmentation: ((_ sample: Int) -> Augmentation.Draw)?,
    _ normalized: (_ channel: Int, _ value: Value) -> Float
  ) {
    let plane = shape.planeCount
    let buffer = unsafe UnsafeMutableBufferPointer(
      start: target, count: indices.count * shape.count)
    unsafe values.withUnsafeBufferPointer { values in
      var start = 0
      for index in indices {
        let draw = augmentation?(index)
        for channel in 0..<shape.channels {
          let source = (index * shape.channels + channel) * plane
          if let draw {
            unsafe draw.apply(
              height: shape.height, width: shape.width, target: buffer, at: start,
              pixel: { unsafe normalized(channel, values[source &+ $0]) },
              outside: normalized(channel, 0))
          } else {
            for pixel in 0..<plane {
              unsafe target[start &+ pixel] = normalized(channel, values[source &+ pixel])
            }
          }
          start += plane
        }
      }
    }
  }
}
