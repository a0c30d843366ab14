import Testing

@testable import Datasets

@Suite struct HoldOutTests {
  @Test(arguments: Dataset.HoldOutRule.allCases)
  func partsAreDisjointCompleteAndInFileOrder(_ rule: Dataset.HoldOutRule) throws {
    // The first pixel of image i is 31 i mod 256, which tells images below 256 apart.
    let data = try sampleDataset(count: 101)
    let (training, validation) = try data.holdingOut(samples: 20, seed: 3, rule: rule)
    #expect((training.count, validation.count) == (81, 20))
    #expect(training.split == .train && validation.split == .validation)
    func images(_ part: Dataset) throws -> [Int] {
      let values = try part.bytes()
      let position = Dictionary(uniqueKeysWithValues: (0..<101).map { (31 * $0 % 256, $0) })
      return (0..<part.count).compactMap { position[Int(values[$0 * data.shape.count])] }
    }
    let kept = try images(training)
    let held = try images(validation)
    #expect(kept == kept.sorted() && held == held.sorted())
    #expect(Set(kept).union(held) == Set(0..<101) && Set(kept).isDisjoint(with: held))
    #expect(held.map { Int32($0 % 3) } == validation.labels)
  }

  @Test func choiceDependsOnTheSeedAlone() throws {
    let data = try sampleDataset(count: 101)
    let first = try data.holdingOut(samples: 20, seed: 3).validation.digest()
    #expect(try data.holdingOut(samples: 20, seed: 3).validation.digest() == first)
    #expect(try data.holdingOut(samples: 20, seed: 4).validation.digest() != first)
    #expect(try data.holdingOut(samples: 20, seed: 3, rule: .plain).validation.digest() != first)
  }

  @Test func stratifiedPartsKeepTheProportions() throws {
    let data = try sampleDataset(count: 100, classCount: 3)  // 34, 33, 33
    let (_, validation) = try data.holdingOut(samples: 10, seed: 1)
    // 3.4, 3.3, 3.3: the remaining sample goes to the largest remainder.
    #expect(validation.classHistogram == [4, 3, 3])
    #expect(Dataset.proportionalQuotas(total: 5, sizes: [0, 7, 7, 1]) == [0, 3, 2, 0])
  }

  @Test func oneSampleMustRemain() throws {
    let data = try sampleDataset()
    for samples in [0, -1, 10, 11] {
      #expect(datasetError { _ = try data.holdingOut(samples: samples, seed: 0) }?.reason == .range)
    }
    #expect(try data.holdingOut(samples: 9, seed: 0).training.count == 1)
  }
}
