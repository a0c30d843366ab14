import FileFormats
import Testing

@Suite struct PickleTests {
  @Test(arguments: 0...5)
  func valuesOfEveryProtocolAreRead(version: Int) throws {
    let root = try Pickle.parse(try Fixture.bytes("values-\(version).pkl"), globals: .plain)
    guard case .none? = root["none"] else {
      Issue.record("none is \(root["none"]?.kind ?? "missing")")
      return
    }
    guard case .list(let flags)? = root["flags"], case .boolean(true) = flags[0],
      case .boolean(false) = flags[1]
    else {
      Issue.record("flags")
      return
    }
    #expect(
      root["integers"]?.elements?.map(\.integer) == [
        0, 1, 255, 256, 65535, 65536, -1, -129, 1 << 40, -(1 << 40), Int.max,
      ])
    guard case .tuple(let floats)? = root["floats"], case .float(0.5) = floats[0],
      case .float(-1e300) = floats[1]
    else {
      Issue.record("floats")
      return
    }
    #expect(root["text"]?.text == "na\u{EF}ve \u{1F600} it's\n")
    guard case .bytes(let bytes)? = root["bytes"] else {
      Issue.record("bytes is \(root["bytes"]?.kind ?? "missing")")
      return
    }
    #expect(Array(bytes) == [0, 0xFF, 0x0A])
    #expect(root["shared"]?.elements?.map { $0.elements?.map(\.integer) } == [[1, 2], [1, 2]])
    guard case .set(let set)? = root["set"], case .set(let frozen)? = root["frozen"] else {
      Issue.record("sets")
      return
    }
    #expect(set.map(\.integer) == [7])
    #expect(frozen.map(\.integer) == [8])
    #expect(
      root["nested"]?["a"]?["b"]?.elements?.map { $0.elements?.map(\.integer) }
        == [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]])
    #expect(root.pairs?.first { $0.key.integer == 5 }?.value.text == "integer key")
    if version >= 2 {
      guard case .bigInteger(let digits)? = root["big"] else {
        Issue.record("big is \(root["big"]?.kind ?? "missing")")
        return
      }
      #expect(digits == [0, 0, 0, 0, 0, 0, 0, 0, 0x40])
    }
  }

  @Test(arguments: 2...5)
  func numPyArraysAreRead(version: Int) throws {
    let root = try Pickle.parse(try Fixture.bytes("batch-\(version).pkl"), globals: .numpy)
    let pixels = try #require(root["data"])
    let data = try #require(try NumericArray(pickled: pixels))
    #expect(data.type == .uint8)
    #expect(data.shape == [2, 6])
    #expect(data.bytes == Array(0..<12))
    #expect(root["labels"]?.elements?.map(\.integer) == [3, 1])
    #expect(root["filenames"]?.elements?.map(\.text) == ["a.png", "b.png"])
    let fortran = try NumericArray(pickled: try #require(root["fortran"]))
    #expect(fortran?.floats() == [0, 1, 2, 3, 4, 5])
    #expect(fortran?.shape == [2, 3])
    let big = try NumericArray(pickled: try #require(root["big endian"]))
    #expect(big?.integers() == [0, 1, 2])
    let scalar = try NumericArray(pickled: try #require(root["scalar"]))
    #expect(scalar?.doubles() == [0.25])
    #expect(try NumericArray(pickled: .integer(1)) == nil)
  }

  @Test func pythonTwoStringsAreTextAndBytes() throws {
    // {'data': '\xff\x00'} as Python 2 writes it.
    let bytes: [UInt8] =
      [0x80, 2] + Array("}U".utf8) + [4] + Array("dataT".utf8) + [2, 0, 0, 0, 0xFF, 0]
      + Array("s.".utf8)
    let root = try Pickle.parse(bytes, globals: .plain)
    guard case .bytes(let data)? = root["data"] else {
      Issue.record("no data")
      return
    }
    #expect(Array(data) == [0xFF, 0])
    let literal = try Pickle.parse(Array("S'a\\x41\\n\\''\n.".utf8), globals: .plain)
    #expect(literal.text == "aA\n'")
  }

  @Test func consecutivePicklesAreReadOneByOne() throws {
    var reader = ByteReader(Array("I1\n.I2\n.".utf8), format: "test")
    #expect(try Pickle.parse(&reader, globals: .plain).integer == 1)
    #expect(try Pickle.parse(&reader, globals: .plain).integer == 2)
    #expect(reader.remaining == 0)
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try Fixture.bytes("batch-5.pkl")
    for length in 0..<bytes.count {
      #expect(throws: FileFormatError.self) {
        try Pickle.parse(bytes[..<length], globals: .numpy)
      }
    }
  }

  @Test(arguments: [
    "values-0.pkl", "values-1.pkl", "values-2.pkl", "values-5.pkl", "batch-2.pkl", "batch-5.pkl",
  ])
  func damageIsAnErrorOrHarmless(name: String) throws {
    try forEachDamage(try Fixture.bytes(name)) {
      let root = try Pickle.parse($0, globals: .numpy)
      for pair in root.pairs ?? [] { _ = try NumericArray(pickled: pair.value) }
    }
  }
}
