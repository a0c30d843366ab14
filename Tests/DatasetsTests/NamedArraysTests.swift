@testable import Datasets
import FileFormats
import Foundation
import TestSupport
import Testing

/// Arrays of any shape under the names of inputs and targets.
@Suite struct NamedArraysTests {
  private typealias Arrays = [(name: String, array: NumericArray)]

  private func npz(_ arrays: Arrays) throws -> String {
    var writer = NPZWriter()
    for (name, array) in arrays { writer.add(name, array) }
    let path = try temporaryPath("data.npz")
    try writer.write(to: path)
    return path
  }

  private func safetensors(_ arrays: Arrays) throws -> String {
    let path = try temporaryPath("data.safetensors")
    try Data(
      Safetensors(tensors: arrays.map { .init(name: $0.name, array: $0.array) }).encoded()
    ).write(to: URL(filePath: path))
    return path
  }

  private func open(_ path: String, _ split: DatasetSplit = .train) throws -> ArrayDataset {
    guard case .arrays(let data) = try DatasetCatalog.openData(path, split: split) else {
      throw DatasetError(.unrecognised, path, "holds images")
    }
    return data
  }

  private func message(_ arrays: Arrays, _ split: DatasetSplit = .train) throws -> String {
    let path = try npz(arrays)
    do {
      _ = try open(path, split)
      return ""
    } catch let error as DatasetError {
      #expect(error.subject == path)
      return error.detail
    }
  }

  private let table = NumericArray([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])
  private let numbers = NumericArray([0.5, -1, 2] as [Double])

  @Test func namesSayWhatArraysAre() throws {
    for (target, weight) in [
      ("target", "weight"), ("targets", "weights"), ("y", "weight"), ("label", "weight"),
    ] {
      let arrays = [("x", table), (target, numbers), (weight, NumericArray([1, 0, 2] as [Int]))]
      for path in [try npz(arrays), try safetensors(arrays)] {
        let samples = try open(path).samples
        #expect(samples.count == 3 && samples.inputs.map(\.name) == ["x"])
        #expect(try samples.values(of: samples.inputs[0]) == [1, 2, 3, 4, 5, 6])
        #expect(samples.target?.name == target && samples.target?.isInteger == false)
        #expect(try samples.target.map { try samples.values(of: $0) } == [0.5, -1, 2])
        #expect(try samples.weights.map { try samples.values(of: $0) } == [1, 0, 2])
      }
    }
  }

  /// Whole numbers mean classes and tokens, whatever their size in the file.
  @Test func everyTypeOfNumberIsRead() throws {
    func array(_ type: ScalarType) throws -> NumericArray {
      let bytes: [UInt8] =
        switch type {
        case .float16: [0x00, 0x3C, 0x00, 0x40]
        case .bfloat16: [0x80, 0x3F, 0x00, 0x40]
        case .float32: [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
        case .float64: [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40]
        case .bool: [1, 0]
        default:
          [1, 2].flatMap { [UInt8($0)] + [UInt8](repeating: 0, count: type.size - 1) }
        }
      return try NumericArray(type: type, shape: [2], bytes: bytes, format: "test")
    }
    for type in ScalarType.allCases {
      // NumPy has no bfloat16.
      let arrays = [("x", try array(type)), ("y", try array(type))]
      let samples = try open(safetensors(arrays)).samples
      let isWhole = !type.isFloatingPoint && type != .bool
      for array in [samples.inputs.first, samples.target].compactMap(\.self) {
        #expect(array.isInteger == isWhole, "\(type)")
        #expect(try samples.values(of: array) == (type == .bool ? [1, 0] : [1, 2]), "\(type)")
      }
    }
  }

  @Test func splitsAreEndingsOfNames() throws {
    let path = try npz([
      ("x_train", table), ("y_train", numbers),
      ("x_test", NumericArray([7, 8] as [Float], shape: [1, 2])),
      ("y_test", NumericArray([9] as [Float])),
    ])
    #expect(try open(path).samples.count == 3)
    let test = try open(path, .test).samples
    #expect(try test.values(of: test.inputs[0]) == [7, 8])
    #expect(
      try message([("x", table), ("y", numbers)], .test)
        == "named arrays without a test split; it has train")
  }

  @Test func wholeNumbersOfOneColumnAreOneClassEach() throws {
    let classes = NumericArray([2, 0, 1] as [Int], shape: [3, 1])
    let data = try open(npz([("x", table), ("y", classes)]))
    let target = try #require(data.samples.target)
    #expect(target.shape == [] && target.isInteger)
    #expect(try data.bound(of: target) == 3)
    #expect(!data.hasTokens)
  }

  @Test func tokensAreWholeNumbersWithATargetEach() throws {
    let tokens = NumericArray([0, 5, 2, 1] as [Int], shape: [2, 2])
    let next = NumericArray([5, -100, 1, 0] as [Int], shape: [2, 2])
    let data = try open(npz([("tokens", tokens), ("target", next)]))
    #expect(data.hasTokens)
    #expect(try data.bound(of: data.samples.inputs[0]) == 6)
    let classes = try open(npz([("tokens", tokens), ("target", NumericArray([0, 1] as [Int]))]))
    #expect(!classes.hasTokens)
  }

  @Test func whatCannotBeUsedIsSaid() throws {
    let nan = NumericArray([1, .nan, 2] as [Float])
    let cases: [(arrays: Arrays, message: String)] = [
      ([("y", numbers)], "has no input array beside the target; save one, like x or tokens"),
      (
        [("x", table), ("y", numbers), ("label", numbers)],
        "has label and y, which mean the same; keep one of them"
      ),
      (
        [("x", table), ("x_train", table), ("y", numbers)],
        "has 'x' and 'x_train', which mean the same; keep one of them"
      ),
      (
        [("x", table), ("y", NumericArray([1, 2] as [Float]))],
        "'y' has shape [2], not 3 samples along its first axis"
      ),
      (
        [("x", table), ("y", nan)],
        "sample 1 of 'y' is not finite; remove or repair such samples"
      ),
      (
        [
          ("x", NumericArray([1, 2, 3, 4, .infinity, 6] as [Float], shape: [3, 2])), ("y", numbers),
        ],
        "sample 2 of 'x' is not finite; remove or repair such samples"
      ),
      (
        [("x", table), ("y", NumericArray([1, 1e300, 2] as [Double]))],
        "sample 1 of 'y' is not finite; remove or repair such samples"
      ),
      (
        [("x", table), ("y", NumericArray([1, 1 << 25, 2] as [Int]))],
        "sample 1 of 'y' holds a number beyond 2^24, where numbers in single precision have gaps; "
          + "save it as float"
      ),
      (
        [("x", table), ("y", numbers), ("weight", NumericArray([1, -2, 1] as [Float]))],
        "'weight' holds -2.0; weights are 0 or more"
      ),
      (
        [("x", table), ("y", numbers), ("weight", nan)],
        "sample 1 of 'weight' is not finite; remove or repair such samples"
      ),
      (
        [("x", NumericArray([] as [Float], shape: [0, 2])), ("y", numbers)],
        "'x' has shape [0, 2], without any sample"
      ),
      (
        [("x", NumericArray([] as [Float], shape: [3, 0])), ("y", numbers)],
        "'x' has shape [3, 0], without any value"
      ),
      (
        [("x", NumericArray([1] as [Float], shape: [])), ("y", numbers)],
        "'x' has shape [], without any sample"
      ),
      ([], "has no arrays; save inputs and target by name"),
    ]
    for (arrays, expected) in cases {
      let text = try message(arrays.sorted { $0.name < $1.name })
      #expect(text == expected)
    }
  }

  @Test func descriptionsNameArraysTypesAndRanges() throws {
    let tokens = NumericArray([0, 5, 2, 1] as [UInt8], shape: [2, 2])
    let next = NumericArray([5, -100, 1, -100] as [Int], shape: [2, 2])
    let path = try npz([
      ("tokens", tokens), ("target", next), ("weight", NumericArray([1, 0.5] as [Double])),
    ])
    let description = try FoundData(path).description()
    let digest = try open(path).digest()
    #expect(
      description.description == """
        \(path): named arrays
          train: 2 samples, sha256 \(digest)
            input tokens: uint8 [2] per sample, 0 to 5
            target target: int64 [2] per sample, 1 to 5, 2 of -100 do not count
            weights weight: float64 [] per sample, 0.5 to 1
        """)
    guard case .arrays(let arrays) = description else {
      Issue.record("no arrays")
      return
    }
    let json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(description)) as? [String: Any])
    #expect(json["kind"] as? String == "named arrays")
    #expect(arrays.splits[0].arrays.map(\.ignored) == [nil, 2, nil])
  }
}
