package import LinearAlgebra

/// Normalised images and their labels, ready for a network.
package struct Batch: Sendable {
  /// Values in the order [n, C, H, W].
  package let images: Vector<Float>
  /// Class of each image.
  package let labels: [Int32]
  /// Extents of one image.
  package let shape: ImageShape

  /// Number of images.
  package var count: Int { labels.count }

  /// Creates a batch.
  ///
  /// - Precondition: `images` holds as many images as there are labels.
  package init(images: Vector<Float>, labels: [Int32], shape: ImageShape) {
    precondition(images.count == labels.count * shape.count, "images and labels do not match")
    self.images = images
    self.labels = labels
    self.shape = shape
  }
}

/// Consecutive batches of a data set in file order, each made when it is asked for.
///
/// The last one is shorter where the size does not divide the number of samples, so that every
/// sample occurs exactly once.
package struct BatchSequence: RandomAccessCollection, Sendable {
  let data: NormalizedDataset
  /// Samples in every batch but the last.
  package let batchSize: Int

  /// Index of the first batch.
  package var startIndex: Int { 0 }
  /// Number of batches.
  package var endIndex: Int { (data.count - 1) / batchSize + 1 }

  /// The samples of batch `index`.
  package func range(of index: Int) -> Range<Int> {
    let start = index * batchSize
    return start..<Swift.min(start + batchSize, data.count)
  }

  /// Batch `index`.
  package subscript(index: Int) -> Batch { data.batch(range(of: index)) }
}
