import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct BatchTests {
  private func images(_ samples: Samples) throws -> [Float] {
    try samples.values(of: samples.inputs[0])
  }

  private func labels(_ samples: Samples) throws -> [Float] {
    try samples.values(of: #require(samples.target))
  }

  @Test(arguments: [1, 3, 5, 9, 10])
  func rangesOfSamplesHaveTheNumbersOfTheWhole(_ size: Int) throws {
    let data = try NormalizedDataset(sampleDataset(), .preset("imagenet") ?? .none).samples
    let parts = stride(from: 0, to: 10, by: size).map {
      data.selecting($0..<min($0 + size, 10))
    }
    #expect(try parts.flatMap(images) == images(data))
    #expect(try parts.flatMap(labels) == labels(data))
  }

  @Test func aBatchThatReachesPastTheLastSampleRepeatsIt() throws {
    let data = try NormalizedDataset(sampleDataset(), .none).samples
    let size = data.inputs[0].elementCount
    let whole = try images(data)
    for view in [data, data.selecting((0..<10).reversed())] {
      var padded = [Float](repeating: -1, count: 4 * size)
      try padded.withUnsafeMutableBufferPointer {
        try view.read(view.inputs[0], 8..<12, to: try #require($0.baseAddress))
      }
      let own = try images(view)
      let last = Array(own[9 * size..<10 * size])
      #expect(padded == Array(own[8 * size..<10 * size]) + last + last)
    }
    #expect(whole.count == 10 * size)
  }

  @Test func orderOfEpochsIsAPermutationThatDependsOnSeedAndEpoch() throws {
    let sampler = try EpochSampler(seed: 5, sampleCount: 100, batchSize: 8)
    #expect(sampler.order(epoch: 0).sorted() == Array(0..<100))
    #expect(sampler.order(epoch: 7) == sampler.order(epoch: 7))
    let other = try EpochSampler(seed: 6, sampleCount: 100, batchSize: 8)
    let orders: Set = [sampler.order(epoch: 0), sampler.order(epoch: 1), other.order(epoch: 0)]
    #expect(orders.count == 3)
    #expect(orders.contains(Array(0..<100)) == false)
    #expect(sampler.batchesPerEpoch == 13)
    #expect(
      try EpochSampler(seed: 5, sampleCount: 100, batchSize: 8, dropsLast: true).batchesPerEpoch
        == 12)
  }

  @Test func impossibleSamplersAreRefused() {
    for (count, size, drops) in [(10, 0, false), (10, -1, false), (0, 4, false), (3, 4, true)] {
      let error = datasetError {
        _ = try EpochSampler(seed: 0, sampleCount: count, batchSize: size, dropsLast: drops)
      }
      #expect(error?.reason == .setting)
    }
  }

  @Test func batchesAreTheSameInWhateverOrderTheyAreTaken() throws {
    let data = try NormalizedDataset(sampleDataset(count: 23), .none)
    let batches = try TrainingBatches(
      .images(data), seed: 9, batchSize: 5, augmentation: .cropFlipCutout)
    let epoch = batches.epoch(2)
    let forward = try (0..<epoch.count).map { try epoch.batch($0) }
    for index in forward.indices.reversed() {
      let again = try batches.epoch(2).batch(index)
      #expect(try images(again) == images(forward[index]))
      #expect(try labels(again) == labels(forward[index]))
    }
    #expect(forward.map(\.count) == [5, 5, 5, 5, 3])
  }

  @Test func augmentationOfASampleDoesNotDependOnTheBatchSize() throws {
    let data = try NormalizedDataset(sampleDataset(count: 12), .none)
    func all(_ size: Int) throws -> [Float] {
      let epoch = try TrainingBatches(
        .images(data), seed: 1, batchSize: size, augmentation: .cropFlip
      ).epoch(3)
      return try (0..<epoch.count).flatMap { try images(epoch.batch($0)) }
    }
    #expect(try all(5) == all(12))
  }

  /// As several ranks read a batch: together they have it.
  @Test(arguments: [Augmentation.none, .cropFlipCutout])
  func `parts of a batch are read by themselves`(augmentation: Augmentation) throws {
    let data = try NormalizedDataset(sampleDataset(count: 50), .none)
    let epoch = try TrainingBatches(
      .images(data), seed: 9, batchSize: 50, augmentation: augmentation
    ).epoch(1)
    let whole = try epoch.batch(0)
    let size = try images(whole).count / 50
    for own in [0..<0, 0..<7, 7..<40, 40..<50] {
      let part = try epoch.batch(0, own: own, pool: WorkerPool(threadCount: 2))
      let elements = own.lowerBound * size..<own.upperBound * size
      #expect(try images(part)[elements] == images(whole)[elements])
      #expect(try labels(part) == labels(whole) && part.count == 50)
    }
  }

  @Test func epochsOfAugmentationDiffer() throws {
    let data = try NormalizedDataset(sampleDataset(count: 12), .none)
    let batches = try TrainingBatches(
      .images(data), seed: 1, batchSize: 12, augmentation: .cropFlip)
    let sums = try Set((0..<4).map { try images(batches.epoch($0).batch(0)).reduce(0, +) })
    #expect(sums.count > 1)
  }
}
