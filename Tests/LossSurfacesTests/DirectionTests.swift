import ComputationGraph
import FileFormats
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import TestSupport
import Testing

/// Directions and their normalisations on a network whose tensors have distinct extents.
@Suite struct DirectionTests {
  private let weights: ParameterVector
  private let raw: Vector<Float>

  init() throws {
    // lenet: filters [6, 1, 5, 5], [16, 6, 5, 5] and matrices, with biases.
    let network = try Model(
      Architecture.named(
        "lenet", input: .init(channels: 1, height: 32, width: 32), classCount: 10))
    weights = network.initialParameters(seed: 3)
    var stream = RandomStream(seed: 5, label: "test")
    raw = stream.normalVector(count: weights.layout.count, as: Float.self)
  }

  private func filters(_ vector: Vector<Float>, _ body: (Range<Int>, Vector<Float>) -> Void) {
    for segment in weights.layout.segments where !segment.isVector {
      let size = segment.range.count / segment.shape[0]
      for filter in 0..<segment.shape[0] {
        let start = segment.range.lowerBound + filter * size
        body(start..<start + size, vector[start..<start + size])
      }
    }
  }

  @Test func everyFilterGetsTheNormOfTheWeights() {
    let d = DirectionNormalization.filter.apply(to: raw, weights: weights, vectors: .biasbn)
    filters(d) { range, filter in
      let expected = weights.elements[range].norm
      // One rounding per element and one of the factor.
      #expect(abs(filter.norm - expected) <= 3e-7 * expected)
      // Only scaled: the cosine to the raw filter is 1.
      #expect(abs(filter.dot(raw[range]) / (filter.norm * raw[range].norm) - 1) < 1e-6)
    }
  }

  @Test func tensorsWithOneAxisAreLeftOutOrOneFilter() {
    for norm in DirectionNormalization.allCases {
      let without = norm.apply(to: raw, weights: weights, vectors: .biasbn)
      for segment in weights.layout.segments where segment.isVector {
        #expect(without.norm(of: segment.range) == 0)
      }
    }
    let with = DirectionNormalization.filter.apply(to: raw, weights: weights, vectors: .none)
    for segment in weights.layout.segments where segment.isVector {
      let expected = weights.elements.norm(of: segment.range)
      #expect(abs(with.norm(of: segment.range) - expected) <= 3e-7 * expected)
    }
  }

  @Test func layersWeightsAndUnitNorms() {
    let layer = DirectionNormalization.layer.apply(to: raw, weights: weights, vectors: .biasbn)
    let unit = DirectionNormalization.unitLayer.apply(to: raw, weights: weights, vectors: .biasbn)
    let product = DirectionNormalization.weight.apply(to: raw, weights: weights, vectors: .biasbn)
    for segment in weights.layout.segments where !segment.isVector {
      let expected = weights.elements.norm(of: segment.range)
      #expect(abs(layer.norm(of: segment.range) - expected) <= 3e-7 * expected)
      #expect(abs(unit.norm(of: segment.range) - 1) <= 3e-7)
      let first = segment.range.lowerBound
      #expect(product[first] == raw[first] * weights.elements[first])
    }
    let unitFilter = DirectionNormalization.unitFilter.apply(
      to: raw, weights: weights, vectors: .biasbn)
    filters(unitFilter) { _, filter in #expect(abs(filter.norm - 1) <= 3e-7) }
    let model = DirectionNormalization.model.apply(to: raw, weights: weights, vectors: .none)
    #expect(abs(model.norm / weights.elements.norm - 1) <= 3e-7)
    #expect(
      DirectionNormalization.none.apply(to: raw, weights: weights, vectors: .none) == raw)
  }

  @Test func zeroFiltersOfTheDirectionStayZero() {
    var direction = raw
    let segment = weights.layout.segments[0]
    let size = segment.range.count / segment.shape[0]
    direction.clear(0..<size)
    let d = DirectionNormalization.filter.apply(to: direction, weights: weights, vectors: .biasbn)
    #expect(d.norm(of: 0..<size) == 0)
    #expect(d.firstNonFiniteIndex == nil)
  }

  @Test func savedDirectionsLoadWithTheSameBits() throws {
    let pair = DirectionPair(seed: 9, weights: weights, normalization: .filter, vectors: .biasbn)
    #expect(abs(pair.cosine) < 0.05)
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let path = folder.appending(path: "directions.npz").path
      try pair.write(to: path)
      let loaded = try DirectionPair(
        file: path, weights: weights, normalization: .none, vectors: .none)
      #expect(loaded.axes == pair.axes)
      #expect(loaded.raw == pair.raw)
      // Raw directions alone are normalised by the options given.
      var writer = NPZWriter()
      writer.add("raw_x", NumericArray(pair.raw[0].array))
      writer.add("raw_y", NumericArray(pair.raw[1].array))
      try writer.write(to: path)
      let again = try DirectionPair(
        file: path, weights: weights, normalization: .filter, vectors: .biasbn)
      #expect(again.axes == pair.axes)
    }
  }

  @Test func wrongDirectionFilesAreRefusedInOneLine() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let path = folder.appending(path: "directions.npz").path
      func message(_ arrays: [(String, [Float])]) throws -> String {
        var writer = NPZWriter()
        for (name, values) in arrays { writer.add(name, NumericArray(values)) }
        try writer.write(to: path)
        do {
          _ = try DirectionPair(
            file: path, weights: weights, normalization: .filter, vectors: .biasbn)
          return ""
        } catch { return "\(error)" }
      }
      #expect(try message([("x", [1, 2]), ("y", [1, 2])]).contains("has 2 elements"))
      #expect(try message([("a", [1])]).contains("neither arrays x and y"))
      var bad = raw.array
      bad[7] = .nan
      #expect(try message([("x", bad), ("y", bad)]).contains("element 7 of x is nan"))
    }
  }
}

@Suite struct GridAxisTests {
  @Test func textIsParsedAndPrinted() throws {
    let axis = try #require(GridAxis(parsing: "-1:1:50"))
    #expect(axis.coordinates.count == 50)
    #expect(axis.coordinates.first == -1 && axis.coordinates.last == 1)
    #expect(axis.description == "-1:1:50")
    #expect(GridAxis(parsing: "-0.5:1.5:3")?.coordinates == [-0.5, 0.5, 1.5])
    // Bounds of 0 are as good as any.
    #expect(GridAxis(parsing: "0:1:2")?.coordinates == [0, 1])
  }

  @Test(arguments: [
    "", "1", "1:2", "1:1:5", "2:1:5", "a:1:5", "0:1:0", "0:1:-3", "0:inf:5", "0:1:99999999999",
  ])
  func nonsenseIsRefused(_ text: String) { #expect(GridAxis(parsing: text) == nil) }

  @Test func symmetricAxesAreSymmetricToTheLastBit() throws {
    for count in [2, 11, 50, 51] {
      let axis = try #require(GridAxis(first: -1, last: 1, count: count))
      let x = axis.coordinates
      for i in x.indices { #expect(x[i] == -x[count - 1 - i]) }
      if count % 2 == 1 { #expect(x[count / 2] == 0) }
    }
  }
}
