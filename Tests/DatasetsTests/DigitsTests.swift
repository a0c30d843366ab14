import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct DigitsTests {
  @Test func splitsAreThoseThatAreDocumented() throws {
    let training = try DatasetCatalog.open("digits", split: .train)
    let test = try DatasetCatalog.open("digits", split: .test)
    #expect((training.count, test.count) == (1_437, 360))
    #expect(training.shape == ImageShape(channels: 1, height: 8, width: 8))
    #expect(training.classHistogram == [143, 146, 142, 146, 144, 145, 144, 143, 141, 143])
    #expect(test.classHistogram == [35, 36, 35, 37, 37, 37, 37, 36, 33, 37])
    #expect(Array(training.labels[..<10]) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  }

  @Test func firstImageIsThatOfScikitLearn() throws {
    let samples = try NormalizedDataset(DatasetCatalog.open("digits", split: .train), .none).samples
    let image = try samples.values(of: samples.inputs[0], 0..<1)
    let rows: [[Float]] = [
      [0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0], [0, 3, 15, 2, 0, 11, 8, 0],
      [0, 4, 12, 0, 0, 8, 8, 0], [0, 5, 8, 0, 0, 9, 8, 0], [0, 4, 11, 0, 1, 12, 7, 0],
      [0, 2, 14, 5, 10, 12, 0, 0], [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    #expect(image == rows.flatMap { $0 }.map { $0 / 16 })
  }

  @Test func validationIsHeldOutNotOpened() {
    let error = datasetError { _ = try DatasetCatalog.open("digits", split: .validation) }
    #expect(error?.reason == .noSuchSplit)
    #expect(error?.description.contains("it has train and test") == true)
  }
}
