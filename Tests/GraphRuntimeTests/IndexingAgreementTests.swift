import ComputationGraph
import Testing

@testable import GraphRuntime

/// Slices by indices that are data, and their sums, agree with the reference.
@Suite struct IndexingAgreementTests {
  @Test(arguments: [1, 3, 7, 8, 33], [1, 2, 5])
  func `rows of a table and their gradient`(width: Int, count: Int) throws {
    try RuntimeComparison { graph, batch in
      let table = graph.input("table", [6, width], role: .parameter)
      let tokens = graph.input("indices below 6", [batch, count], role: .batch)
      let x = try graph.take(table, tokens)
      let c = graph.input("c", [batch, count, width], role: .batch)
      let pulled = try graph.pullback(of: [(x, graph.multiply(c, x))], by: [table])
      let v = graph.input("v", [6, width], role: .direction)
      return WantedValues(
        sums: pulled + (try graph.tangent(of: pulled, along: [(table, v)])), samples: [x])
    }.expectAgreement(RuntimeComparison.allExecutions, conditioning: 2)
  }

  @Test(arguments: [1, 5, 16])
  func `the logit of each label and its gradient`(classes: Int) throws {
    try RuntimeComparison(batches: 3) { graph, batch in
      let z = graph.input("z", [batch, classes], role: .batch)
      let labels = graph.input("indices below \(classes)", [batch], role: .batch)
      let logits = try graph.logSoftmax(z)
      let chosen = try graph.take(logits, labels, batchAxes: 1)
      let c = graph.input("c", [batch], role: .batch)
      let gradient = try graph.pullback(of: [(chosen, c)], by: [z])
      return WantedValues(
        sums: [try graph.reduceSum(graph.multiply(c, chosen), axes: [0])],
        samples: [chosen] + gradient)
    }.expectAgreement(RuntimeComparison.allExecutions, conditioning: 8)
  }

  @Test func `images and tokens with batch axes`() throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let x = try graph.images(
          graph.scale(graph.input("x", [batch, 16, 3, 4], role: .batch), by: 2))
        let i = graph.input("indices below 16", [batch, 7], role: .batch)
        let j = graph.input("indices below 3", [batch, 16, 2, 2], role: .batch)
        let (a, b) = (try graph.take(x, i, batchAxes: 1), try graph.take(x, j, batchAxes: 2))
        return WantedValues(samples: [
          a, b, try graph.scatterAdd(a, i, batchAxes: 1, extent: 16),
          try graph.scatterAdd(b, j, batchAxes: 2, extent: 3),
        ])
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 4)])
    }
  }

  @Test func `tables that do not depend on samples`() throws {
    try RuntimeComparison { graph, batch in
      let w = graph.input("w", [5, 3], role: .parameter)
      let i = graph.input("indices below 5", [4], role: .buffer)
      let x = graph.input("x", [batch, 4], role: .batch)
      let y = try graph.take(w, i)
      return WantedValues(
        sums: [y, try graph.scatterAdd(y, i, extent: 6)], samples: [try graph.matrixProduct(x, y)])
    }.expectAgreement([.microBatches, .wholeBatch(chunk: 2)], conditioning: 4)
  }

  @Test func `indices outside read and write nothing`() throws {
    let comparison = RuntimeComparison { graph, batch in
      let table = graph.input("table", [6, 2], role: .parameter)
      let i = graph.input("indices below 6", [batch, 4], role: .batch)
      let x = try graph.take(table, i)
      let c = try graph.constant(1, [batch, 4, 2])
      return WantedValues(
        sums: try graph.pullback(of: [(x, c)], by: [table]), samples: [x])
    }
    for execution in [BatchExecution.microBatches, .wholeBatch(chunk: 2)] {
      let result = try comparison.run(execution) { name, elements in
        guard name.hasPrefix("indices") else { return }
        let outside: [Float] = [-1, 6, .nan, .infinity, -.infinity, 1e30, -1e-30, 0x1p62]
        for k in elements.indices { elements[k] = k == 5 ? 3.75 : outside[k % outside.count] }
      }
      // Two batches of three samples, or one of six, with one index inside in each.
      let inside = execution == .microBatches ? 2 : 1
      #expect(result.samples[0].count { !$0.isNaN } == 2 * inside)
      #expect(result.sums[0].reduce(0, +) == 2 * Float(inside))
      #expect(result.sums[0][6] == Float(inside))
    }
  }
}

/// Gradients of tables that something else reads too.
@Suite struct SharedTableTests {
  @Test(arguments: [1, 3])
  func `a table of embeddings that is the last layer too`(batch: Int) throws {
    let build: GraphBuilder = { graph, batch in
      let (vocabulary, width) = (9, 5)
      let indices = graph.input("indices below 9", [batch, 4], role: .batch)
      let table = graph.input("table", [vocabulary, width], role: .parameter)
      let x = try graph.unary(.tanh, graph.embedding(table, indices: indices))
      let y = try graph.linear(x, weight: table)
      let loss = try graph.reduceSum(graph.multiply(y, y), axes: [0, 1, 2])
      let gradient = try graph.gradient(of: loss, by: [table])
      let u = graph.input("u", [vocabulary, width], role: .direction)
      return WantedValues(sums: gradient + (try graph.tangent(of: gradient, along: [(table, u)])))
    }
    try RuntimeComparison(batch: batch, batches: 2, threads: 2, build: build)
      .expectAgreement(SampleAxisTests.executions, conditioning: 8)
  }
}
