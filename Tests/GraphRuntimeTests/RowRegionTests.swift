import ComputationGraph
import LinearAlgebra
import Testing

@testable import GraphRuntime

/// Norms, softmax and activations run through the cache as one kernel and stay right.
@Suite struct RowRegionTests {
  /// Labels of the steps of a micro-batch of a layer norm, or of its gradient or tangent.
  private static func steps(_ build: (inout Graph) throws -> [Value]) throws -> [String] {
    var graph = Graph()
    let wanted = try build(&graph)
    return try GraphExecutor(
      graph, outputs: [], sampleOutputs: wanted, batch: 2, pool: WorkerPool(threadCount: 1)
    ).sampleSteps
  }

  private static func norm(_ graph: inout Graph) throws -> (x: Value, y: Value) {
    let x = graph.input("x", [2, 3, 9], role: .batch)
    let scale = graph.input("scale", [9], role: .parameter)
    let shift = graph.input("shift", [9], role: .parameter)
    return (x, try graph.layerNormalization(x, scale: scale, shift: shift, epsilon: 0.1))
  }

  @Test func `a layer norm, its gradient and its tangent are one kernel each`() throws {
    #expect(try Self.steps { [try Self.norm(&$0).y] }.map { $0.prefix(4) } == ["rows"])
    let gradient = try Self.steps { graph in
      let (x, y) = try Self.norm(&graph)
      let c = graph.input("c", [2, 3, 9], role: .batch)
      return try graph.pullback(of: [(y, c)], by: [x])
    }
    #expect(gradient.map { $0.prefix(4) } == ["rows"])
    let tangent = try Self.steps { graph in
      let (x, y) = try Self.norm(&graph)
      let t = graph.input("t", [2, 3, 9], role: .batch)
      return try graph.tangent(of: [y], along: [(x, t)])
    }
    #expect(tangent.map { $0.prefix(4) } == ["rows"])
  }

  @Test func `masked softmax is one kernel`() throws {
    let steps = try Self.steps { graph in
      let x = graph.input("x", [2, 4, 5, 5], role: .batch)
      let mask = try graph.causalMask(queries: 5, keys: 5, rank: 4)
      return [try graph.softmax(graph.add(x, graph.broadcast(mask, to: [2, 4, 5, 5])))]
    }
    #expect(steps == ["rows[2]"])
  }

  /// Rows longer than a tile, as long as one, and of one element, with every operand that is repeated.
  @Test(arguments: [1, 2, 7, 16, 1024, 1500])
  func `rows of any length`(width: Int) throws {
    for batch in [1, 3] {
      try RuntimeComparison(batch: batch, batches: 3, threads: 2) { graph, batch in
        let shape: Shape = [batch, 5, width]
        let x = graph.input("x", shape, role: .batch)
        let perRow = graph.input("per row", [batch, 5, 1], role: .batch)
        let perSample = graph.input("per sample", [batch, 1, width], role: .batch)
        let perPosition = graph.input("per position", [1, 5, width], role: .parameter)
        let perToken = graph.input("per token", [1, 5, 1], role: .parameter)
        var y = try graph.multiply(x, graph.broadcast(perRow, to: shape))
        y = try graph.add(y, graph.broadcast(perSample, to: shape))
        y = try graph.add(y, graph.broadcast(perPosition, to: shape))
        let total = try graph.reduceSum(graph.gate(y, by: x), axes: [2])
        let level = try graph.add(graph.broadcast(perToken, to: [batch, 5, 1]), total)
        let s = try graph.softmax(y)
        let z = try graph.subtract(graph.multiply(s, s), graph.broadcast(level, to: shape))
        let repeated = try graph.scale(graph.broadcast(level, to: shape), by: 2)
        return WantedValues(
          sums: [try graph.reduceSum(z, axes: [0, 1])], samples: [z, total, repeated, y])
      }.expectAgreement(SampleAxisTests.executions, conditioning: 8, "\(batch) x \(width)")
    }
  }

  @Test func `values with a product between them stay in two groups`() throws {
    try RuntimeComparison(batch: 3, batches: 2) { graph, batch in
      let x = graph.input("x", [batch, 4, 6], role: .batch)
      let w = graph.input("w", [6, 6], role: .parameter)
      let a = try graph.unary(.tanh, x)
      let b = try graph.matrixProduct(a, w)
      // Reads what was computed in front of the product and behind it.
      let c = try graph.multiply(a, graph.add(b, a))
      let d = try graph.matrixProduct(c, w)
      let total = try graph.broadcast(graph.reduceSum(a, axes: [2]), to: [batch, 4, 6])
      return WantedValues(samples: [try graph.add(graph.multiply(a, d), total), c])
    }.expectAgreement(SampleAxisTests.executions, conditioning: 4)
  }

  @Test func `what is cheap to compute again is not kept for the gradient`() throws {
    try RuntimeComparison(batch: 2, batches: 2) { graph, batch in
      let x = graph.input("x", [batch, 3, 8], role: .batch)
      let w = graph.input("w", [8, 8], role: .parameter)
      let one = graph.input("one", [8], role: .parameter)
      var y = try graph.matrixProduct(x, w)
      for _ in 0..<2 {
        let normal = try graph.layerNormalization(y, scale: one, shift: nil, epsilon: 0.1)
        y = try graph.add(y, graph.gelu(graph.matrixProduct(normal, w)))
      }
      let loss = try graph.reduceSum(graph.multiply(y, y), axes: [0, 1, 2])
      let gradient = try graph.gradient(of: loss, by: [w, one])
      let u = graph.input("u", [8, 8], role: .direction)
      let product = try graph.tangent(of: gradient, along: [(w, u)])
      return WantedValues(sums: gradient + product)
    }.expectAgreement(SampleAxisTests.executions, conditioning: 16)
  }

  @Test func `minus infinity takes an element away, and a row of it alone gives NaN`() throws {
    var graph = Graph()
    let x = graph.input("x", [1, 2, 11], role: .batch)
    let s = try graph.softmax(x)
    let executor = try GraphExecutor(
      graph, outputs: [], sampleOutputs: [s], batch: 1, pool: WorkerPool(threadCount: 1))
    var elements = [Float](repeating: -.infinity, count: 22)
    for k in [0, 4, 10] { elements[k] = 3 }
    let rows = FloatRows(elements)
    let shown = FloatRows([Float](repeating: 0, count: 22))
    try withExtendedLifetime((rows, shown)) {
      executor.prepare(fixed: [])
      try executor.evaluate(
        fixed: [], batches: 1, bind: { _, _ in [UnsafePointer(rows.pointer)] },
        observe: { _, values in shown.pointer.update(from: values[0], count: 22) },
        deliver: { _ in () })
      for k in 0..<11 {
        let expected: Float = [0, 4, 10].contains(k) ? 1 / 3 : 0
        #expect(abs(shown.pointer[k] - expected) <= expected.ulp)
        #expect(shown.pointer[11 + k].isNaN)
      }
    }
  }
}
