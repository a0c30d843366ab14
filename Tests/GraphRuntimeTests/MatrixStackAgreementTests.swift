import ComputationGraph
import Testing

@testable import GraphRuntime

/// Products of stacks of matrices agree with the reference.
@Suite struct MatrixStackAgreementTests {
  @Test(arguments: [1, 2, 3], [(1, 1), (3, 8), (5, 2)])
  func `products per sample and head, and their gradients`(
    batch: Int, extents: (Int, Int)
  ) throws {
    let (tokens, width) = extents
    try RuntimeComparison(batch: batch, batches: 2) { graph, batch in
      let heads = 2
      func input(_ name: String) -> Value {
        graph.input(name, [batch, tokens, heads, width], role: .batch)
      }
      let (q, k, v) = (input("q"), input("k"), input("v"))
      let mixing = graph.input("mixing", [1, heads, width, width], role: .parameter)
      let keys = try graph.matrixProduct(graph.transpose(k, [0, 2, 1, 3]), mixing)
      let scores = try graph.matrixProduct(
        graph.transpose(q, [0, 2, 1, 3]), keys, transposeB: true)
      let weights = try graph.softmax(graph.scale(scores, by: 1 / Double(width).squareRoot()))
      let output = try graph.einsum("nhqk,nkhd->nqhd", weights, v)
      let gradient = try graph.pullback(of: [(output, input("c"))], by: [mixing, q, k, v])
      let direction = graph.input("u", [1, heads, width, width], role: .direction)
      let product = try graph.tangent(of: gradient, along: [(mixing, direction)])
      return WantedValues(
        sums: [gradient[0], product[0]],
        samples: [output, scores] + gradient.dropFirst() + product.dropFirst())
    }.expectAgreement(SampleAxisTests.executions, conditioning: 16)
  }

  @Test(arguments: [false, true], [false, true])
  func `stacks that are repeated, whether they belong to samples or not`(
    transposeA: Bool, transposeB: Bool
  ) throws {
    for batch in [1, 3] {
      try RuntimeComparison(batch: batch, batches: 3) { graph, batch in
        let (a, b) = (transposeA ? [4, 3] : [3, 4], transposeB ? [5, 4] : [4, 5])
        func product(_ x: Value, _ y: Value) throws -> Value {
          try graph.matrixProduct(x, y, transposeA: transposeA, transposeB: transposeB)
        }
        let x = graph.input("x", Shape([batch, 2] + a), role: .batch)
        let one = graph.input("one", Shape([batch, 1] + a), role: .batch)
        let y = graph.input("y", Shape([batch, 2] + b), role: .batch)
        let sources = [
          graph.input("w", Shape(b), role: .parameter),
          graph.input("heads", Shape([2] + b), role: .parameter),
          graph.input("left", Shape(a), role: .parameter),
          graph.input("lefts", Shape([1, 2] + a), role: .parameter),
        ]
        let samples = [
          try product(x, y), try product(one, y), try product(x, sources[0]),
          try product(x, sources[1]), try product(sources[2], y), try product(sources[3], y),
        ]
        let c = samples.enumerated().map {
          graph.input("c\($0)", graph.shape(of: $1), role: .batch)
        }
        let gradient = try graph.pullback(
          of: zip(samples, c).map { (value: $0, cotangent: $1) }, by: sources + [x, one, y])
        return WantedValues(
          sums: [try product(sources[3], sources[1])] + gradient.prefix(4),
          samples: samples + gradient.suffix(3))
      }.expectAgreement(SampleAxisTests.executions, conditioning: 8)
    }
  }
}
