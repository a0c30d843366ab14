import Testing

@testable import Datasets

/// Data with another number of channels than their files have.
@Suite struct ConvertedImagesTests {
  /// Two images of two pixels.
  private struct Colours: DatasetReader {
    let kind = "colours"
    let path = "memory"
    let splits = [DatasetSplit.train]
    var isBytes = true

    func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
      let values: [UInt8] = [255, 0, 0, 0, 0, 255, 10, 200, 20, 100, 30, 50]
      return try Dataset(
        name: "colours", split: split, source: path,
        shape: ImageShape(channels: 3, height: 1, width: 2),
        pixels: isBytes
          ? .bytes(values, white: 255) : .floats(values.map { Float($0) / 255 }),
        labels: [0, 1], classCount: 2)
    }
  }

  /// PIL: `Image.fromarray(...).convert("L")` of red, blue, (10, 20, 30) and (200, 100, 50).
  @Test func greyLevelsAreThoseOfPIL() throws {
    let grey = try ConvertedImages(base: Colours(), channels: 1).read(.train)
    #expect(grey.shape == ImageShape(channels: 1, height: 1, width: 2))
    #expect(try grey.bytes() == [76, 29, 18, 124])
    #expect(grey.labels == [0, 1])
    let real = try ConvertedImages(base: Colours(isBytes: false), channels: 1).read(.train)
    var values: [Float] = []
    try unsafe real.pixels.forEachImage(0..<2, real.shape) { _, raw in
      values += unsafe Array(raw.bindMemory(to: Float.self))
    }
    // Half a level of rounding, at most.
    for (value, level) in zip(values, [76, 29, 18, 124]) {
      #expect(abs(value * 255 - Float(level)) <= 0.51)
    }
  }

  @Test func oneChannelBecomesThreeEqualOnes() throws {
    let view = try ImageView(resize: nil, crop: nil, channels: 3)
    let plain = try DatasetCatalog.open("digits", split: .test)
    let colours = try DatasetCatalog.open("digits", split: .test, view: view)
    #expect(colours.shape == ImageShape(channels: 3, height: 8, width: 8))
    let (one, three) = try (plain.bytes(), colours.bytes())
    #expect(Array(three[0..<64]) == Array(one[0..<64]))
    #expect(Array(three[64..<128]) == Array(one[0..<64]))
    #expect(three.count == 3 * one.count)
    #expect(try plain.digest() != colours.digest())
  }
}
