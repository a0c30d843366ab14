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
