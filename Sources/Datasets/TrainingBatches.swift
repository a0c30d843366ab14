/// Shuffled, augmented batches for training.
package struct TrainingBatches: Sendable {
  package let data: SampleData
  package let sampler: EpochSampler
  package let augmentation: Augmentation

  /// Creates the batches of a training set.
  ///
  /// - Throws: `DatasetError` as `EpochSampler`.
  package init(
    _ data: SampleData, seed: UInt64, batchSize: Int, dropsLast: Bool = false,
    augmentation: Augmentation = .none
  ) throws(DatasetError) {
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
    /// - Throws: `DatasetError` when a file cannot be read any more.
    package func batch(_ index: Int) throws(DatasetError) -> Samples {
      try batches.data.samples(
        at: samples(of: index), augmentation: batches.augmentation, seed: batches.sampler.seed,
        epoch: epoch)
    }
  }
}
