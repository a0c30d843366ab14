import FileFormats
import Testing

@testable import Checkpoints

/// Layers of plain NumPy programs.
@Suite struct PlainMatricesTests {
  private func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
    let count = shape.reduce(1, *)
    return StoredTensor(
      name: name, array: NumericArray((0..<count).map { Float($0) }, shape: shape))
  }

  @Test func matricesWithARowForEachInputAreTransposed() {
    let found = PlainMatrices([
      tensor("W1", [3, 2]), tensor("b1", [1, 2]), tensor("W2", [2, 4]), tensor("b2", [4]),
    ])
    #expect(found.tensors.map(\.shape) == [[2, 3], [2], [4, 2], [4]])
    #expect(found.tensors[0].floats() == [0, 2, 4, 1, 3, 5])
    #expect(found.tensors[1].floats() == [0, 1])
    #expect(found.remarks.count == 1)
  }

  @Test func biasesMayStandBehindAllMatrices() {
    let found = PlainMatrices([
      tensor("W1", [3, 2]), tensor("W2", [2, 4]), tensor("b1", [2]), tensor("b2", [4]),
    ])
    #expect(found.tensors.map(\.shape) == [[2, 3], [4, 2], [2], [4]])
  }

  @Test func columnsOfBiasesOfUsualMatricesBecomeVectors() {
    let found = PlainMatrices([
      tensor("a", [2, 3]), tensor("b", [2, 1]), tensor("c", [4, 2]), tensor("d", [4, 1]),
    ])
    #expect(found.tensors.map(\.shape) == [[2, 3], [2], [4, 2], [4]])
    #expect(found.tensors[2].floats() == tensor("c", [4, 2]).floats())
    #expect(found.remarks.isEmpty)
  }

  /// Layers of PyTorch in any order, and what lengths do not tell, stay as they are.
  @Test(arguments: [
    [[10, 84], [10], [84, 10], [84]], [[2, 2], [2]], [[3, 2], [2], [2, 4]],
    [[8, 1, 3, 3], [8], [3, 2], [2]],
  ])
  func whatLengthsDoNotSayStaysAsItIs(shapes: [[Int]]) {
    let source = shapes.enumerated().map { tensor("\($0)", $1) }
    #expect(PlainMatrices(source).tensors == source)
  }
}
