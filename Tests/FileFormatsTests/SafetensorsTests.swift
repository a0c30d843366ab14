import FileFormats
import Testing

@Suite struct SafetensorsTests {
  static let sample = Safetensors(
    tensors: [
      .init(name: "count", array: NumericArray([UInt8(3)], shape: [])),
      .init(name: "weight \"a\"", array: NumericArray([1.5, -2] as [Float], shape: [1, 2])),
      .init(name: "steps", array: NumericArray([7])),
    ],
    metadata: ["format": "pt", "note": "line\nbreak \u{E9}"])

  @Test func writtenTensorsAreReadBackWidestFirst() throws {
    let read = try Safetensors(try Self.sample.encoded())
    #expect(read.metadata == Self.sample.metadata)
    #expect(read.tensors.map(\.name) == ["steps", "weight \"a\"", "count"])
    for tensor in Self.sample.tensors { #expect(read.tensors.contains(tensor)) }
  }

  @Test func bytesAreDeterministicAndAligned() throws {
    let bytes = try Self.sample.encoded()
    #expect(try Self.sample.encoded() == bytes)
    var reader = ByteReader(bytes, format: "test")
    #expect(try reader.length64().isMultiple(of: 8))
    #expect(Safetensors.isSafetensors(bytes))
  }

  @Test func emptyTensorsAndEmptyFilesAreRead() throws {
    let empty = Safetensors(tensors: [.init(name: "e", array: NumericArray([] as [Float]))])
    #expect(try Safetensors(try empty.encoded()).tensors == empty.tensors)
    #expect(try Safetensors(try Safetensors(tensors: []).encoded()).tensors.isEmpty)
  }

  static func file(_ header: String, data: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(header.utf8.count))
    return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
    #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[]}}"#,
    #"{"a":{"dtype":"Q7","shape":[8],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"U8","shape":[9223372036854775807,9],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"U8","shape":[8.5],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"U8","shape":[1e99],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"U8"}}"#, #"[1]"#, #"{"a":"#, "",
  ])
  func contradictoryHeadersAreErrors(header: String) {
    let error = #expect(throws: FileFormatError.self) {
      try Safetensors(Self.file(header, data: 8))
    }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func deeplyNestedHeadersAreErrors() {
    let header = String(repeating: "[", count: 200_000)
    #expect(throws: FileFormatError.self) { try Safetensors(Self.file(header, data: 0)) }
  }

  @Test func sameNamesCannotBeWritten() {
    let tensor = Safetensors.Tensor(name: "a", array: NumericArray([1]))
    #expect(throws: FileFormatError.self) {
      try Safetensors(tensors: [tensor, tensor]).encoded()
    }
  }

  @Test func damageIsAnErrorOrHarmless() throws {
    try forEachDamage(try Self.sample.encoded()) { _ = try Safetensors($0) }
  }
}
