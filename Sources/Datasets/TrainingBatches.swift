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
  /// One pass over the training set; `epoch[b]` is batch b whatever was taken before.
  package struct Epoch: RandomAccessCollection, Sendable {
    let batches: TrainingBatches
    /// Number of the epoch.
    package let epoch: Int
    let order: [Int]

    /// Index of the first batch.
    package var startIndex: Int { 0 }
    /// Number of batches.
    package var endIndex: Int { batches.sampler.batchesPerEpoch }

    /// The samples of batch `index`, in its order.
    package func samples(of index: Int) -> ArraySlice<Int> {
      precondition(index >= 0 && index < endIndex, "batch \(index) outside 0..<\(endIndex)")
      let start = index * batches.sampler.batchSize
      return order[start..<Swift.min(start + batches.sampler.batchSize, order.count)]
    }

    /// Batch `index`.
    package subscript(index: Int) -> Samples {
      batches.data.samples(
        at: samples(of: index), augmentation: batches.augmentation, seed: batches.sampler.seed,
        epoch: epoch)
    }
  }
}
