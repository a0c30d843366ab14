internal import LinearAlgebra

/// Samples of one split as opened: labelled images with their normalisation, or named arrays.
package enum SampleData: Sendable {
  /// Images, which can be augmented.
  case images(NormalizedDataset)
  /// Arrays that are used as they are.
  case arrays(ArrayDataset)

  /// Short name of the data set.
  package var name: String {
    switch self {
    case .images(let data): data.dataset.name
    case .arrays(let data): data.name
    }
  }

  /// Which part of the data set they are.
  package var split: DatasetSplit {
    switch self {
    case .images(let data): data.dataset.split
    case .arrays(let data): data.split
    }
  }

  /// What the user should know about the files.
  package var notes: [String] {
    switch self {
    case .images(let data): data.dataset.notes
    case .arrays(let data): data.notes
    }
  }

  /// Number of samples.
  package var count: Int {
    switch self {
    case .images(let data): data.count
    case .arrays(let data): data.samples.count
    }
  }

  /// SHA-256 over everything that a result depends on.
  package var digest: String {
    get throws(DatasetError) {
      switch self {
      case .images(let data): try data.dataset.digest()
      case .arrays(let data): try data.digest()
      }
    }
  }

  /// The samples.
  package var samples: Samples {
    switch self {
    case .images(let data): data.samples
    case .arrays(let data): data.samples
    }
  }

  /// Normalisation of the channels as text; `none` for arrays.
  package var normalization: String {
    switch self {
    case .images(let data): data.normalization.description
    case .arrays: ChannelNormalization.none.description
    }
  }

  /// The first samples in file order.
  ///
  /// - Throws: `DatasetError` if fewer exist.
  package func prefix(samples: Int) throws(DatasetError) -> SampleData {
    switch self {
    case .images(let data):
      .images(try NormalizedDataset(data.dataset.prefix(samples: samples), data.normalization))
    case .arrays(let data): .arrays(try data.prefix(samples: samples))
    }
  }

  /// Some samples held out for validation, by the seed alone: images by their classes.
  ///
  /// - Throws: `DatasetError` unless both parts get at least one sample.
  package func holdingOut(
    samples: Int, seed: UInt64
  ) throws(DatasetError) -> (training: SampleData, validation: SampleData) {
    switch self {
    case .images(let data):
      let parts = try data.dataset.holdingOut(samples: samples, seed: seed)
      return (
        .images(try NormalizedDataset(parts.training, data.normalization)),
        .images(try NormalizedDataset(parts.validation, data.normalization))
      )
    case .arrays(let data):
      let parts = try data.holdingOut(samples: samples, seed: seed)
      return (.arrays(parts.training), .arrays(parts.validation))
    }
  }

  /// The samples at `indices`, images changed by an augmentation.
  ///
  /// - Parameters:
  ///   - indices: Places, in `0 ..< count`.
  ///   - augmentation: Random changes; nothing happens to arrays.
  ///   - seed: Seed of the changes.
  ///   - epoch: Epoch that the changes belong to.
  ///   - own: Which of the samples are looked at, by their order: images of others need not be read.
  ///   - pool: The threads that read and change images.
  /// - Returns: The samples in that order.
  /// - Throws: `DatasetError` when a file cannot be read any more.
  func samples(
    at indices: some Collection<Int>, augmentation: Augmentation, seed: UInt64, epoch: Int,
    own: Range<Int>? = nil, pool: WorkerPool
  ) throws(DatasetError) -> Samples {
    // Files are decoded once for all passes of a step.
    guard case .images(let data) = self, augmentation != .none || data.dataset.pixels.isDecoded
    else { return samples.selecting(indices) }
    guard augmentation != .none else {
      return try data.samples(at: indices, own: own, pool: pool, augmentation: nil)
    }
    let (count, shape) = (data.count, data.dataset.shape)
    return try data.samples(at: indices, own: own, pool: pool) { sample in
      augmentation.draw(
        seed: seed, epoch: epoch, sample: sample, sampleCount: count, shape: shape)
    }
  }
}
