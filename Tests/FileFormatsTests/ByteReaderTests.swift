import FileFormats
import Testing

@Suite struct ByteReaderTests {
  @Test func readsBothByteOrders() throws {
    var reader = ByteReader([1, 2, 3, 4, 0xFF, 0xFE, 9], format: "test")
    #expect(try reader.integer(UInt16.self) == 0x0201)
    #expect(try reader.integer(UInt16.self, .big) == 0x0304)
    #expect(try reader.integer(Int16.self, .big) == -2)
    #expect(reader.remaining == 1)
    #expect(try reader.byte() == 9)
  }

  @Test func readsOfASliceStartAtItsStart() throws {
    let bytes: [UInt8] = [9, 9, 1, 0, 5, 10, 7]
    var reader = ByteReader(bytes[2...], format: "test")
    #expect(try reader.integer(UInt16.self) == 1)
    #expect(try Array(reader.line()) == [5])
    try reader.seek(to: 4)
    #expect(try reader.byte() == 7)
  }

  @Test func refusesToReadPastTheEnd() {
    var reader = ByteReader([1, 2, 3], format: "test")
    #expect(throws: FileFormatError.self) { try reader.integer(UInt32.self) }
    #expect(throws: FileFormatError.self) { try reader.bytes(-1) }
    #expect(throws: FileFormatError.self) { try reader.bytes(Int.max) }
    #expect(throws: FileFormatError.self) { try reader.seek(to: 4) }
    #expect(throws: FileFormatError.self) { try reader.line() }
    #expect(reader.position == 0)
  }

  @Test func lengthsBeyondIntAreErrors() {
    var reader = ByteReader([UInt8](repeating: 0xFF, count: 8), format: "test")
    #expect(throws: FileFormatError.self) { try reader.length64() }
  }
}
