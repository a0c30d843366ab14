internal import LinearAlgebra
internal import Synchronization

/// A data set with the normalisation that its images get when they are read.
package struct NormalizedDataset: Sendable {
  package let dataset: Dataset
  package let normalization: ChannelNormalization
  private let pixels: PixelArray

  /// Joins the two.
  ///
  /// - Throws: `DatasetError` if the normalisation does not fit the channels or the scale.
  package init(
    _ dataset: Dataset, _ normalization: ChannelNormalization
  ) throws(DatasetError) {
    try normalization.check(for: dataset)
    self.dataset = dataset
    self.normalization = normalization
    pixels = PixelArray(dataset, normalization)
  }

  /// Number of samples.
  package var count: Int { dataset.count }

  /// All images, normalised when they are read, and their labels.
  package var samples: Samples {
    let shape = dataset.shape
    let images = SampleArray(
      "images", shape: [shape.channels, shape.height, shape.width], count: count,
      isInteger: false, .pixels(pixels))
    return Samples(
      count: count, inputs: [images], target: SampleArray("labels", classes: dataset.labels))
  }

  /// The images at `indices` in memory, each changed by what `augmentation` returns for its index.
  ///
  /// - Parameters:
  ///   - indices: Places, in `0 ..< count`.
  ///   - own: Which of the images are read, by their order; others hold anything. nil for all.
  ///   - pool: The threads that read, or decode, and change them.
  ///   - augmentation: The change of a sample; nil for none.
  /// - Returns: The samples in that order.
  /// - Throws: `DatasetError` when a file cannot be read any more.
  /// - Precondition: The indices are in `0 ..< count`.
  func samples(
    at indices: some Collection<Int>, own: Range<Int>? = nil, pool: WorkerPool,
    augmentation: (@Sendable (_ sample: Int) -> Augmentation.Draw)?
  ) throws(DatasetError) -> Samples {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < count }, "a sample outside 0..<\(count)")
    let shape = dataset.shape
    let places = Array(indices)
    let failure = Mutex<DatasetError?>(nil)
    // A file to be decoded is a task; of others a few together are read at once.
    let block = dataset.pixels.isDecoded ? 1 : 16
    let images = unsafe Vector<Float>(uninitialized: places.count * shape.count) { target in
      guard let base = target.baseAddress else { return }
      nonisolated(unsafe) let start = unsafe base
      let read = own ?? places.indices
      pool.run(count: (read.count + block - 1) / block) { task, _ in
        let first = read.lowerBound + task * block
        let part = first..<min(first + block, read.upperBound)
        do throws(DatasetError) {
          try unsafe pixels.write(
            places[part], to: start + part.lowerBound * shape.count, augmentation: augmentation)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return Samples(
      images: images, shape: [shape.channels, shape.height, shape.width],
      labels: places.map { dataset.labels[$0] })
  }
}
