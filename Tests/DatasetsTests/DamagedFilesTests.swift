import FileFormats
import Foundation
import Testing

@testable import Datasets

/// Cut and altered files give an error of the module or data, never a trap.
@Suite struct DamagedFilesTests {
  /// Opens every damaged version of a file, in a folder with `companions`.
  private func damage(
    _ name: String, _ bytes: [UInt8], companions: [(String, [UInt8])] = [], opening: String? = nil,
    split: DatasetSplit = .train, edge: Int = 60, step: Int
  ) throws {
    let folder = try TemporaryFolder()
    for (other, contents) in companions { try folder.write(other, contents) }
    let path = opening.map { folder.path + "/" + $0 } ?? folder.path
    func open(_ damaged: [UInt8]) throws {
      try folder.write(name, damaged)
      do {
        _ = try DatasetCatalog.open(path, split: split)
      } catch {
        let isOneLine = !error.description.contains(where: \.isNewline)
        #expect(isOneLine)
      }
    }
    // Headers stand at the beginning and, in zip files, at the end: all of both, some between.
    let positions = bytes.indices.filter {
      $0 < edge || $0 >= bytes.count - edge || $0.isMultiple(of: step)
    }
    for position in positions {
      try open(Array(bytes[..<position]))
      for value in [0xFF, bytes[position] ^ 0x10] as [UInt8] {
        var altered = bytes
        altered[position] = value
        try open(altered)
      }
    }
  }

  @Test func cifarBinary() throws {
    try damage("data_batch_1.bin", Files.cifar10(0..<2), step: 701)
  }

  @Test func cifarPickle() throws {
    let batch = try FileBytes.read(Files.fixture("cifar10-pickles/python2/data_batch_2"))
    try damage("data_batch_1", batch, edge: 150, step: 701)
    let modern = try FileBytes.read(Files.fixture("cifar100-pickles/python3/test"))
    let meta = try FileBytes.read(Files.fixture("cifar100-pickles/python3/meta"))
    try damage("test", modern, companions: [("meta", meta)], split: .test, step: 701)
    try damage("meta", meta, companions: [("test", modern)], split: .test, step: 101)
  }

  @Test func idx() throws {
    let images = Files.idx([2, 4, 4], Files.pixels(0..<2, size: 16))
    let labels = Files.idx([2], [1, 0])
    try damage(
      "train-images-idx3-ubyte", images, companions: [("train-labels-idx1-ubyte", labels)], step: 1)
    try damage(
      "train-labels-idx1-ubyte.gz", Deflate.gzip(labels),
      companions: [("train-images-idx3-ubyte", images)], step: 1)
  }

  @Test func npz() throws {
    let file = try Files.npz([
      ("x", NumericArray(Files.pixels(0..<2, size: 16), shape: [2, 4, 4])),
      ("y", NumericArray([UInt8(1), 0])),
    ])
    try damage("data.npz", file, opening: "data.npz", edge: 200, step: 7)
  }
}
