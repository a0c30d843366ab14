import FileFormats
import Testing
import HDF5Files

@Suite struct HDF5Tests {
  private func open() throws -> HDF5File {
    try HDF5File(path: "\(Fixture.folder)/arrays.h5")
  }

  private func message(_ name: String) throws -> String {
    do {
      _ = try open().array(name)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func arraysOfH5pyHaveTheirValuesInEitherByteOrder() throws {
    let file = try open()
    let table = try file.array("float32")
    #expect(table.type == .float32 && table.shape == [2, 3])
    #expect(table.floats() == [1, 2, 3, 4, 5, 6])
    let big = try file.array("float64-big").doubles()
    #expect(big[0] == 0.5 && big[1].isNaN && big[2] == .infinity && big[3] == -1e300)
    #expect(try file.array("int32").integers() == [-1, 2])
    #expect(try file.array("int64-big").integers() == [-(1 << 40), 7])
    let scalar = try file.array("scalar")
    #expect(scalar.shape == [] && scalar.doubles() == [2.5])
    #expect(try file.array("empty").shape == [0, 3])
    #expect(try file.text("text") == "na\u{EF}ve")
    #expect(try file.text("fixed") == "fixed")
    #expect(try file.names(in: "group") == ["0", "1"])
    #expect(try file.array("group/1").doubles() == [2, 3])
    #expect(try file.names(in: "strange") == ["here"])
    #expect(try file.array("strange/here").doubles() == [1])
  }

  @Test func theNewestFormIsReadAsFarAsNamesLieInHeaders() throws {
    let file = try HDF5File(path: "\(Fixture.folder)/latest.h5")
    #expect(try file.names() == ["float64", "group", "many", "text"])
    #expect(try file.array("float64").doubles() == [1.5, -2.5])
    #expect(try file.text("text") == "latest")
    #expect(try file.array("group/0").floats() == [3])
    #expect {
      try file.names(in: "many")
    } throws: {
      "\($0)".contains("h5repack")
    }
  }

  @Test func whatDoesNotLieInTheFileAsItIsIsRefusedInOneLine() throws {
    for (name, text) in [
      ("compressed", "compressed"), ("announced", "larger than the file"),
      ("chunks", "stored in parts"), ("chunked", "stored in parts"), ("outside", "another file"),
      ("virtual", "stored in parts"), ("strange/elsewhere", "has no 'strange/elsewhere'"),
      ("soft", "has no 'soft'"),
      ("missing", "has no 'missing', but"), ("int16", "32- nor 64-bit"), ("null", "no extents"),
      ("text", "32- nor 64-bit"), ("group", "not an array"), ("group/2", "has no 'group/2'"),
      ("float32/x", "is not a group"), ("", ""),
    ] {
      let found = try message(name)
      #expect(found.hasPrefix("HDF5 file: ") && found.contains(text), "\(name): \(found)")
      #expect(!found.contains("\n"))
    }
    let file = try open()
    #expect(throws: FileFormatError.self) { try file.text("texts") }
    #expect(throws: FileFormatError.self) { try file.text("int32") }
    #expect(throws: FileFormatError.self) { try file.names(in: "int32") }
  }

  private func written() throws -> [UInt8] {
    var writer = HDF5Writer()
    writer.add("x", NumericArray([1.5, .nan, -.infinity] as [Double]))
    writer.add("group/sub/0", NumericArray([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 1, 2]))
    writer.add("count", NumericArray([7], shape: []))
    writer.add("name", text: "\u{3BB}\n")
    return try writer.bytes
  }

  @Test func whatIsWrittenIsReadWithTheSameBits() throws {
    let bytes = try written()
    #expect(try written() == bytes)
    let file = try HDF5File(bytes)
    let x = try file.array("x").doubles()
    #expect(x[0] == 1.5 && x[1].isNaN && x[2] == -.infinity)
    let table = try file.array("group/sub/0")
    #expect(table.shape == [3, 1, 2] && table.floats() == [1, 2, 3, 4, 5, 6])
    #expect(try file.array("count").integers() == [7])
    #expect(try file.text("name") == "\u{3BB}\n")
    #expect(try file.names() == ["count", "group", "name", "x"])
  }

  @Test func namesThatAreThereTwiceAreRefused() {
    var writer = HDF5Writer()
    writer.add("x", NumericArray([1.0]))
    writer.add("x", NumericArray([2.0]))
    #expect(throws: FileFormatError.self) { try writer.bytes }
  }

  @Test(arguments: ["written", "arrays.h5", "latest.h5"])
  func damagedFilesEndInAnError(name: String) throws {
    let bytes = name == "written" ? try written() : try Fixture.bytes(name)
    forEachDamage(bytes, step: name == "written" ? 31 : 211) { bytes in
      guard let file = try? HDF5File(bytes) else { return }
      for name in (try? file.names()) ?? [] {
        _ = try? file.array(name)
        _ = try? file.text(name)
        for inner in ((try? file.names(in: name)) ?? []).prefix(3) {
          _ = try? file.array("\(name)/\(inner)")
        }
      }
    }
  }

  @Test func headersAndTreesThatNameThemselvesEnd() throws {
    // Every address of a structure becomes that of another one.
    let bytes = try written()
    let places = (0..<bytes.count - 8).filter { place in
      let value = bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      return value > 0 && value < bytes.count && value % 8 == 0
    }
    for place in places.prefix(40) {
      for target in stride(from: 0, to: bytes.count, by: 456) {
        var damaged = bytes
        for byte in 0..<8 {
          damaged[place + byte] = UInt8(truncatingIfNeeded: target >> (8 * byte))
        }
        guard let file = try? HDF5File(damaged) else { continue }
        for name in (try? file.names()) ?? [] {
          _ = try? file.array(name)
          _ = try? file.names(in: name)
        }
      }
    }
  }
}
