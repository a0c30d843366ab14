import FileFormats
import TestSupport
import Testing

@Suite struct CompressionTests {
  static let sample = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

  @Test(arguments: [0, 1, 70_000, 300_000])
  func gzipRoundTrips(count: Int) throws {
    let bytes = Array(Self.sample.prefix(count))
    #expect(try Deflate.gunzip(Deflate.gzip(bytes)) == bytes)
  }

  @Test func severalMembersAndPaddingAreRead() throws {
    let bytes = Deflate.gzip([1, 2]) + Deflate.gzip([3]) + [0, 0, 0]
    #expect(try Deflate.gunzip(bytes) == [1, 2, 3])
  }

  @Test func outputStopsAtTheLimit() {
    let bomb = Deflate.gzip([UInt8](repeating: 0, count: 5_000_000))
    let error = #expect(throws: FileFormatError.self) {
      try Deflate.gunzip(bomb, limit: 1_000_000)
    }
    #expect(error?.reason == .tooLarge)
  }

  @Test func announcedSizeMustBePlausibleAndTrue() throws {
    let data = Deflate.compress([1, 2, 3])
    #expect(try Deflate.inflate(data[...], size: 3, format: "test") == [1, 2, 3])
    for size in [2, 4, Int.max, -1] {
      #expect(throws: FileFormatError.self) {
        try Deflate.inflate(data[...], size: size, format: "test")
      }
    }
  }

  @Test func damageIsAnErrorOrHarmless() throws {
    try forEachDamage(Deflate.gzip(Array(Self.sample.prefix(200)))) {
      _ = try Deflate.gunzip($0, limit: 1_000_000)
    }
  }

  @Test func truncationIsAlwaysAnError() {
    let bytes = Deflate.gzip(Array(Self.sample.prefix(200)))
    for length in 0..<bytes.count {
      #expect(throws: FileFormatError.self) { try Deflate.gunzip(Array(bytes[..<length])) }
    }
  }
}

@Suite struct SHA256Tests {
  @Test func matchesTheStandardsExamples() {
    #expect(
      SHA256.hexDigest(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexDigest(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func fileDigestEqualsDigestOfItsBytes() throws {
    let path = try temporaryPath("large.bin")
    let bytes = [UInt8](repeating: 7, count: 3_000_001)
    try AtomicFile.write(bytes, to: path)
    #expect(try SHA256.hexDigest(ofFile: path) == SHA256.hexDigest(of: bytes))
  }
}
