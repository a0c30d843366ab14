import Artifacts
import FileFormats
import TestSupport
import Testing

@Suite struct JournalTests {
  struct Configuration: Codable {
    var grid = 51
    var seed = 7
    var model = "abc"
  }

  static let records: [Journal.Record] = [
    .init(key: 0, values: [0.1, -0.0, .infinity]),
    .init(key: 1, values: []),
    .init(key: -5, values: [Double(bitPattern: 0x7FF8_0000_0000_0001), Double(Float(0.1))]),
  ]

  static func isSame(_ first: [Journal.Record], _ second: [Journal.Record]) -> Bool {
    first.map(\.key) == second.map(\.key)
      && first.map { $0.values.map(\.bitPattern) } == second.map { $0.values.map(\.bitPattern) }
  }

  /// Writes all records and returns the bytes of the file.
  static func fill(_ path: String) throws -> [UInt8] {
    let journal = try Journal(path: path, configuration: Configuration())
    #expect(journal.records.isEmpty)
    for record in records { try journal.append(record) }
    try journal.synchronize()
    return try FileBytes.read(path)
  }

  @Test func recordsAreReadBackBitForBit() throws {
    let path = try temporaryPath("points.journal")
    _ = try Self.fill(path)
    let journal = try Journal(path: path, configuration: Configuration())
    #expect(Self.isSame(journal.records, Self.records))
  }

  @Test func fileCutOffAtAnyByteIsContinued() throws {
    let path = try temporaryPath("points.journal")
    let bytes = try Self.fill(path)
    let newline = UInt8(ascii: "\n")
    for length in 0...bytes.count {
      try AtomicFile.write(Array(bytes[..<length]), to: path)
      let complete = max(0, bytes[..<length].count { $0 == newline } - 1)
      do {
        let journal = try Journal(path: path, configuration: Configuration())
        #expect(Self.isSame(journal.records, Array(Self.records.prefix(complete))))
        for record in Self.records.dropFirst(complete) { try journal.append(record) }
      }
      #expect(try FileBytes.read(path) == bytes, "cut off at \(length)")
    }
  }

  @Test func damagedRecordsAreDroppedAndOthersKept() throws {
    let path = try temporaryPath("points.journal")
    let bytes = try Self.fill(path)
    let headerLength = try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 1
    for index in headerLength..<bytes.count {
      var damaged = bytes
      damaged[index] ^= 1
      try AtomicFile.write(damaged, to: path)
      let journal = try Journal(path: path, configuration: Configuration())
      #expect((1...2).contains(journal.records.count), "damaged at \(index)")
      for record in journal.records {
        #expect(Self.records.contains { Self.isSame([$0], [record]) })
      }
    }
  }

  @Test func otherConfigurationIsToldApart() throws {
    let path = try temporaryPath("points.journal")
    let bytes = try Self.fill(path)
    let error = #expect(throws: ArtifactError.self) {
      try Journal(path: path, configuration: Configuration(seed: 8))
    }
    #expect(
      error?.description == "\(path): belongs to a run with other settings "
        + "(seed: 7 there, 8 now); choose another folder or remove this file")
    #expect(try FileBytes.read(path) == bytes)
  }

  @Test func otherFilesAreLeftAlone() throws {
    let path = try temporaryPath("notes.txt")
    for text in ["my notes", "my notes\n", String(repeating: "long notes ", count: 50)] {
      try AtomicFile.write(text, to: path)
      #expect(throws: ArtifactError.self) {
        try Journal(path: path, configuration: Configuration())
      }
      #expect(try FileBytes.read(path) == Array(text.utf8))
    }
  }

  @Test func oneHolderAtATime() throws {
    let path = try temporaryPath("points.journal")
    let first = try Journal(path: path, configuration: Configuration())
    let error = #expect(throws: ArtifactError.self) {
      try Journal(path: path, configuration: Configuration())
    }
    #expect(error?.description.contains("another process is working on it") == true)
    try first.append(Self.records[0])
  }
}
