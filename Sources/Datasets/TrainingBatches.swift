package import LinearAlgebra

/// Shuffled, augmented batches for training.
package struct TrainingBatches: Sendable {
  package let data: SampleData
  package let sampler: EpochSampler
  package let augmentation: Augmentation

  /// Creates the batches of a training set.
  ///
  /// - Throws: `DatasetError` as `EpochSampler`, or when the images are not bytes and parts of them are to
  ///   be resized.
  package init(
    _ data: SampleData, seed: UInt64, batchSize: Int, dropsLast: Bool = false,
    augmentation: Augmentation = .none
  ) throws(DatasetError) {
    if augmentation.resizedCropArea > 0, case .images(let images) = data,
      images.dataset.pixels.white == nil
    {
      throw DatasetError(
        .setting, "augmentation \(augmentation)",
        "resizes parts of images, but \(data.name) holds numbers in place of bytes; use another")
    }
    self.data = data
    self.augmentation = augmentation
    sampler = try EpochSampler(
      seed: seed, sampleCount: data.count, batchSize: batchSize, dropsLast: dropsLast)
  }

  /// The batches of an epoch, counted from 0.
  ///
  /// - Complexity: O(samples) for the order; each batch is made when it is asked for.
  package func epoch(_ epoch: Int) -> Epoch {
    Epoch(batches: self, epoch: epoch, order: sampler.order(epoch: epoch))
  }
}

extension TrainingBatches {
  /// One pass over the training set; a batch is the same whatever was taken before.
  package struct Epoch: Sendable {
    let batches: TrainingBatches
    /// Number of the epoch.
    package let epoch: Int
    let order: [Int]

    /// Number of batches.
    package var count: Int { batches.sampler.batchesPerEpoch }

    /// The samples of batch `index`, in its order.
    package func samples(of index: Int) -> ArraySlice<Int> {
      precondition(index >= 0 && index < count, "batch \(index) outside 0..<\(count)")
      let start = index * batches.sampler.batchSize
      return order[start..<Swift.min(start + batches.sampler.batchSize, order.count)]
    }

    /// Batch `index`.
    ///
    /// - Parameters:
    ///   - index: Which one.
    ///   - own: Which of its samples are looked at: images of others need not be read; nil for all.
    ///   - pool: The threads that read and change images; the result does not depend on it.
    /// - Returns: The samples in its order.
    /// - Throws: `DatasetError` when a file cannot be read any more.
    package func batch(
      _ index: Int, own: Range<Int>? = nil, pool: WorkerPool = .callerAlone
    ) throws(DatasetError) -> Samples {
      try batches.data.samples(
        at: samples(of: index), augmentation: batches.augmentation, seed: batches.sampler.seed,
        epoch: epoch, own: own, pool: pool)
    }
  }
}
