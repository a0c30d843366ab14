import FileFormats
import Testing

@testable import Checkpoints

/// Tensors whose description and storage contradict each other.
@Suite struct HostileTensorTests {
  /// A legacy file with one tensor "w" on a storage of 4 floats.
  static func file(
    shape: [Int] = [4], strides: [Int] = [1], offset: Int = 0, count: Int = 4,
    storedCount: Int? = nil, storageClass: String = "torch\nFloatStorage", repeats: Int = 1
  ) -> [UInt8] {
    func tuple(_ values: [Int]) -> String { "(" + values.map { "L\($0)L\n" }.joined() + "t" }
    let storage = "(S'storage'\nc\(storageClass)\nS'0'\nS'cpu'\nI\(count)\ntQ"
    let call =
      "ctorch._utils\n_rebuild_tensor_v2\n(\(storage)I\(offset)\n\(tuple(shape))\(tuple(strides))"
      + "I00\n)tR"
    var bytes: [UInt8] =
      [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
      + Array(".I1001\n.(d.".utf8)
    bytes += Array("(".utf8)
    for index in 0..<repeats { bytes += Array("S'w\(index)'\n\(call)".utf8) }
    bytes += Array("d.(S'0'\nl.".utf8)
    bytes.append(littleEndian: storedCount ?? count)
    for value: Float in [1, 2, 3, 4] { bytes.append(littleEndian: value.bitPattern) }
    return bytes
  }

  @Test func wellFormedFileIsRead() throws {
    let contents = try CheckpointFile.read(Self.file(), path: "test")
    #expect(contents["w0"]?.floats() == [1, 2, 3, 4])
  }

  /// An axis of one element has no neighbours, so that its stride is any number: it was added and overflowed.
  @Test(arguments: [1 << 62, .max, 3])
  func strideOfAnAxisOfOneElementMeansNothing(stride: Int) throws {
    let bytes = Self.file(shape: [2, 1], strides: [2, stride])
    let tensor = try #require(try CheckpointFile.read(bytes, path: "test")["w0"])
    #expect(tensor.shape == [2, 1] && tensor.floats() == [1, 3])
  }

  @Test(arguments: [
    file(shape: [5]), file(offset: 1), file(offset: -1), file(offset: Int.max), file(shape: [-4]),
    file(shape: [2, 2], strides: [1]), file(strides: [-1]), file(strides: [2]),
    file(shape: [Int.max], strides: [Int.max]), file(shape: [Int.max, Int.max], strides: [1, 1]),
    file(shape: [0, Int.max, 3], strides: [1, 1, 1]), file(shape: [2, 2], strides: [Int.max, 1]),
    file(count: -1), file(count: Int.max), file(count: 5), file(count: 4, storedCount: 3),
    file(count: 4, storedCount: -1), file(count: 4, storedCount: Int.max),
    file(shape: [1 << 40], strides: [0]), file(shape: [1 << 20, 1 << 20], strides: [0, 0]),
    file(shape: [1 << 22], strides: [0], repeats: 5),
    file(storageClass: "torch\nComplexFloatStorage"), file(storageClass: "torch\nTensor"),
    file(storageClass: "torch.storage\nUntypedStorage"),
  ])
  func contradictionsAreErrors(bytes: [UInt8]) {
    #expect(throws: FileFormatError.self) { try CheckpointFile.read(bytes, path: "test") }
  }
}
