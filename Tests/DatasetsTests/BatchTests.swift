import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct BatchTests {
  @Test(arguments: [1, 3, 5, 9, 10, 11, 64])
  func consecutiveBatchesHoldEverySampleOnce(_ size: Int) throws {
    let data = try NormalizedDataset(sampleDataset(), .preset("imagenet") ?? .none)
    let batches = data.batches(of: size)
    let whole = data.batch(0..<10)
    #expect(batches.count == (10 + size - 1) / size)
    #expect(batches.flatMap(\.images.array) == whole.images.array)
    #expect(batches.flatMap(\.labels) == data.dataset.labels)
    #expect(batches.dropLast().allSatisfy { $0.count == size })
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
    let batches = try TrainingBatches(data, seed: 9, batchSize: 5, augmentation: .cropFlipCutout)
    let epoch = batches.epoch(2)
    let forward = epoch.map { $0 }
    for index in epoch.indices.reversed() {
      let again = batches.epoch(2)[index]
      #expect(again.images == forward[index].images && again.labels == forward[index].labels)
    }
    #expect(forward.map(\.count) == [5, 5, 5, 5, 3])
  }

  @Test func augmentationOfASampleDoesNotDependOnTheBatchSize() throws {
    let data = try NormalizedDataset(sampleDataset(count: 12), .none)
    func images(_ size: Int) throws -> [Float] {
      try TrainingBatches(data, seed: 1, batchSize: size, augmentation: .cropFlip).epoch(3)
        .flatMap(\.images.array)
    }
    #expect(try images(5) == images(12))
  }

  @Test func epochsOfAugmentationDiffer() throws {
    let data = try NormalizedDataset(sampleDataset(count: 12), .none)
    let batches = try TrainingBatches(data, seed: 1, batchSize: 12, augmentation: .cropFlip)
    let sums = Set((0..<4).map { batches.epoch($0)[0].images.sum })
    #expect(sums.count > 1)
  }
}
