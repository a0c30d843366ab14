import Testing

@testable import Datasets

/// Data in another size than their files have.
@Suite struct ResizedImagesTests {
  /// One image of three rows and four columns.
  private struct Stored: DatasetReader {
    let kind = "colours"
    let path = "memory"
    let splits = [DatasetSplit.train]
    var isBytes = true

    func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
      let values: [UInt8] = [
        0, 37, 74, 111, 148, 185, 222, 3, 40, 77, 114, 151,
        11, 49, 89, 131, 175, 221, 13, 63, 65, 119, 125, 183,
        22, 61, 104, 151, 202, 207, 10, 73, 90, 111, 136, 215,
      ]
      return try Dataset(
        name: "colours", split: split, source: path,
        shape: ImageShape(channels: 3, height: 3, width: 4),
        pixels: isBytes ? .bytes(values, white: 255) : .floats(values.map { Float($0) }),
        labels: [1], classCount: 2)
    }
  }

  /// torchvision with PIL: `CenterCrop(4)(Resize(5)(image))`.
  @Test func pixelsAreThoseOfTorchvision() throws {
    let resized = try ResizedImages(base: Stored(), view: ImageView(resize: 5, crop: 4))
      .read(.train)
    #expect(resized.shape == ImageShape(channels: 3, height: 4, width: 4))
    #expect(resized.labels == [1])
    #expect(
      try resized.bytes() == [
        19, 43, 68, 93, 78, 102, 127, 101, 167, 191, 216, 113, 102, 126, 151, 125,
        30, 56, 82, 110, 97, 108, 68, 81, 198, 186, 48, 38, 134, 146, 94, 108,
        42, 68, 97, 128, 107, 110, 75, 94, 205, 174, 43, 42, 143, 139, 96, 122,
      ])
  }

  @Test func sizeAndChannelsGoTogether() throws {
    let view = try ImageView(resize: 12, crop: nil, channels: 3)
    let images = try DatasetCatalog.open("digits", split: .test, view: view)
    #expect(images.shape == ImageShape(channels: 3, height: 12, width: 12))
  }

  /// A crop alone resizes nothing.
  @Test func aCropAloneIsTheMiddleAsItIs() throws {
    let whole = try DatasetCatalog.open("digits", split: .test).bytes()
    let cut = try DatasetCatalog.open(
      "digits", split: .test, view: ImageView(resize: nil, crop: 6))
    #expect(cut.shape == ImageShape(channels: 1, height: 6, width: 6))
    let middle = (1..<7).flatMap { row in (1..<7).map { whole[8 * row + $0] } }
    #expect(try Array(cut.bytes()[0..<36]) == middle)
    let error = datasetError {
      _ = try DatasetCatalog.open("digits", split: .test, view: ImageView(resize: nil, crop: 9))
    }
    #expect(error?.reason == .setting && error?.detail.contains("`crop`") == true)
  }

  @Test func numbersAreNotResized() throws {
    let error = datasetError {
      _ = try ResizedImages(
        base: Stored(isBytes: false), view: ImageView(resize: 5, crop: nil)
      ).read(.train)
    }
    #expect(error?.reason == .setting)
    #expect(error?.description.contains("numbers in place of bytes") == true)
  }

  /// Eight gibibytes are the most.
  @Test func imagesThatNoMemoryHoldsAreRefused() throws {
    let error = datasetError {
      _ = try DatasetCatalog.open(
        "digits", split: .train, view: ImageView(resize: 4096, crop: nil))
    }
    #expect(error?.description.contains("more than 8 GiB") == true)
  }
}
