import FileFormats
import Foundation
import LinearAlgebra
import Testing

@testable import Datasets

/// Images that stay in their files.
@Suite struct PixelStorageTests {
  /// Writes a stored and a compressed `.npz` and opens both.
  private func both(_ array: NumericArray) throws -> (folder: TemporaryFolder, [Dataset]) {
    let folder = try TemporaryFolder()
    let labels = NumericArray((0..<array.shape[0]).map { $0 % 3 })
    let data = try [false, true].map { isCompressed in
      var writer = NPZWriter(isCompressed: isCompressed)
      writer.add("x", array)
      writer.add("y", labels)
      let path = try folder.write("\(isCompressed).npz", try writer.finished())
      return try DatasetCatalog.open(path, split: .train)
    }
    return (folder, data)
  }

  /// 500 images of 768 values are more than is read at once.
  @Test(arguments: [[500, 3, 16, 16], [500, 16, 16, 3], [500, 16, 16]])
  func imagesOfAFileAreThoseInMemory(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    let bytes = NumericArray(
      (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }, shape: shape)
    let doubles = NumericArray((0..<count).map { Double($0) / 3 }, shape: shape)
    for array in [bytes, doubles] {
      let (folder, parts) = try both(array)
      try withExtendedLifetime(folder) {
        #expect(try parts[0].digest() == parts[1].digest())
        #expect(try parts[0].channelStatistics() == parts[1].channelStatistics())
        #expect(try parts[0].pixelRange() == parts[1].pixelRange())
        // Neighbours, repeats, and backwards.
        let places = [3, 4, 5, 499, 0, 0, 498, 497] + Array(100..<400)
        let picked = parts.map { $0.selecting(places).selecting(Array(1..<300)) }
        let values = try picked.map { part in
          let samples = try NormalizedDataset(part, .none).samples
          return try samples.values(of: samples.inputs[0])
        }
        #expect(values[0] == values[1])
        let size = count / 500
        let whole = try NormalizedDataset(parts[1], .none).samples
        for (place, sample) in places[1..<300].enumerated() {
          #expect(
            try whole.values(of: whole.inputs[0], sample..<sample + 1)
              == Array(values[0][place * size..<(place + 1) * size]))
        }
      }
    }
  }

  @Test func imagesOfSeveralFilesAreOneSequence() throws {
    let folder = try TemporaryFolder()
    try folder.write("data_batch_1.bin", Files.cifar10(0..<3))
    try folder.write("data_batch_2.bin", Files.cifar10(3..<4))
    try folder.write("data_batch_3.bin", Files.cifar10(4..<9))
    let data = try DatasetCatalog.open(folder.path, split: .train)
    #expect(try data.bytes() == Files.pixels(0..<9))
    let places = [8, 2, 3, 4, 5, 0]
    #expect(
      try data.selecting(places).bytes() == places.flatMap { Files.pixels($0..<$0 + 1) })
  }

  @Test func aFileThatBecomesShorterIsAnErrorAndNoCrash() throws {
    let still = Augmentation.Draw(
      top: 0, left: 0, isFlipped: false, cutoutTop: 0, cutoutLeft: 0, cutoutSize: 0,
      part: nil)
    let folder = try TemporaryFolder()
    let cifar = try folder.write("data_batch_1.bin", Files.cifar10(0..<9))
    let images = try folder.write(
      "mnist/train-images-idx3-ubyte", Files.idx([9, 8, 8], Files.pixels(0..<9, size: 64)))
    try folder.write("mnist/train-labels-idx1-ubyte", Files.idx([9], Array(0..<9)))
    let arrays = try folder.write(
      "arrays.npz",
      try Files.npz([
        ("x", NumericArray([Float](repeating: 1, count: 9 * 64), shape: [9, 8, 8])),
        ("y", NumericArray(Array(0..<9))),
      ]))
    for path in [cifar, images, arrays] {
      let data = try NormalizedDataset(DatasetCatalog.open(path, split: .train), .none)
      let handle = try FileHandle(forWritingTo: URL(filePath: path))
      try handle.truncate(atOffset: 100)
      try handle.close()
      let samples = data.samples
      for read in [
        { _ = try samples.values(of: samples.inputs[0]) }, { _ = try data.dataset.digest() },
        { _ = try data.dataset.channelStatistics() },
        { _ = try data.samples(at: [8], pool: .callerAlone) { _ in still } },
      ] {
        let error = datasetError(read)
        #expect(error?.reason == .truncated && error?.subject == path, "\(path)")
      }
    }
  }
}
