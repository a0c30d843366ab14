import FileFormats
import TestSupport
import Testing

@Suite struct NPYTests {
  @Test(arguments: ["stored.npz", "deflated.npz"])
  func arraysOfNumPyAreRead(name: String) throws {
    let file = try NPZFile(try Fixture.bytes(name))
    #expect(
      file.names == [
        "matrix", "fortran", "bigendian", "flags", "half", "scalar", "empty", "bytes", "text",
      ])
    let matrix = try file.array("matrix")
    #expect(matrix.shape == [2, 3])
    #expect(matrix.floats() == [0, 0.25, 0.5, 0.75, 1, 1.25])
    let fortran = try file.array("fortran")
    #expect(fortran.shape == [2, 3, 4])
    #expect(fortran.doubles() == (0..<24).map { Double($0) })
    #expect(try file.array("bigendian").integers() == [-2, -1, 0, 1, 2])
    #expect(try file.array("flags").type == .bool)
    #expect(try file.array("flags").integers() == [1, 0, 1])
    #expect(try file.array("half").floats() == [0.5, -2, .infinity])
    #expect(try file.array("half").integers() == nil)
    #expect(try file.array("scalar").shape == [])
    #expect(try file.array("scalar").integers() == [3])
    #expect(try file.array("empty").shape == [0, 4])
    #expect(try file.array("bytes").floats() == [1, 255])
  }

  @Test func unreadableTypesAndMissingNamesAreNamed() throws {
    let file = try NPZFile(try Fixture.bytes("stored.npz"), path: "a.npz")
    let text = #expect(throws: FileFormatError.self) { try file.array("text") }
    #expect(
      text?.description == "a.npz: NPZ file, array 'text': holds text ('<U2'); save numbers in its "
        + "place, those of classes with numpy.unique(names, return_inverse=True)[1]")
    let missing = #expect(throws: FileFormatError.self) { try file.array("other") }
    #expect(missing?.description.contains("'matrix'") == true)
  }

  @Test func secondFormatVersionIsRead() throws {
    let array = try NPY.decode(try Fixture.bytes("version2.npy")[...])
    #expect(array.shape == [2, 3])
  }

  @Test func writtenArraysAreReadBack() throws {
    let arrays = [
      NumericArray([1.5, -.infinity, .nan] as [Float]),
      NumericArray([0.1, -0.0] as [Double], shape: [2, 1]),
      NumericArray([Int.min, Int.max], shape: [1, 2]),
      NumericArray([7] as [UInt8], shape: []),
      NumericArray([] as [Float], shape: [0, 3]),
    ]
    var writer = NPZWriter(isCompressed: true)
    for (index, array) in arrays.enumerated() {
      let bytes = NPY.encode(array)
      #expect((bytes.count - array.bytes.count).isMultiple(of: 64))
      #expect(try NPY.decode(bytes[...]) == array)
      writer.add("array\(index)", array)
    }
    let path = try temporaryPath("arrays.npz")
    try writer.write(to: path)
    let file = try NPZFile(path: path)
    for (index, array) in arrays.enumerated() {
      #expect(try file.array("array\(index)") == array)
    }
  }

  /// Rows larger and smaller than the block that a file is written in.
  @Test(arguments: [3, 200_000]) func rowsMadeOnDemandAreWrittenAsWholeArrays(columns: Int) throws {
    let rows = (0..<4).map { row in (0..<columns).map { Float($0 * 7 + row) } }
    var whole = NPZWriter()
    whole.add("first", NumericArray([1.5] as [Float]))
    whole.add("rows", NumericArray(rows.flatMap(\.self), shape: [4, columns]))
    var streamed = NPZWriter()
    streamed.add("first", NumericArray([1.5] as [Float]))
    streamed.add("rows", type: .float32, shape: [4, columns]) { NumericArray(rows[$0]) }
    let path = try temporaryPath("rows.npz")
    try streamed.write(to: path)
    #expect(try FileBytes.read(path) == whole.finished())
    #expect(try streamed.finished() == whole.finished())
  }

  @Test func bytesEqualThoseOfNumPy() throws {
    let array = NumericArray([0, 0.25, 0.5, 0.75, 1, 1.25] as [Float], shape: [2, 3])
    let archive = try ZipArchive(try Fixture.bytes("stored.npz"))
    #expect(try NPY.encode(array) == Array(archive.contents(named: "matrix.npy")))
  }

  @Test func hugeShapesAreErrors() throws {
    for shape in ["(9223372036854775807, 4)", "(0, 9223372036854775807, 9)", "(99999,)"] {
      let header = "{'descr': '<f8', 'fortran_order': True, 'shape': \(shape)}\n"
      var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
      bytes.append(littleEndian: UInt16(header.utf8.count))
      bytes += Array(header.utf8)
      #expect(throws: FileFormatError.self) { try NPY.decode(bytes[...]) }
    }
  }

  @Test func damageIsAnErrorOrHarmless() throws {
    try forEachDamage(try Fixture.bytes("version2.npy")) { _ = try NPY.decode($0[...]) }
  }
}

@Suite struct NumericArrayTests {
  @Test func everyTypeIsConverted() throws {
    let cases: [(ScalarType, [UInt8], Float)] = [
      (.float16, [0x00, 0xC0], -2), (.bfloat16, [0x80, 0x3F], 1), (.float32, [0, 0, 0, 0x3F], 0.5),
      (.float64, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], 1), (.uint8, [200], 200), (.int8, [200], -56),
      (.uint16, [0xFF, 0xFF], 65535), (.int16, [0xFF, 0xFF], -1),
      (.uint32, [2, 0, 0, 0], 2), (.int32, [0xFE, 0xFF, 0xFF, 0xFF], -2),
      (.uint64, [3, 0, 0, 0, 0, 0, 0, 0], 3), (.int64, [4, 0, 0, 0, 0, 0, 0, 0], 4),
      (.bool, [1], 1),
    ]
    #expect(cases.count == ScalarType.allCases.count)
    for (type, bytes, value) in cases {
      let array = try NumericArray(type: type, shape: [], bytes: bytes, format: "test")
      #expect(array.floats() == [value], "\(type)")
      #expect(array.doubles() == [Double(value)], "\(type)")
      #expect(array.integers() == Int(exactly: value).map { [$0] }, "\(type)")
    }
  }

  @Test func integersThatDoNotFitAreRefused() throws {
    let bytes = [UInt8](repeating: 0xFF, count: 8)
    let array = try NumericArray(type: .uint64, shape: [], bytes: bytes, format: "test")
    #expect(array.integers() == nil)
  }
}
