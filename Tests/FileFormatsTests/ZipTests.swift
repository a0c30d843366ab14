import FileFormats
import Testing

@Suite struct ZipTests {
  @Test func writtenEntriesAreReadBack() throws {
    var writer = ZipWriter()
    try writer.add("folder/stored", [1, 2, 3])
    try writer.add("deflated", [UInt8](repeating: 5, count: 1000), isCompressed: true)
    try writer.add("empty", [])
    let bytes = try writer.finished()
    #expect(bytes.count < 500)
    let archive = try ZipArchive(bytes)
    #expect(archive.entries.map(\.name) == ["folder/stored", "deflated", "empty"])
    #expect(try Array(archive.contents(named: "folder/stored")) == [1, 2, 3])
    #expect(
      try Array(archive.contents(named: "deflated")) == [UInt8](repeating: 5, count: 1000))
    #expect(try archive.contents(named: "empty").isEmpty)
    #expect(throws: FileFormatError.self) { try archive.contents(named: "other") }
  }

  @Test func streamedArchiveWithDataDescriptorsIsRead() throws {
    let archive = try ZipArchive(try Fixture.bytes("streamed.zip"))
    let one = try archive.contents(named: "one.txt")
    #expect(String(decoding: one, as: UTF8.self) == String(repeating: "one ", count: 50))
    #expect(try Array(archive.contents(named: "two.txt")) == Array("two".utf8))
  }

  @Test func zip64FieldsAreRead() throws {
    let archive = try ZipArchive(try Fixture.bytes("zip64.zip"))
    #expect(try Array(archive.contents(named: "one.txt")) == Array("one".utf8))
  }

  /// Numbers that plain zip cannot hold are forced by limits that a small archive passes.
  @Test(arguments: [(0, 65535), (150, 65535), (400, 65535), (0xFFFF_FFFF, 3)])
  func archivesPastTheLimitsOfPlainZipAreReadBack(limit: Int, entryLimit: Int) throws {
    let contents = (0..<5).map { index in (0..<100 + index).map { UInt8($0 ^ index) } }
    var plain = ZipWriter()
    var wide = ZipWriter(MemorySink(), limit: limit, entryLimit: entryLimit)
    for (index, bytes) in contents.enumerated() {
      let isCompressed = index == 1
      try plain.add("entry \(index)", bytes, isCompressed: isCompressed)
      try wide.add("entry \(index)", bytes, isCompressed: isCompressed)
    }
    let bytes = try wide.finished()
    #expect(bytes.count > (try plain.finished().count))
    let archive = try ZipArchive(bytes)
    #expect(archive.entries.count == 5)
    for (index, expected) in contents.enumerated() {
      #expect(try Array(archive.contents(named: "entry \(index)")) == expected)
    }
  }

  @Test func entriesInPartsAreWrittenAsWholeOnes() throws {
    var (whole, parts) = (ZipWriter(), ZipWriter())
    try whole.add("a", [1, 2, 3, 4, 5])
    try parts.add("a", size: 5, chunks: [[1, 2], [], [3, 4, 5]])
    #expect(try whole.finished() == parts.finished())
  }

  @Test func changedContentsFailTheChecksum() throws {
    var writer = ZipWriter()
    try writer.add("a", [1, 2, 3])
    var bytes = try writer.finished()
    bytes[31] = 9
    let archive = try ZipArchive(bytes)
    let error = #expect(throws: FileFormatError.self) { try archive.contents(named: "a") }
    #expect(error?.description.contains("checksum") == true)
  }

  @Test func overlappingEntriesAreRefused() throws {
    var writer = ZipWriter()
    try writer.add("a", [UInt8](repeating: 0, count: 100))
    try writer.add("b", [UInt8](repeating: 0, count: 100))
    var bytes = try writer.finished()
    // Point the second directory entry at the first local header.
    let directory = 2 * (30 + 1 + 100)
    let offsetField = directory + 47 + 42
    bytes.replaceSubrange(offsetField..<offsetField + 4, with: [0, 0, 0, 0])
    let error = #expect(throws: FileFormatError.self) { try ZipArchive(bytes) }
    #expect(error?.description.contains("overlap") == true)
  }

  @Test(arguments: ["streamed.zip", "zip64.zip", "deflated.npz"])
  func damageIsAnErrorOrHarmless(name: String) throws {
    let bytes = try Fixture.bytes(name)
    try forEachDamage(bytes, step: bytes.count > 1000 ? 7 : 1) {
      let archive = try ZipArchive($0)
      for entry in archive.entries { _ = try archive.contents(of: entry) }
    }
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try Fixture.bytes("streamed.zip")
    for length in 0..<bytes.count {
      #expect(throws: FileFormatError.self) { try ZipArchive(bytes[..<length]) }
    }
  }
}
