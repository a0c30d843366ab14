import FileFormats
import Testing

@Suite struct HostilePickleTests {
  @Test(arguments: [
    "cposix\nsystem\n(S'true'\ntR.", "(S'true'\niposix\nsystem\n.", "(cposix\nsystem\nS'x'\no.",
    "(lcposix\nsystem\n0.", "\u{5D}cposix\nsystem\na.",
  ])
  func globalsOutsideTheListAreNamed(program: String) {
    let error = #expect(throws: FileFormatError.self) {
      try Pickle.parse(Array(program.utf8), globals: .numpy)
    }
    #expect(error?.reason == .refusedGlobal("posix.system"))
    #expect(error?.description.contains("'posix.system'") == true)
  }

  @Test func stackGlobalsOutsideTheListAreNamed() {
    let bytes: [UInt8] =
      [0x80, 4, 0x8C, 8] + Array("builtins".utf8) + [0x8C, 4] + Array("eval".utf8) + [0x93]
      + Array(".".utf8)
    let error = #expect(throws: FileFormatError.self) {
      try Pickle.parse(bytes, globals: .numpy)
    }
    #expect(error?.reason == .refusedGlobal("builtins.eval"))
  }

  private static func object(_ program: String) throws -> PickleObject? {
    let policy = PickleGlobalPolicy { $0.module == "argparse" ? .allowed : .refused }
    let bytes = Array(program.unicodeScalars.map { UInt8($0.value) })
    let root = try Pickle.parse(bytes, globals: policy)
    if case .object(let object) = root { return object }
    Issue.record("is \(root.kind)")
    return nil
  }

  @Test func objectsInsideThemselvesAreOpaqueThere() throws {
    // n = Namespace(); n.__dict__ = {'a': 1, 'n': n}
    let object = try Self.object(
      "cargparse\nNamespace\n)\u{81}q\u{0}}S'a'\nI1\nsS'n'\nh\u{0}sb.")
    #expect(object?.state?["a"]?.integer == 1)
    guard case .opaque(let global)? = object?.state?["n"] else {
      Issue.record("is \(object?.state?["n"]?.kind ?? "nothing")")
      return
    }
    #expect(global.description == "argparse.Namespace")
  }

  @Test func classesMayBeReferences() throws {
    // The class is the reference ("module", Namespace, "file", "source").
    let object = try Self.object(
      "(S'module'\ncargparse\nNamespace\nS'file'\nS'source'\ntQ)\u{81}}S'a'\nI1\nsb.")
    #expect(object?.callable.description == "argparse.Namespace")
    #expect(object?.reference?.elements?.compactMap(\.text) == ["module", "file", "source"])
    #expect(object?.state?["a"]?.integer == 1)
  }

  @Test func cyclesAreErrors() {
    // l = []; l.append(l)
    let error = #expect(throws: FileFormatError.self) {
      try Pickle.parse(Array("]q\u{0}h\u{0}a.".utf8), globals: .plain)
    }
    #expect(error?.description.contains("contains itself") == true)
  }

  @Test func deepNestingIsAnError() {
    let depth = 100_000
    let program = String(repeating: "]", count: depth) + String(repeating: "a", count: depth - 1)
    let error = #expect(throws: FileFormatError.self) {
      try Pickle.parse(Array((program + ".").utf8), globals: .plain)
    }
    #expect(error?.description.contains("deep") == true)
  }

  @Test func sharedValuesDoNotMultiply() throws {
    // 100 lists, each holding the one before it twice: 2 to the 100 leaves if expanded.
    var program = "]q\u{0}"
    for _ in 0..<100 { program += "](h\u{0}h\u{0}eq\u{0}" }
    let root = try Pickle.parse(Array((program + ".").utf8), globals: .plain)
    #expect(root.elements?.count == 2)
  }

  @Test func announcedLengthsAreNotAllocated() {
    let longString: [UInt8] = [0x8D] + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
    let longBytes: [UInt8] = [0x42, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2]
    let negative: [UInt8] = [0x54, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2]
    let negativeLong: [UInt8] = [0x8B, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2]
    for bytes in [longString, longBytes, negative, negativeLong] {
      #expect(throws: FileFormatError.self) { try Pickle.parse(bytes, globals: .plain) }
    }
  }

  @Test(arguments: [
    ".", "0.", "1.", "2.", "a.", "e.", "s.", "u.", "t.", "(.", "(0.", "]S'a'\ns.", "I1\nI2\na.",
    "(I1\nd.", "h\u{5}.", "p-1\n.", "R.", "I1\nI2\nR.", "b.", "Q.", "\u{7F}", "(I1\no.",
    "F1.2.3\n.", "Vab\\u12\n.", "S'abc\n.", "I1e5\n.", "cno line", "Lx\n.", "K\u{1}h\u{1}.",
  ])
  func invalidProgramsAreErrors(program: String) {
    #expect(throws: FileFormatError.self) {
      try Pickle.parse(Array(program.utf8), globals: .plain)
    }
  }
}
