import Foundation
import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct AugmentationTests {
  private let shape = ImageShape(channels: 3, height: 6, width: 5)

  /// Pad, crop, flip, normalise, cut out: each step on its own array, as the definition says.
  private func naive(
    _ image: [UInt8], _ draw: Augmentation.Draw, padding: Int, _ normalization: ChannelNormalization
  ) -> [Float] {
    let (height, width) = (shape.height, shape.width)
    var result: [Float] = []
    for channel in 0..<shape.channels {
      let (mean, std) = normalization.values(channel: channel)
      var padded = [[UInt8]](
        repeating: [UInt8](repeating: 0, count: width + 2 * padding), count: height + 2 * padding)
      for row in 0..<height {
        for column in 0..<width {
          padded[row + padding][column + padding] =
            image[(channel * height + row) * width + column]
        }
      }
      for row in 0..<height {
        let start = draw.left + padding
        var line = Array(padded[row + draw.top + padding][start..<start + width])
        if draw.isFlipped { line.reverse() }
        var values = line.map { (Float($0) / 255 - mean) / std }
        for column in 0..<width
        where (draw.cutoutTop..<draw.cutoutTop + draw.cutoutSize).contains(row)
          && (draw.cutoutLeft..<draw.cutoutLeft + draw.cutoutSize).contains(column)
        {
          values[column] = 0
        }
        result += values
      }
    }
    return result
  }

  @Test func imagesAreThoseOfTheDefinition() throws {
    let data = try sampleDataset(count: 40, shape: shape)
    let pixels = try data.bytes()
    let normalization = try ChannelNormalization(parsing: "imagenet")
    let normalized = try NormalizedDataset(data, normalization)
    let augmentation = try Augmentation(
      cropPadding: 2, flipsHorizontally: true, cutoutSize: 3, cutoutProbability: 0.5)
    let epoch = try TrainingBatches(
      .images(normalized), seed: 4, batchSize: 40, augmentation: augmentation
    ).epoch(1)
    var expected: [Float] = []
    for sample in epoch.samples(of: 0) {
      let draw = augmentation.draw(
        seed: 4, epoch: 1, sample: sample, sampleCount: 40, shape: shape)
      let image = Array(pixels[sample * shape.count..<(sample + 1) * shape.count])
      expected += naive(image, draw, padding: 2, normalization)
    }
    let samples = try epoch.batch(0)
    #expect(try samples.values(of: samples.inputs[0]) == expected)
  }

  @Test func drawsCoverTheirRangesEvenly() throws {
    let augmentation = try Augmentation(
      cropPadding: 2, flipsHorizontally: true, cutoutSize: 3, cutoutProbability: 0.25)
    let count = 20_000
    var tops: [Int: Int] = [:]
    var lefts: [Int: Int] = [:]
    var flips = 0
    var cuts = 0
    for sample in 0..<count {
      let draw = augmentation.draw(
        seed: 11, epoch: 0, sample: sample, sampleCount: count, shape: shape)
      tops[draw.top, default: 0] += 1
      lefts[draw.left, default: 0] += 1
      flips += draw.isFlipped ? 1 : 0
      cuts += draw.cutoutSize == 3 ? 1 : 0
    }
    // Five standard deviations of a binomial count.
    func isNear(_ observed: Int, _ probability: Double) -> Bool {
      let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
      return abs(Double(observed) - Double(count) * probability) < 5 * deviation
    }
    #expect(Set(tops.keys) == Set(-2...2) && Set(lefts.keys) == Set(-2...2))
    #expect(tops.values.allSatisfy { isNear($0, 0.2) })
    #expect(lefts.values.allSatisfy { isNear($0, 0.2) })
    #expect(isNear(flips, 0.5) && isNear(cuts, 0.25))
  }

  @Test func switchingOnePartOnLeavesTheOthers() throws {
    let crop = try Augmentation(parsing: "crop=4")
    for sample in 0..<50 {
      let alone = crop.draw(seed: 1, epoch: 0, sample: sample, sampleCount: 50, shape: shape)
      let all = Augmentation.cropFlipCutout.draw(
        seed: 1, epoch: 0, sample: sample, sampleCount: 50, shape: shape)
      #expect(alone.top == all.top && alone.left == all.left)
    }
  }

  @Test func textIsReadBack() throws {
    for text in ["none", "crop-flip", "crop-flip-cutout", "crop=2", "flip,cutout=8:0.25"] {
      let value = try Augmentation(parsing: text)
      #expect(value.description == text)
      let json = try JSONEncoder().encode([value])
      #expect(try JSONDecoder().decode([Augmentation].self, from: json) == [value])
    }
    #expect(try Augmentation(parsing: "cutout=16").cutoutProbability == 1)
    #expect(try Augmentation(parsing: "crop=4,flip") == .cropFlip)
  }

  @Test(arguments: [
    "", "flop", "crop", "crop=", "crop=a", "crop=-1", "crop=1:2", "cutout=2:2", "flip=1", "flip,",
    "cutout=4:nan", "crop=4\n",
  ])
  func nonsenseIsRefusedInOneLine(_ text: String) {
    let error = datasetError { _ = try Augmentation(parsing: text) }
    #expect(error?.reason == .setting)
    #expect(error?.description.contains(where: \.isNewline) == false)
  }
}
