import ComputationGraph
import Testing

@testable import GraphRuntime

/// Norms, attention and a block of a transformer agree with the reference.
@Suite struct CompositeAgreementTests {
  @Test(arguments: [1, 3], [(1, 8), (2, 16), (3, 6)])
  func `group norm of images`(batch: Int, sizes: (Int, Int)) throws {
    let (groups, channels) = sizes
    for block in [8, 16] {
      try RuntimeComparison(batch: batch, block: block) { graph, batch in
        let x = graph.input("x", [batch, channels, 5, 3], role: .batch)
        let scale = graph.input("scale", [channels], role: .parameter)
        let shift = graph.input("shift", [channels], role: .parameter)
        let y = try graph.groupNormalization(
          graph.images(graph.scale(x, by: 2)), groups: groups, scale: scale, shift: shift,
          epsilon: 0.1)
        let c = graph.input("c", graph.shape(of: y), role: .batch)
        let gradient = try graph.pullback(of: [(y, c)], by: [scale, shift, x])
        return WantedValues(sums: Array(gradient.prefix(2)), samples: [y, gradient[2]])
      }.expectAgreement(SampleAxisTests.executions, conditioning: 8)
    }
  }

  /// Embedding, causal attention of several heads, norms and a feed-forward layer with tied weights.
  static func transformer(_ graph: inout Graph, batch: Int, tokens: Int) throws -> WantedValues {
    let (vocabulary, width, heads) = (7, 6, 2)
    let indices = graph.input("indices below 7", [batch, tokens], role: .batch)
    let table = graph.input("table", [vocabulary, width], role: .parameter)
    let position = graph.input("position", [1, tokens, width], role: .parameter)
    let scale = graph.input("scale", [width], role: .parameter)
    let shift = graph.input("shift", [width], role: .parameter)
    let projection = graph.input("qkv", [width, 3 * width], role: .parameter)
    let wide = graph.input("wide", [10, width], role: .parameter)
    let bias = graph.input("bias", [10], role: .parameter)
    let narrow = graph.input("narrow", [10, width], role: .parameter)
    let shape: Shape = [batch, tokens, width]
    let x = try graph.add(
      graph.embedding(table, indices: indices), graph.broadcast(position, to: shape))
    let normal = try graph.layerNormalization(x, scale: scale, shift: shift, epsilon: 0.1)
    let projected = try graph.reshape(
      graph.matrixProduct(normal, projection), to: [batch, tokens, 3, heads, width / heads])
    let parts = try (0..<3).map { part in
      try graph.transpose(
        graph.reshape(
          graph.slice(projected, axis: 2, start: part, size: 1),
          to: [batch, tokens, heads, width / heads]), [0, 2, 1, 3])
    }
    let mixed = try graph.attention(
      queries: parts[0], keys: parts[1], values: parts[2],
      mask: graph.causalMask(queries: tokens, keys: tokens, rank: 4))
    let attended = try graph.add(
      x, graph.reshape(graph.transpose(mixed, [0, 2, 1, 3]), to: shape))
    let hidden = try graph.gelu(
      graph.linear(
        graph.rmsNormalization(attended, scale: scale, epsilon: 0.1), weight: wide, bias: bias))
    let output = try graph.add(attended, graph.matrixProduct(hidden, narrow))
    let logits = try graph.matrixProduct(output, table, transposeB: true)
    let chosen = try graph.take(graph.logSoftmax(logits), indices, batchAxes: 2)
    let weights = graph.input("positive weights", [batch, tokens], role: .batch)
    let loss = try graph.reduceSum(
      graph.multiply(graph.scale(weights, by: -1), chosen), axes: [0, 1])
    let sources = [table, position, scale, shift, projection, wide, bias, narrow]
    let gradient = try graph.gradient(of: loss, by: sources)
    let directions = sources.enumerated().map {
      graph.input("v\($0)", graph.shape(of: $1), role: .direction)
    }
    let product = try graph.tangent(
      of: gradient, along: zip(sources, directions).map { (value: $0, tangent: $1) })
    return WantedValues(sums: [loss] + gradient + product, samples: [logits, chosen])
  }

  @Test(arguments: [1, 2, 5], [1, 2, 5])
  func `loss, gradient and Hessian product of a transformer`(batch: Int, tokens: Int) throws {
    try RuntimeComparison(batch: batch, batches: 3) { graph, batch in
      try Self.transformer(&graph, batch: batch, tokens: tokens)
    }.expectAgreement(SampleAxisTests.executions, conditioning: 32)
  }

  @Test func `scores of attention are not stored in blocks of channels`() throws {
    var graph = Graph()
    let q = graph.input("q", [2, 16, 5, 4], role: .batch)
    let scores = try graph.attention(queries: q, keys: q, values: q)
    let image = graph.input("x", [2, 16, 5, 4], role: .batch)
    let y = try graph.relu(graph.maxPool(image, PoolingWindow(size: 2, stride: 1)))
    let lowering = try Lowering(
      graph, passes: [ExecutorPass(outputs: [], sampleOutputs: [scores, y])], batch: 2,
      execution: .microBatches, choice: .automatic, block: 8)
    #expect(lowering.layout(of: scores) == .plain)
    #expect(lowering.layout(of: y) == .blocked(8) && lowering.layout(of: image) == .blocked(8))
  }

  @Test func `a transformer has the same bits for any number of threads`() throws {
    let runs = try [1, 2, 3].map { threads in
      try RuntimeComparison(batch: 2, batches: 5, threads: threads) { graph, batch in
        try Self.transformer(&graph, batch: batch, tokens: 4)
      }.run(.microBatches)
    }
    #expect(runs[1] == runs[0] && runs[2] == runs[0])
  }
}
