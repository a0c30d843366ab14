import Foundation
import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct NormalizationTests {
  /// Sum of the bit patterns of (b / 255 - mean) / std over channels and all bytes b.
  private func bitSum(_ normalization: ChannelNormalization) throws -> UInt64 {
    let channels = normalization.mean.count
    let data = try Dataset(
      name: "ramp", split: .train, source: "ramp",
      shape: ImageShape(channels: channels, height: 16, width: 16),
      pixels: .bytes((0..<channels).flatMap { _ in (0...255).map { UInt8($0) } }, white: 255),
      labels: [0], classCount: 1)
    let samples = try NormalizedDataset(data, normalization).samples
    return try samples.values(of: samples.inputs[0]).reduce(0) { $0 + UInt64($1.bitPattern) }
  }

  /// The figures are sums of bit patterns that PyTorch 2.13 gives for `ToTensor` and `Normalize`.
  @Test(arguments: [
    ("imagenet", 1_556_925_082_555), ("cifar10", 1_594_533_460_444),
    ("loss-landscape", 1_593_552_846_453), ("mnist", 344_979_725_655), ("none", 268_502_433_343),
  ])
  func presetsGiveTheBitsOfPyTorch(_ name: String, _ expected: UInt64) throws {
    #expect(try bitSum(ChannelNormalization(parsing: name)) == expected)
  }

  /// Mean 0 and deviation 1 over all channels of each image; an image of one colour becomes zeros.
  @Test func eachImageHasItsOwnMeanAndDeviation() throws {
    let bytes: [UInt8] = [0, 255, 51, 204, 10, 250, 0, 240] + [UInt8](repeating: 77, count: 8)
    let data = try Dataset(
      name: "two", split: .train, source: "two",
      shape: ImageShape(channels: 2, height: 2, width: 2),
      pixels: .bytes(bytes, white: 255), labels: [0, 1], classCount: 2)
    let samples = try NormalizedDataset(data, .perImage).samples
    let values = try samples.values(of: samples.inputs[0])
    let pixels = bytes.prefix(8).map { Double($0) / 255 }
    let mean = pixels.reduce(0, +) / 8
    let deviation = (pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8).squareRoot()
    for (value, pixel) in zip(values, pixels) {
      // Pixels and results are rounded to single precision once each.
      #expect(abs(Double(value) - (pixel - mean) / deviation) < 1e-6)
    }
    // The mean of equal pixels is right to rounding, and 1 / sqrt(8) is divided by.
    #expect(values.suffix(8).allSatisfy { abs($0) < 1e-6 })
  }

  @Test func textIsReadBack() throws {
    for (name, value) in ChannelNormalization.presets {
      #expect(try ChannelNormalization(parsing: name.uppercased()) == value)
      #expect(value.description == name)
    }
    let value = try ChannelNormalization(parsing: "mean=0.1, 0.2,0.3; std=1,2,0.30000000000000004")
    #expect(value.mean == [0.1, 0.2, 0.3] && value.std == [1, 2, 0.1 + 0.2])
    #expect(try ChannelNormalization(parsing: value.description) == value)
    #expect(try ChannelNormalization(parsing: "0.5,0.5/0.5,0.25").std == [0.5, 0.25])
    #expect(try ChannelNormalization(parsing: "cifar10_kuangliu").std == [0.2023, 0.1994, 0.2010])
  }

  @Test(arguments: [
    "", "cifar11", "mean=1,2", "mean=1;std=0", "mean=1;std=-1", "mean=nan;std=1", "mean=1,2;std=1",
    "std=1;mean=0", "mean=a;std=1", "1/2/3", "mean=0;std=1e-60", "mean=;std=", "a\nb",
  ])
  func nonsenseIsRefusedInOneLine(_ text: String) {
    let error = datasetError { _ = try ChannelNormalization(parsing: text) }
    #expect(error?.reason == .setting)
    #expect(error?.description.contains(where: \.isNewline) == false)
  }

  @Test func jsonIsReadBackAndChecked() throws {
    let value = try ChannelNormalization(parsing: "imagenet")
    let json = try JSONEncoder().encode(value)
    #expect(String(decoding: json, as: UTF8.self).contains("\"imagenet\""))
    #expect(try JSONDecoder().decode(ChannelNormalization.self, from: json) == value)
    let bad = Data(#"{"mean": [0], "std": [0]}"#.utf8)
    #expect(throws: DatasetError.self) {
      try JSONDecoder().decode(ChannelNormalization.self, from: bad)
    }
  }

  @Test(arguments: ["auto", "dataset", "imagenet", "mean=0.1;std=0.2"])
  func choicesAreReadBack(_ text: String) throws {
    let choice = try NormalizationChoice(parsing: text)
    #expect(choice.description == text)
    let json = try JSONEncoder().encode([choice])
    #expect(try JSONDecoder().decode([NormalizationChoice].self, from: json) == [choice])
  }

  @Test func channelsAndScaleMustFit() throws {
    let data = try sampleDataset()
    func reason(_ text: String) -> DatasetError.Reason? {
      datasetError { _ = try NormalizedDataset(data, ChannelNormalization(parsing: text)) }?.reason
    }
    #expect(reason("none") == nil && reason("mnist") == nil && reason("imagenet") == nil)
    #expect(reason("0.5,0.5/0.5,0.5") == .setting)
    #expect(reason("125.3,123.0,113.9/63.0,62.1,66.7") == .setting)
  }

  @Test func statisticsOfTheTrainingSplitGiveMeanZeroAndDeviationOne() throws {
    let data = try sampleDataset(count: 50)
    let choice = try NormalizationChoice(parsing: "dataset")
    let normalization = try choice.resolved(for: data) { () throws(DatasetError) in data }
    let samples = try NormalizedDataset(data, normalization).samples
    let images = try samples.values(of: samples.inputs[0])
    for channel in 0..<3 {
      var values: [Double] = []
      for image in 0..<50 {
        let start = image * 60 + channel * 20
        values += images[start..<start + 20].map { Double($0) }
      }
      let mean = values.reduce(0, +) / 1000
      let variance = values.map { $0 * $0 }.reduce(0, +) / 1000
      // Every value carries a rounding error of at most 2 units of single precision at 2.
      #expect(abs(mean) < 5e-7 && abs(variance - 1) < 2e-6)
    }
  }

  @Test func automaticChoiceFollowsTheDataSet() throws {
    let digits = try DatasetCatalog.open("digits", split: .test)
    let value = try FoundData("digits").normalization(.automatic, for: digits)
    let training = try DatasetCatalog.open("digits", split: .train).channelStatistics()
    #expect(value.mean == training.mean && value.std == training.std)
    let cifar = try Dataset(
      name: "cifar10", split: .test, source: "c", shape: CIFARLayout.shape,
      pixels: .bytes(Files.pixels(0..<1), white: 255), labels: [0], classCount: 10)
    let preset = try NormalizationChoice.automatic.resolved(for: cifar) {
      () throws(DatasetError) in digits
    }
    #expect(preset.presetName == "cifar10")
  }

  @Test func constantChannelsCannotBeNormalised() throws {
    let flat = try Dataset(
      name: "flat", split: .train, source: "flat",
      shape: ImageShape(channels: 1, height: 1, width: 2), pixels: .bytes([3, 3], white: 255),
      labels: [0], classCount: 1)
    let error = datasetError {
      _ = try NormalizationChoice.trainingSplit.resolved(for: flat) {
        () throws(DatasetError) in flat
      }
    }
    #expect(error?.reason == .setting && error?.detail.contains("channel 0") == true)
  }
}
