internal import LinearAlgebra

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
  /// - Throws: `DatasetError` when a file cannot be read any more.
  /// - Precondition: The indices are in `0 ..< count`.
  func samples(
    at indices: some Collection<Int>, augmentation: @escaping (_ sample: Int) -> Augmentation.Draw
  ) throws(DatasetError) -> Samples {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < count }, "a sample outside 0..<\(count)")
    let shape = dataset.shape
    var failure: DatasetError?
    let images = unsafe Vector<Float>(uninitialized: indices.count * shape.count) { target in
      guard let base = target.baseAddress else { return }
      do throws(DatasetError) {
        try unsafe pixels.write(indices, to: base, augmentation: augmentation)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return Samples(
      images: images, shape: [shape.channels, shape.height, shape.width],
      labels: indices.map { dataset.labels[$0] })
  }
}
