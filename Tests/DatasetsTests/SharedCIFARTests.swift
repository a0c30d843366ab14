import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Datasets

/// The lossless subset of CIFAR-10 beside the package, compared with figures from NumPy and PyTorch.
@Suite(.enabled(if: SharedData.has("cifar10"), SharedData.note)) struct SharedCIFARTests {
  private let folder: String

  init() throws { folder = try SharedData.url("cifar10").path }

  @Test func samplesAndLabelsAreThoseOfNumPy() throws {
    let training = try DatasetCatalog.open(folder, split: .train)
    let test = try DatasetCatalog.open(folder, split: .test)
    #expect((training.count, test.count) == (4_660, 846))
    #expect(training.classHistogram == [479, 479, 444, 448, 489, 435, 464, 477, 481, 464])
    #expect(test.classHistogram == [83, 70, 88, 84, 76, 79, 97, 87, 88, 94])
    #expect(Array(training.labels[..<10]) == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    #expect(Array(test.labels[..<10]) == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1])
    let pixels = try training.bytes()
    #expect(Array(pixels[..<4]) == [59, 43, 50, 68])
    #expect(Array(pixels[1024..<1028]) == [62, 46, 48, 54])
    #expect(pixels[4659 * 3072 + 1024 + 16 * 32 + 16] == 239)
  }

  @Test func statisticsAreThoseOfNumPy() throws {
    let statistics = try DatasetCatalog.open(folder, split: .train).channelStatistics()
    let mean = [0.4930856326067172, 0.4835639181235806, 0.4480376698526794]
    let std = [0.24801614280072878, 0.24441333082694017, 0.2621745850357302]
    for channel in 0..<3 {
      #expect(abs(statistics.mean[channel] - mean[channel]) < 1e-12)
      #expect(abs(statistics.std[channel] - std[channel]) < 1e-12)
    }
  }

  @Test func normalisedImagesHaveTheBitsOfPyTorch() throws {
    let data = try DatasetCatalog.open(folder, split: .train)
    let samples = try NormalizedDataset(data, ChannelNormalization(parsing: "imagenet")).samples
    let images = try samples.values(of: samples.inputs[0])
    #expect(images.reduce(UInt64(0)) { $0 &+ UInt64($1.bitPattern) } == 30_229_326_881_441_311)
    #expect(images[0].bitPattern == 0xbf8d_c3fd)
  }

  @Test func descriptionCountsEverything() throws {
    guard case .images(let description) = try FoundData(folder).description() else {
      Issue.record("no images")
      return
    }
    #expect(description.splits.map(\.samples) == [4_660, 846])
    #expect(description.name == "cifar10" && description.classCount == 10)
    let text = description.description
    #expect(text.contains("CIFAR-10, binary files, images 3x32x32, 10 classes"))
    #expect(text.contains("mean  0.4931, 0.4836, 0.4480"))
    #expect(text.contains("per class  479 479 444 448 489 435 464 477 481 464"))
  }
}
