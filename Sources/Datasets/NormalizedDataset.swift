internal import LinearAlgebra

/// A data set with the normalisation that its images get when they become batches.
package struct NormalizedDataset: Sendable {
  package let dataset: Dataset
  package let normalization: ChannelNormalization

  /// Joins the two.
  ///
  /// - Throws: `DatasetError` if the normalisation does not fit the channels or the scale.
  package init(
    _ dataset: Dataset, _ normalization: ChannelNormalization
  ) throws(DatasetError) {
    try normalization.check(for: dataset)
    self.dataset = dataset
    self.normalization = normalization
  }

  /// Number of samples.
  package var count: Int { dataset.count }

  /// Consecutive batches of `size` samples in file order, without shuffling.
  ///
  /// - Precondition: `size` is positive.
  package func batches(of size: Int) -> BatchSequence {
    precondition(size > 0, "batch size \(size)")
    return BatchSequence(data: self, batchSize: size)
  }

  /// The samples of a range.
  ///
  /// - Precondition: the range is inside `0 ..< count`.
  package func batch(_ range: Range<Int>) -> Batch {
    batch(of: range, augmentation: nil)
  }

  /// The samples at `indices`, in that order.
  ///
  /// - Precondition: the indices are in `0 ..< count`.
  package func batch(indices: some Collection<Int>) -> Batch {
    batch(of: indices, augmentation: nil)
  }

  /// The samples at `indices`, each changed by what `augmentation` returns for its index.
  func batch(
    of indices: some Collection<Int>,
    augmentation: ((_ sample: Int) -> Augmentation.Draw)?
  ) -> Batch {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < count }, "a sample outside 0..<\(count)")
    let shape = dataset.shape
    let images = unsafe Vector<Float>(uninitialized: indices.count * shape.count) { target in
      let channels = (0..<shape.channels).map { normalization.values(channel: $0) }
      switch dataset.pixels {
      case .bytes(let values, let white):
        // 256 entries a channel: each is computed once, as PyTorch computes it for every pixel.
        let tables = channels.flatMap { channel in
          (0..<256).map { (Float($0) / Float(white) - channel.mean) / channel.std }
        }
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
    return Batch(images: images, labels: indices.map { dataset.labels[$0] }, shape: shape)
  }

  @inline(__always)
  private func fill<Value: Numeric>(
    _ target: UnsafeMutableBufferPointer<Float>, from values: [Value],
    _ indices: some Collection<Int>, _ augmentation: ((_ sample: Int) -> Augmentation.Draw)?,
    _ normalized: (_ channel: Int, _ value: Value) -> Float
  ) {
    let shape = dataset.shape
    let plane = shape.planeCount
    unsafe values.withUnsafeBufferPointer { values in
      var start = 0
      for index in indices {
        let draw = augmentation?(index)
        for channel in 0..<shape.channels {
          let source = (index * shape.channels + channel) * plane
          if let draw {
            unsafe draw.apply(
              height: shape.height, width: shape.width, target: target, at: start,
              pixel: { unsafe normalized(channel, values[source &+ $0]) },
              outside: normalized(channel, 0))
          } else {
            for pixel in 0..<plane {
              unsafe target.initializeElement(
                at: start &+ pixel, to: normalized(channel, values[source &+ pixel]))
            }
          }
          start += plane
        }
      }
    }
  }
}
