import ComputationGraph
import Foundation
import ReferenceRuntime
import TestSupport
import Testing

/// Attention and embeddings equal their formulas, and their derivatives hold.
@Suite struct AttentionTests {
  @Test(arguments: [false, true])
  func `attention is a mean of values weighted by softmax`(isCausal: Bool) throws {
    let (heads, queries, keys, width, values) = (2, 3, 4, 5, 2)
    var graph = Graph()
    let q = graph.input("q", [1, heads, queries, width], role: .parameter)
    let k = graph.input("k", [1, heads, keys, width], role: .parameter)
    let v = graph.input("v", [1, heads, keys, values], role: .parameter)
    let mask = isCausal ? try graph.causalMask(queries: queries, keys: keys, rank: 4) : nil
    let output = try graph.attention(queries: q, keys: k, values: v, mask: mask)
    let point = [
      "q": normal("q", heads * queries * width), "k": normal("k", heads * keys * width),
      "v": normal("v", heads * keys * values),
    ]
    var expected: [Double] = []
    for head in 0..<heads {
      for query in 0..<queries {
        let scores = (0..<keys).map { key -> Double in
          if isCausal && key > query + keys - queries { return 0 }
          let products = (0..<width).map {
            (point["q"] ?? [])[(head * queries + query) * width + $0]
              * (point["k"] ?? [])[(head * keys + key) * width + $0]
          }
          return exp(products.reduce(0, +) / Double(width).squareRoot())
        }
        for channel in 0..<values {
          let weighted = (0..<keys).map {
            scores[$0] * (point["v"] ?? [])[(head * keys + $0) * values + channel]
          }
          expected.append(weighted.reduce(0, +) / scores.reduce(0, +))
        }
      }
    }
    let found = ReferenceRuntime.evaluate(graph, outputs: [output], inputs: point)[0]
    #expect(relativeError(found, expected) < Tolerance.exactInDouble)
    let check = DerivativeCheck(graph, outputs: [output], sources: [q, k, v], at: point) {
      normal($0, $1)
    }
    #expect(try check.tangentError() < Tolerance.firstDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.hessianError() < Tolerance.secondDifference)
    #expect(try check.symmetryError() < Tolerance.exactInDouble)
  }

  @Test func `a window leaves every query its last keys`() throws {
    var graph = Graph()
    let mask = try graph.causalMask(queries: 3, keys: 4, rank: 2, window: 2)
    let found = ReferenceRuntime.evaluate(graph, outputs: [mask], inputs: [:])[0]
    let away = -Double.infinity
    #expect(found == [0, 0, away, away, away, 0, 0, away, away, away, 0, 0])
  }

  /// With factors f it is `(softmax(scores) f) V`: linear in the factors and differentiated with them.
  @Test func `dropout multiplies the weights`() throws {
    var graph = Graph()
    let q = graph.input("q", [1, 2, 3], role: .parameter)
    let k = graph.input("k", [1, 4, 3], role: .parameter)
    let v = graph.input("v", [1, 4, 2], role: .parameter)
    let factors = graph.input("f", [1, 2, 4], role: .parameter)
    let dropped = try graph.attention(queries: q, keys: k, values: v, dropout: factors)
    let plain = try graph.attention(queries: q, keys: k, values: v)
    let weights = try graph.attention(
      queries: q, keys: k,
      values: graph.constant((0..<16).map { $0 % 5 == 0 ? 1 : 0 }, [1, 4, 4]))
    var point = [
      "q": normal("q", 6), "k": normal("k", 12), "v": normal("v", 8),
      "f": [1.5, 0, 0, 1.5, 0, 1.5, 1.5, 0],
    ]
    let results = ReferenceRuntime.evaluate(graph, outputs: [dropped, weights], inputs: point)
    var expected = [Double](repeating: 0, count: 4)
    for (index, weight) in results[1].enumerated() {
      for channel in 0..<2 {
        expected[index / 4 * 2 + channel] +=
          weight * (point["f"] ?? [])[index] * (point["v"] ?? [])[index % 4 * 2 + channel]
      }
    }
    #expect(relativeError(results[0], expected) < Tolerance.exactInDouble)
    let check = DerivativeCheck(
      graph, outputs: [dropped], sources: [q, k, v, factors], at: point
    ) { normal($0, $1) }
    #expect(try check.tangentError() < Tolerance.firstDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.hessianError() < Tolerance.secondDifference)
    point["f"] = [Double](repeating: 1, count: 8)
    let ones = ReferenceRuntime.evaluate(graph, outputs: [dropped, plain], inputs: point)
    #expect(ones[0] == ones[1])
  }

  @Test func `the row of the padding index gets no gradient`() throws {
    var graph = Graph()
    let table = graph.input("table", [4, 2], role: .parameter)
    let indices = graph.input("indices", [1, 4], role: .batch)
    let rows = try graph.embedding(table, indices: indices, padding: 1)
    let gradient = try graph.gradient(of: graph.reduceSum(rows, axes: [0, 1, 2]), by: [table])
    let results = ReferenceRuntime.evaluate(
      graph, outputs: [rows] + gradient,
      inputs: ["table": [0, 1, 10, 11, 20, 21, 30, 31], "indices": [1, 2, 0, 2]])
    #expect(results[0] == [10, 11, 20, 21, 0, 1, 20, 21])
    #expect(results[1] == [1, 1, 0, 0, 2, 2, 0, 0])
  }
}
