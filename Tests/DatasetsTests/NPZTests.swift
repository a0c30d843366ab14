import FileFormats
import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct NPZTests {
  private func open(
    _ arrays: [(String, NumericArray)], _ split: DatasetSplit = .train
  ) throws -> Dataset {
    let folder = try TemporaryFolder()
    let path = try folder.write("shapes.npz", try Files.npz(arrays))
    return try DatasetCatalog.open(path, split: split)
  }

  private func bytes(_ shape: [Int]) -> NumericArray {
    let count = shape.reduce(1, *)
    return NumericArray((0..<count).map { UInt8($0 % 251) }, shape: shape)
  }

  private let two = NumericArray([1, 0])

  @Test func axesAreRecognisedByTheDocumentedRule() throws {
    let cases: [(shape: [Int], channels: Int, height: Int, width: Int, isLast: Bool)] = [
      ([2, 4, 5], 1, 4, 5, false), ([2, 3, 4, 5], 3, 4, 5, false), ([2, 4, 5, 3], 3, 4, 5, true),
      ([2, 1, 4, 5], 1, 4, 5, false), ([2, 4, 5, 1], 1, 4, 5, true),
      ([2, 4, 8, 3], 3, 4, 8, true), ([2, 4, 8, 8], 4, 8, 8, false), ([2, 8, 8, 2], 2, 8, 8, true),
      ([2, 3, 8, 3], 3, 8, 3, false), ([2, 64], 1, 8, 8, false), ([2, 192], 3, 8, 8, false),
    ]
    for item in cases {
      let array = bytes(item.shape)
      let data = try open([("x", array), ("y", two)])
      let shape = ImageShape(channels: item.channels, height: item.height, width: item.width)
      #expect(data.shape == shape, "\(item.shape)")
      let values = try data.bytes()
      #expect(data.pixels.white == 255)
      // One pixel whose place in the file is computed from the axes.
      let (c, h, w) = (item.channels - 1, 2, 1)
      let offset =
        item.isLast
        ? (item.height + h) * item.width * item.channels + w * item.channels + c
        : (item.channels + c) * item.height * item.width + h * item.width + w
      #expect(values[shape.count + (c * item.height + h) * item.width + w] == array.bytes[offset])
    }
    let error = datasetError { _ = try open([("x", bytes([2, 8, 8, 16])), ("y", two)]) }
    #expect(error?.reason == .shape && error?.detail.contains("[2, 8, 8, 16]") == true)
  }

  @Test func splitsHaveTheirNames() throws {
    let arrays: [(String, NumericArray)] = [
      ("x_train", bytes([2, 4, 4])), ("y_train", NumericArray([UInt8(0), 1])),
      ("x_test", bytes([3, 4, 4])), ("y_test", NumericArray([0, 5, 1], shape: [3, 1])),
    ]
    let training = try open(arrays)
    #expect(training.name == "shapes" && training.labels == [0, 1] && training.classCount == 6)
    #expect(try open(arrays, .test).labels == [0, 5, 1])
    let error = datasetError { _ = try open([("x", bytes([2, 4, 4])), ("y", two)], .test) }
    #expect(error?.reason == .noSuchSplit)
  }

  @Test func floatsAreUsedAsTheyAreAndIntegersArePixels() throws {
    let values: [Float] = [0, 0.25, -1, 7]
    let floats = try open([("x", NumericArray(values, shape: [2, 1, 2])), ("y", two)])
    #expect(try floats.floats() == values && floats.pixels.white == nil)
    let samples = try NormalizedDataset(floats, .none).samples
    #expect(try samples.values(of: samples.inputs[0]) == values)
    let integers = try open([("x", NumericArray([0, 255, 3, 4], shape: [2, 1, 2])), ("y", two)])
    #expect(try integers.bytes() == [0, 255, 3, 4] && integers.pixels.white == 255)
  }

  @Test func badArraysAreNamed() throws {
    func reason(_ x: NumericArray, _ y: NumericArray?) -> DatasetError.Reason? {
      datasetError { _ = try open([("x", x)] + (y.map { [("y", $0)] } ?? [])) }?.reason
    }
    let x = bytes([2, 4, 4])
    #expect(reason(x, two) == nil)
    #expect(reason(x, nil) == .malformed)
    #expect(reason(x, NumericArray([1, 0, 1])) == .shape)
    #expect(reason(x, NumericArray([1, 0], shape: [1, 2])) == .shape)
    #expect(reason(x, NumericArray([1.5, 0])) == .label)
    #expect(reason(x, NumericArray([-1, 0])) == .label)
    #expect(reason(x, NumericArray([70_000, 0])) == .label)
    #expect(reason(bytes([2, 16]), two) == .shape)
    #expect(reason(bytes([0, 4, 4]), NumericArray([Int]())) == .empty)
    #expect(reason(NumericArray([256, 0], shape: [2, 1, 1]), two) == .malformed)
    #expect(reason(NumericArray([Float.infinity, 0], shape: [2, 1, 1]), two) == .malformed)
    let error = datasetError { _ = try open([("pictures", x)]) }
    #expect(error?.reason == .unrecognised && error?.detail.contains("'pictures'") == true)
  }
}
