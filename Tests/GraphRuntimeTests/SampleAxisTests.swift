import ReferenceRuntime
import Testing

@testable import ComputationGraph
@testable import GraphRuntime

/// Which axis counts samples follows from the operations, never from an extent.
@Suite struct SampleAxisTests {
  static let executions: [BatchExecution] = [
    .microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 2), .wholeBatch(chunk: 100),
  ]

  /// A layer of tokens with softmax along the tokens, its gradient and a product with its Hessian.
  ///
  /// `[n, t, d]` becomes rows `[n t, d]` and comes back.
  static func tokens(_ graph: inout Graph, batch: Int, count: Int, width: Int) throws
    -> WantedValues
  {
    let x = graph.input("x", [batch, count, width], role: .batch)
    let w = graph.input("w", [width, width], role: .parameter)
    let b = graph.input("b", [1, width], role: .parameter)
    let rows = try graph.reshape(x, to: [batch * count, width])
    let y = try graph.add(
      graph.matrixProduct(rows, w), graph.broadcast(b, to: [batch * count, width]))
    let back = try graph.transpose(
      graph.reshape(graph.unary(.tanh, y), to: [batch, count, width]), [0, 2, 1])
    let output = try graph.softmax(back)
    let c = graph.input("c", [batch, width, count], role: .batch)
    let loss = try graph.reduceSum(graph.multiply(c, output), axes: [0, 1, 2])
    let gradient = try graph.gradient(of: loss, by: [w, b])
    let v = graph.input("v", [width, width], role: .direction)
    let u = graph.input("u", [1, width], role: .direction)
    let product = try graph.tangent(of: gradient, along: [(w, v), (b, u)])
    return WantedValues(sums: [loss] + gradient + product, samples: [output, y])
  }

  @Test(arguments: [1, 2, 4], [(1, 3), (4, 4), (2, 4), (3, 8), (4, 2)])
  func `tokens are rows of samples`(batch: Int, extents: (Int, Int)) throws {
    try RuntimeComparison(batch: batch, batches: 3) { graph, batch in
      try Self.tokens(&graph, batch: batch, count: extents.0, width: extents.1)
    }.expectAgreement(Self.executions, conditioning: 8)
  }

  @Test(arguments: [1, 2, 4])
  func `sums as long as the batch are no samples`(batch: Int) throws {
    let width = 4
    try RuntimeComparison(batch: batch, batches: batch == 1 ? 4 : 1) { graph, batch in
      let x = graph.input("x", [batch, width], role: .batch)
      let w = graph.input("w", [width, width], role: .parameter)
      let gram = try graph.matrixProduct(x, x, transposeA: true)
      let row = try graph.reduceSum(gram, axes: [0])
      let repeated = try graph.broadcast(row, to: [width, width])
      return WantedValues(
        sums: [
          try graph.multiply(graph.add(gram, w), repeated), try graph.transpose(gram, [1, 0]),
          try graph.reshape(graph.transpose(repeated, [1, 0]), to: [2, 8]),
          try graph.matrixProduct(repeated, w), try graph.softmax(graph.scale(repeated, by: 0.1)),
          try graph.slice(gram, axis: 0, start: 1, size: 2),
        ], samples: [try graph.matrixProduct(x, w)])
    }.expectAgreement(
      [.microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 100)], conditioning: 4)
  }

  /// Winograd's convolutions, direct ones, and matrix products between pixels.
  @Test(arguments: [1, 2, 3], [(16, 16, 8), (3, 8, 8), (128, 128, 2)])
  func `frames are convolved and pooled like images`(
    batch: Int, sizes: (Int, Int, Int)
  ) throws {
    let (input, output, extent) = sizes
    for block in [8, 16] {
      try RuntimeComparison(batch: batch, batches: 2, block: block) { graph, batch in
        let x = graph.input("x", [batch, 3, input, extent, extent], role: .batch)
        let w = graph.input("w", [output, input, 3, 3], role: .parameter)
        let b = graph.input("b", [1, output, 1, 1], role: .parameter)
        let images = try graph.reshape(x, to: [batch * 3, input, extent, extent])
        let convolved = try graph.convolution(images, w, ConvolutionGeometry(padding: 1))
        let y = try graph.relu(
          graph.add(convolved, graph.broadcast(b, to: graph.shape(of: convolved))))
        let pooled = try graph.maxPool(y, PoolingWindow(size: 2, stride: 2))
        let some = try graph.gather(
          pooled, axis: 1, indices: (0..<output).map { ($0 * 3 + 1) % output })
        let result = try graph.reshape(some, to: [batch, 3, output, extent * extent / 4])
        let c = graph.input("c", graph.shape(of: result), role: .batch)
        let gradient = try graph.pullback(of: [(result, c)], by: [w, b, x])
        return WantedValues(sums: Array(gradient.prefix(2)), samples: [result, y, gradient[2]])
      }.expectAgreement(Self.executions, conditioning: 4)
    }
  }

  @Test func `the same rows of every sample are sliced and padded`() throws {
    for batch in [1, 3] {
      try RuntimeComparison(batch: batch) { graph, batch in
        let x = try graph.reshape(
          graph.input("x", [batch, 6, 5], role: .batch), to: [batch * 6, 5])
        func some(_ start: Int, _ step: Int) throws -> Value {
          try graph.slice(
            x, starts: [start, 1], strides: [step, 1], sizes: [batch * 6 / step, 3])
        }
        let parts = [try some(0, 2), try some(1, 2), try some(4, 6), try some(0, 1)]
        let c = try parts.map { try graph.multiply($0, $0) }
        return WantedValues(
          samples: parts
            + (try graph.pullback(of: zip(parts, c).map { (value: $0, cotangent: $1) }, by: [x])))
      }.expectAgreement(Self.executions)
    }
  }

  @Test func `micro-batches of one sample sum over all samples`() throws {
    try RuntimeComparison(batch: 1, batches: 5) { graph, batch in
      let x = graph.input("x", [batch, 3, 6, 6], role: .batch)
      let w = graph.input("w", [8, 3, 3, 3], role: .parameter)
      let b = graph.input("b", [1, 8, 1, 1], role: .parameter)
      let head = graph.input("head", [8, 4], role: .parameter)
      let shift = graph.input("shift", [1, 4], role: .parameter)
      let convolved = try graph.convolution(x, w, ConvolutionGeometry(padding: 1))
      let y = try graph.unary(
        .tanh, graph.add(convolved, graph.broadcast(b, to: graph.shape(of: convolved))))
      let features = try graph.reshape(graph.reduceMean(y, axes: [2, 3]), to: [batch, 8])
      let logits = try graph.add(
        graph.matrixProduct(features, head), graph.broadcast(shift, to: [batch, 4]))
      let loss = try graph.softmaxCrossEntropy(
        logits: logits, targets: graph.input("targets", [batch, 4], role: .batch),
        weights: graph.input("positive weights", [batch, 1], role: .batch))
      let sources = [w, b, head, shift]
      let gradient = try graph.gradient(of: loss, by: sources)
      let directions = sources.enumerated().map {
        graph.input("v\($0)", graph.shape(of: $1), role: .direction)
      }
      let product = try graph.tangent(
        of: gradient, along: zip(sources, directions).map { (value: $0, tangent: $1) })
      return WantedValues(sums: [loss] + gradient + product, samples: [logits])
    }.expectAgreement(Self.executions, conditioning: 16)
  }

  @Test func `what moves samples is refused in micro-batches and runs as a whole`() throws {
    let builds: [(String, GraphBuilder)] = [
      (
        "transpose [1, 0, 2]",
        { graph, batch in
          let x = graph.input("x", [batch, 3, 2], role: .batch)
          let moved = try graph.transpose(x, [1, 0, 2])
          return WantedValues(samples: [try graph.transpose(graph.scale(moved, by: 2), [1, 0, 2])])
        }
      ),
      (
        "reshape from [4, 3] to [3, 4]",
        { graph, batch in
          let x = graph.input("x", [batch, 3], role: .batch)
          return WantedValues(sums: [try graph.reshape(x, to: [3, batch])])
        }
      ),
      (
        "slice",
        { graph, batch in
          let x = graph.input("x", [batch, 3], role: .batch)
          return WantedValues(sums: [try graph.slice(x, axis: 0, start: 0, size: batch / 2)])
        }
      ),
    ]
    for (what, build) in builds {
      let comparison = RuntimeComparison(batch: 4, batches: 1, build: build)
      let error = #expect(throws: PlanError.self) { try comparison.run(.microBatches) }
      #expect(error?.description.contains(what) == true, "\(String(describing: error))")
      try comparison.expectAgreement([.wholeBatch(chunk: 1), .wholeBatch(chunk: 4)])
    }
  }
}
