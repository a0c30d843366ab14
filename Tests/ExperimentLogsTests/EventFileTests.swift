import ExperimentLogs
import FileFormats
import Foundation
import TestSupport
import Testing

@Suite struct EventFileTests {
  private static let date = Date(timeIntervalSince1970: 1_732_645_338.5)
  /// Signature and `IHDR` of an RGB picture of 3 x 2 pixels.
  private static let png = bytes(
    "89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d")
  private static let entries = [
    EventEntry(tag: "hessian/lambda1", step: 20, content: .scalar(53.25)),
    EventEntry(
      tag: "hessian/spectrum", step: 20, content: .image(png), description: "a picture"),
  ]

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  /// Check value of the catalogue of CRCs, and the examples of RFC 3720, appendix B.4.
  @Test func theChecksumIsCastagnolis() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// What `RecordWriter` and the messages of TensorBoard 2.21 make of the same events.
  @Test func filesAreThoseOfTensorBoard() throws {
    let expected = Self.bytes(
      "1800000000000000a37f4b22090000a07684d1d9411a0d627261696e2e4576656e743a324f994e2c2500000000000000eabc36f3"
        + "090000a07684d1d94110142a180a160a0f6865737369616e2f6c616d626461311500005542377452c259000000000000008a1d"
        + "65b6090000a07684d1d94110142a4c0a4a0a106865737369616e2f737065637472756d2229080210031803222189504e470d0a"
        + "1a0a0000000d49484452000000030000000208020000001216f14d4a0b1a09612070696374757265c8132590"
    )
    #expect(try EventFile.contents(Self.entries, date: Self.date) == expected)
  }

  /// TensorBoard reads the files of a folder in the order of their names, and does not come back.
  @Test func aFileComesBehindAllOthersOfItsFolder() throws {
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "logs").path
      let first = try EventFile.write(Self.entries, to: place, date: Self.date)
      let second = try EventFile.write([], to: place, date: Self.date)
      let other = place + "/events.out.tfevents.1800000000.host.7.0"
      try Data().write(to: URL(filePath: other))
      let third = try EventFile.write([], to: place, date: Self.date)
      #expect([first, second, other, third] == [first, second, other, third].sorted())
      let names = try FileManager.default.contentsOfDirectory(atPath: place)
      #expect(Set(names.map { "\(place)/\($0)" }) == [first, second, other, third])
    }
  }

  @Test func timesInNamesOfOthersDoNotOverflow() throws {
    try withTemporaryFolder { folder in
      for name in ["\(Int.max)", "99999999999999999999999", "", "x", "-5", "٣"] {
        let path = folder.appending(path: "events.out.tfevents.\(name)")
        try Data().write(to: path)
      }
      let path = try EventFile.write([], to: folder.path, date: Self.date)
      #expect(path.hasSuffix("events.out.tfevents.1732645338.basin"))
    }
  }

  @Test func whatCannotBeWrittenIsAnErrorOfOneLine() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      let error = #expect(throws: FileFormatError.self) { try EventFile.write([], to: file) }
      #expect(error?.description.hasPrefix(file) == true)
      for damaged in [[], Array(Self.png.prefix(20)), [UInt8](repeating: 0, count: 40)] {
        let entry = EventEntry(tag: "figure", step: 0, content: .image(damaged))
        let error = #expect(throws: FileFormatError.self) {
          try EventFile.write([entry], to: folder.path)
        }
        #expect(error?.reason == .malformed)
      }
    }
  }
}
