internal import LinearAlgebra

/// Order in which an epoch visits the samples, as a pure function of seed and epoch.
///
/// There is no state: batch b of epoch e is the same whether or not the epochs before it were run,
/// so training resumes exactly from the two numbers.
package struct EpochSampler: Sendable, Hashable {
  package let seed: UInt64
  package let sampleCount: Int
  package let batchSize: Int
  /// Whether a last batch shorter than `batchSize` is left out.
  package let dropsLast: Bool

  /// Creates a sampler.
  ///
  /// - Throws: `DatasetError` if the batch size is not positive or an epoch would have no batch.
  package init(
    seed: UInt64, sampleCount: Int, batchSize: Int, dropsLast: Bool = false
  ) throws(DatasetError) {
    guard batchSize > 0 else {
      throw DatasetError(.setting, "batch size", "is \(batchSize); give at least 1")
    }
    guard sampleCount > 0, !dropsLast || batchSize <= sampleCount else {
      throw DatasetError(
        .setting, "batch size",
        "\(batchSize) samples a batch, but there are \(sampleCount), so that an epoch has no full "
          + "batch; give a smaller batch size or keep the last batch")
    }
    self.seed = seed
    self.sampleCount = sampleCount
    self.batchSize = batchSize
    self.dropsLast = dropsLast
  }

  /// Batches in one epoch.
  package var batchesPerEpoch: Int {
    dropsLast ? sampleCount / batchSize : (sampleCount - 1) / batchSize + 1
  }

  /// All samples in the order of an epoch (stream "data.order", index epoch).
  ///
  /// - Complexity: O(sampleCount).
  package func order(epoch: Int) -> [Int] {
    var stream = RandomStream(seed: seed, label: "data.order", index: epoch)
    return stream.permutation(count: sampleCount)
  }
}
