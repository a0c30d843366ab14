import FileFormats
import Foundation
import TestSupport
import Testing

@Suite struct ArrayHeaderTests {
  @Test func headersAreThoseOfTheArraysStoredOrDeflated() throws {
    for isCompressed in [false, true] {
      var writer = NPZWriter(isCompressed: isCompressed)
      let noise = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
      writer.add("x", NumericArray(noise, shape: [3, 100, 1000]))
      writer.add("y", NumericArray([1.5, 2, 3]))
      writer.add("none", NumericArray([Float](), shape: [0, 4]))
      let path = try temporaryPath("headers.npz")
      try writer.write(to: path)
      let headers = try ArrayHeader.headers(npz: path)
      #expect(headers.map(\.name) == ["x", "y", "none"])
      #expect(headers.map(\.shape) == [[3, 100, 1000], [3], [0, 4]])
      #expect(headers.map(\.type) == [.uint8, .float64, .float32])
    }
  }

  @Test func damagedFilesGiveAnErrorOrHeaders() throws {
    var writer = NPZWriter(isCompressed: true)
    writer.add("x", NumericArray((0..<200).map { UInt8($0) }, shape: [200]))
    let path = try temporaryPath("damaged.npz")
    try writer.write(to: path)
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x55
      try Data(damaged).write(to: URL(filePath: path))
      _ = try? ArrayHeader.headers(npz: path)
      try Data(bytes[..<place]).write(to: URL(filePath: path))
      _ = try? ArrayHeader.headers(npz: path)
    }
  }
}
