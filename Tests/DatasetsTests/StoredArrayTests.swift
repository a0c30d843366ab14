import FileFormats
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Arrays of files whose elements stay on disk.
@Suite struct StoredArrayTests {
  private func write(
    _ arrays: [(String, NumericArray)], isCompressed: Bool, to path: String
  ) throws {
    var writer = NPZWriter(isCompressed: isCompressed)
    for (name, array) in arrays { writer.add(name, array) }
    try writer.write(to: path)
  }

  @Test(arguments: [false, true])
  func elementsOnDiskAndInMemoryAreTheSame(isCompressed: Bool) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "data.npz").path
      let values = (0..<3000).map { Float($0) * 0.5 }
      try write(
        [
          ("x", NumericArray(values, shape: [300, 10])),
          ("y", NumericArray((0..<300).map { $0 % 7 })),
        ], isCompressed: isCompressed, to: path)
      guard case .arrays(let data) = try DatasetCatalog.openData(path, split: .train) else {
        Issue.record("no arrays")
        return
      }
      let samples = data.samples
      #expect(try samples.values(of: samples.inputs[0]) == values)
      #expect(try samples.values(of: samples.inputs[0], 17..<19) == Array(values[170..<190]))
      #expect(try data.bound(of: #require(samples.target)) == 7)
      let part = samples.selecting([299, 3])
      #expect(
        try part.values(of: part.inputs[0]) == Array(values[2990...]) + Array(values[30..<40]))
    }
  }

  @Test func aFileThatBecomesShorterIsAnErrorAndNoCrash() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "data.npz").path
      try write(
        [("x", NumericArray([Float](repeating: 1, count: 100_000), shape: [1000, 100]))],
        isCompressed: false, to: path)
      let stored = try StoredArray.arrays(npz: path)
      let handle = try FileHandle(forWritingTo: URL(filePath: path))
      try handle.truncate(atOffset: 1000)
      try handle.close()
      #expect(throws: FileFormatError.self) {
        try stored[0].array.source.withBytes(0..<400_000) { _ in }
      }
    }
  }

  @Test func aDamagedElementIsFoundByTheChecksum() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "data.npz").path
      try write(
        [("x", NumericArray([Float](repeating: 1, count: 1000), shape: [10, 100]))],
        isCompressed: false, to: path)
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(filePath: path))
      let error = datasetError { _ = try DatasetCatalog.openData(path, split: .train) }
      #expect(error?.description.contains("checksum is wrong") == true)
    }
  }
}
