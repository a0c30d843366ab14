import Testing

@testable import Datasets

@Suite struct DatasetTests {
  @Test func prefixIsTheFirstSamplesInFileOrder() throws {
    let data = try sampleDataset()
    let part = try data.prefix(samples: 4)
    #expect(part.count == 4)
    #expect(part.labels == Array(data.labels[..<4]))
    #expect(try part.bytes() == Files.pixels(0..<4, size: 60) && part.pixels.white == 255)
    #expect(try data.prefix(samples: 10).digest() == data.digest())
  }

  @Test func prefixBeyondTheEndNamesBothNumbers() throws {
    let data = try sampleDataset()
    let error = datasetError { _ = try data.prefix(samples: 11) }
    #expect(error?.reason == .range)
    #expect(error?.description.contains("11 samples asked for") == true)
    #expect(error?.description.contains("has 10") == true)
    #expect(datasetError { _ = try data.prefix(samples: 0) }?.reason == .range)
    #expect(datasetError { _ = try data.prefix(samples: -1) }?.reason == .range)
  }

  @Test func subsetIsARangeAndOutsideIsAnError() throws {
    let data = try sampleDataset()
    let part = try data.subset(3..<7)
    #expect(try part.bytes() == Files.pixels(3..<7, size: 60) && part.pixels.white == 255)
    #expect(part.labels == [0, 1, 2, 0])
    for range in [5..<11, -1..<3, 4..<4] {
      #expect(datasetError { _ = try data.subset(range) }?.reason == .range)
    }
  }

  @Test func digestChangesWithPixelsLabelsShapeAndClasses() throws {
    let data = try sampleDataset()
    var values = try data.bytes()
    values[17] ^= 1
    var labels = data.labels
    labels[9] = 1
    func variant(
      _ pixels: PixelStorage, _ labels: [Int32], _ shape: ImageShape, _ classes: Int
    ) throws -> String {
      try Dataset(
        name: "other", split: .test, source: "elsewhere", shape: shape, pixels: pixels,
        labels: labels, classCount: classes
      ).digest()
    }
    let turned = ImageShape(channels: 3, height: 5, width: 4)
    let digests: Set = [
      try data.digest(), try variant(.bytes(values, white: 255), data.labels, data.shape, 3),
      try variant(data.pixels, labels, data.shape, 3),
      try variant(data.pixels, data.labels, turned, 3),
      try variant(data.pixels, data.labels, data.shape, 4),
    ]
    #expect(digests.count == 5)
    #expect(try variant(data.pixels, data.labels, data.shape, 3) == data.digest())
    #expect(try data.digest().count == 64)
  }

  @Test func contradictionsAreRefused() throws {
    let shape = ImageShape(channels: 1, height: 2, width: 2)
    func make(_ pixels: PixelStorage, _ labels: [Int32]) -> DatasetError? {
      datasetError {
        _ = try Dataset(
          name: "d", split: .train, source: "d", shape: shape, pixels: pixels, labels: labels,
          classCount: 2)
      }
    }
    #expect(make(.floats([]), [])?.reason == .empty)
    #expect(make(.floats([1, 2, 3]), [0])?.reason == .shape)
    #expect(make(.floats([1, 2, 3, 4]), [2])?.reason == .label)
    #expect(make(.floats([1, 2, 3, 4]), [-1])?.reason == .label)
    #expect(make(.floats([1, 2, .nan, 4]), [1])?.reason == .malformed)
    #expect(make(.floats([1, 2, 3, 4]), [1]) == nil)
  }

  @Test func errorsAreOneLineEvenForHostileNames() {
    let error = datasetError { _ = try DatasetCatalog.open("a\nb/c", split: .train) }
    #expect(error?.reason == .missing)
    #expect(error?.description.contains(where: \.isNewline) == false)
  }

  @Test func channelStatisticsAreThoseOfTheDefinition() throws {
    let shape = ImageShape(channels: 2, height: 1, width: 2)
    let data = try Dataset(
      name: "d", split: .train, source: "d", shape: shape,
      pixels: .bytes([0, 255, 51, 51, 255, 0, 51, 51], white: 255), labels: [0, 0], classCount: 1)
    #expect(try data.channelStatistics() == ChannelStatistics(mean: [0.5, 0.2], std: [0.5, 0]))
    let floats = try Dataset(
      name: "d", split: .train, source: "d", shape: shape,
      pixels: .floats([1, 3, 5, 5, 1, 3, 9, 9]), labels: [0, 0], classCount: 1)
    #expect(try floats.channelStatistics() == ChannelStatistics(mean: [2, 7], std: [1, 2]))
    #expect(try floats.pixelRange() == 1...9)
  }
}
