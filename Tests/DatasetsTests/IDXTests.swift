import FileFormats
import Testing

@testable import Datasets

@Suite struct IDXTests {
  private let images = Files.idx([3, 4, 5], Files.pixels(0..<3, size: 20))
  private let labels = Files.idx([3], [7, 0, 9])

  @Test func plainAndGzippedFilesHoldTheSame() throws {
    let plain = try TemporaryFolder()
    try plain.write("MNIST/raw/train-images-idx3-ubyte", images)
    try plain.write("MNIST/raw/train-labels-idx1-ubyte", labels)
    let packed = try TemporaryFolder()
    try packed.write("t10k-images.idx3-ubyte.gz", Deflate.gzip(images))
    try packed.write("t10k-labels-idx1-ubyte.gz", Deflate.gzip(labels))
    let data = try DatasetCatalog.open(plain.path, split: .train)
    #expect(data.name == "mnist" && data.classCount == 10 && data.labels == [7, 0, 9])
    #expect(data.shape == ImageShape(channels: 1, height: 4, width: 5))
    #expect(try data.bytes() == Files.pixels(0..<3, size: 20) && data.pixels.white == 255)
    #expect(try DatasetCatalog.open(packed.path, split: .test).digest() == data.digest())
    let file = packed.path + "/t10k-images.idx3-ubyte.gz"
    #expect(try DatasetCatalog.open(file, split: .test).digest() == data.digest())
    let alone = try packed.write("alone/t10k-images.idx3-ubyte.gz", Deflate.gzip(images))
    #expect(datasetError { _ = try DatasetCatalog.open(alone, split: .test) }?.reason == .missing)
    let named = plain.path + "/MNIST/raw/train-images-idx3-ubyte"
    #expect(try DatasetCatalog.open(named, split: .train).digest() == data.digest())
  }

  @Test func classesCountOverBothSplits() throws {
    let folder = try TemporaryFolder()
    for (part, last) in [("train", 25), ("test", 3)] {
      try folder.write("\(part)-images-idx3-ubyte", images)
      try folder.write("\(part)-labels-idx1-ubyte", Files.idx([3], [1, 2, UInt8(last)]))
    }
    #expect(try DatasetCatalog.open(folder.path, split: .test).classCount == 26)
  }

  @Test func damageIsNamed() throws {
    func reason(_ images: [UInt8], _ labels: [UInt8]?) throws -> DatasetError.Reason? {
      let folder = try TemporaryFolder()
      try folder.write("train-images-idx3-ubyte", images)
      if let labels { try folder.write("train-labels-idx1-ubyte", labels) }
      let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }
      #expect(error?.subject.contains("-ubyte") != false)
      return error?.reason
    }
    #expect(try reason(images, labels) == nil)
    #expect(try reason(images, nil) == .missing)
    #expect(try reason([], labels) == .empty)
    #expect(try reason([1, 2] + images.dropFirst(2), labels) == .malformed)
    #expect(try reason(images.dropLast(), labels) == .truncated)
    #expect(try reason(images + [0], labels) == .malformed)
    #expect(try reason(images, Files.idx([2], [7, 0])) == .shape)
    #expect(try reason(Files.idx([60], Files.pixels(0..<3, size: 20)), labels) == .shape)
    #expect(try reason(Files.idx([0, 4, 5], []), Files.idx([0], [])) == .empty)
    #expect(try reason(Files.idx([3, 4, 5], [], type: 0x0D), labels) == .malformed)
    let huge = Files.idx([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1])
    #expect(try reason(huge, labels) == .truncated)
    #expect(try reason(Deflate.gzip(images).dropLast(9), labels) == .truncated)
  }
}
