import Foundation
import TestSupport
import Testing

@testable import FileFormats

/// A real archive past 4 GiB, most of which is a hole in its file.
@Suite struct Zip64Tests {
  /// Writes into a file, and leaves a hole where a chunk is one of zeros.
  private struct HoleSink: ByteSink {
    /// Chunks of zeros are told by their length.
    static let zeros = [UInt8](repeating: 0, count: 1 << 26)
    let handle: FileHandle
    private(set) var count = 0

    init(_ handle: FileHandle) { self.handle = handle }

    mutating func append(_ bytes: [UInt8]) throws(FileFormatError) {
      if bytes.count != Self.zeros.count { try write(bytes, at: count) }
      count += bytes.count
    }

    mutating func replace(at position: Int, with bytes: [UInt8]) throws(FileFormatError) {
      try write(bytes, at: position)
    }

    private func write(_ bytes: [UInt8], at position: Int) throws(FileFormatError) {
      do {
        try handle.seek(toOffset: UInt64(position))
        try handle.write(contentsOf: Data(bytes))
      } catch {
        throw FileFormatError(.unwritable, format: "test", "\(error)")
      }
    }
  }

  /// An array of more than 4 GiB, and one whose header lies behind it: 64-bit sizes and offsets.
  @Test func arraysPastFourGiBAreReadBack() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "large.npz").path
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let handle = try #require(FileHandle(forWritingAtPath: path))
      let zeros = HoleSink.zeros
      let (first, last) = ([UInt8](1...40), [UInt8](101...140))
      let size = 64 * zeros.count + 80
      var zip = ZipWriter(HoleSink(handle))
      let header = NPY.header(.uint8, [size / 8, 8])
      let parts = (0..<67).lazy.map { index in
        switch index {
        case 0: header
        case 1: first
        case 66: last
        default: zeros
        }
      }
      try zip.add("large.npy", size: header.count + size, chunks: parts)
      let tail = NumericArray([Float](arrayLiteral: 1, 2, 3))
      try zip.add("tail.npy", NPY.encode(tail))
      try zip.finish()
      try handle.close()
      let count = zip.sink.count
      #expect(count > Int(UInt32.max))

      // The checksum of the large entry is not compared: reading 4 GiB would take the memory of a cache.
      let archive = try ZipArchive(ByteSource(file: path))
      #expect(archive.entries.map(\.name) == ["large.npy", "tail.npy"])
      let large = try archive.source(of: #require(archive.entry(named: "large.npy")))
      #expect(large.count == header.count + size)
      let start = header.count
      #expect(try Array(large.read(0..<start + 41, format: "test")) == header + first + [0])
      let end = large.count
      #expect(try Array(large.read(end - 41..<end, format: "test")) == [0] + last)
      #expect(try NPZFile(path: path).array("tail") == tail)
    }
  }
}
