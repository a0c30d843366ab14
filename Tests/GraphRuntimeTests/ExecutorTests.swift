import ComputationGraph
import LinearAlgebra
import NeuralNetworks
import Testing

@testable import GraphRuntime

/// What holds for every run: the same bits, special values, refusals.
@Suite struct ExecutorTests {
  private static func network(
    _ mode: Bool, batch: Int = 4, batches: Int = 3, threads: Int = 1
  ) -> RuntimeComparison {
    let network = NetworkAgreementTests.Case(name: "resnet8")
    return RuntimeComparison(batch: batch, batches: batches, threads: threads) { graph, batch in
      try network.build(&graph, batch, mode ? .batch : .inference)
    }
  }

  @Test(arguments: [2, 3])
  func `bits do not depend on the number of threads`(threads: Int) throws {
    for (mode, execution) in [
      (false, BatchExecution.microBatches), (false, .wholeBatch(chunk: 3)),
      (true, .wholeBatch(chunk: 3)), (true, .wholeBatch(chunk: 5)),
    ] {
      let one = try Self.network(mode).run(execution)
      #expect(one == (try Self.network(mode, threads: threads).run(execution)))
    }
  }

  @Test func `memory of earlier data leaves no trace`() throws {
    for (mode, execution) in [
      (false, BatchExecution.microBatches), (true, .wholeBatch(chunk: 3)),
    ] {
      let fresh = try Self.network(mode, threads: 2).run(execution)
      #expect(fresh == (try Self.network(mode, threads: 2).run(execution, repetitions: 3)))
    }
  }

  @Test func `the bits of a scalar sum are those of Double`() throws {
    // 1 + 2^-30 is no Float: the sum over micro-batches keeps it.
    var graph = Graph()
    let x = graph.input("x", [2, 1], role: .batch)
    let sum = try graph.reduceSum(x, axes: [0])
    let executor = try GraphExecutor(
      graph, outputs: [sum], batch: 2, pool: WorkerPool(threadCount: 2))
    let rows = [FloatRows([1, 0]), FloatRows([0, 0x1p-30])]
    let scalar = try executor.evaluate(
      fixed: [], batches: 2, bind: { index, _ in [UnsafePointer(rows[index].pointer)] },
      deliver: { $0[0].scalar })
    #expect(scalar == 1 + 0x1p-30)
  }

  // MARK: - Special values

  @Test(arguments: [Float.nan, -.nan])
  func `NaN goes through every function`(nan: Float) throws {
    func inject(_ name: String, _ elements: inout [Float]) {
      if name == "x" { for i in elements.indices where i % 3 == 0 { elements[i] = nan } }
    }
    let result = try RuntimeComparison(batch: 3, batches: 1) { graph, batch in
      let x = graph.input("x", [batch, 11], role: .batch)
      let one = try graph.constant(1, [batch, 11])
      let functions: [UnaryFunction] = [
        .relu, .exponential, .logarithm, .tanh, .sigmoid, .errorFunction, .power(-0.5),
        .power(2), .power(-1), .power(0.5), .power(1.5),
      ]
      return WantedValues(
        samples: try functions.map { try graph.unary($0, x) } + [
          try graph.add(one, x), try graph.multiply(x, one),
          try graph.affine(x, scale: 2, shift: 1), try graph.gate(x, by: one),
        ])
    }.run(.microBatches, overwrite: inject)
    for values in result.samples {
      #expect(values.indices.filter { $0 % 3 == 0 }.allSatisfy { values[$0].isNaN })
    }
  }

  @Test(arguments: [8, 16])
  func `NaN goes through fused convolutions`(block: Int) throws {
    for (bias, residual) in [(false, false), (true, false), (false, true), (true, true)] {
      for execution in [BatchExecution.microBatches, .wholeBatch(chunk: 2)] {
        let result = try RuntimeComparison(batch: 4, batches: 1, block: block) { graph, batch in
          let shape: Shape = [batch, 16, 6, 6]
          let x = graph.input("x", shape, role: .batch)
          let w = graph.input("w", [16, 16, 3, 3], role: .parameter)
          var y = try graph.convolution(x, w, ConvolutionGeometry(padding: 1))
          let b = graph.input("b", [1, 16, 1, 1], role: .parameter)
          if bias { y = try graph.add(y, graph.broadcast(b, to: shape)) }
          if residual { y = try graph.add(y, x) }
          y = try graph.relu(y)
          return WantedValues(
            sums: [try graph.reduceSum(y, axes: [0, 1, 2, 3])],
            samples: [y, try graph.maxPool(y, PoolingWindow(size: 2, stride: 2))])
        }.run(execution) { name, elements in
          // One filter and, in the residual, one pixel of another channel.
          if name == "w" { elements[5 * 144] = .nan }
        }
        #expect(result.sums[0][0].isNaN)
        // All inner pixels of channel 5 of every image and no other channel; at the border it
        // depends on the algorithm whether the filter's corner meets a zero or nothing.
        let outputs = result.samples[0]
        for channel in 0..<16 {
          let pixels = outputs.indices.filter { $0 / 36 % 16 == channel }
          let inner = pixels.filter { $0 / 6 % 6 > 0 && $0 % 6 > 0 }
          #expect(
            channel == 5
              ? inner.allSatisfy { outputs[$0].isNaN } : !pixels.contains { outputs[$0].isNaN })
        }
        #expect(result.samples[1].contains { $0.isNaN })
      }
    }
  }

  @Test func `NaN makes softmax NaN wherever it stands`() throws {
    for position in 0..<5 {
      let result = try RuntimeComparison(batch: 2, batches: 1) { graph, batch in
        let z = graph.input("z", [batch, 5], role: .batch)
        return WantedValues(samples: [
          try graph.softmax(z), try graph.logSoftmax(z), try graph.logSumExp(z),
        ])
      }.run(.microBatches) { _, elements in elements[position] = .nan }
      for values in result.samples {
        let row = values.count / 2
        #expect(values[..<row].allSatisfy(\.isNaN) && !values[row...].contains(where: \.isNaN))
      }
    }
  }

  // MARK: - Refusals

  @Test func `graphs that mix samples are refused in micro-batches`() throws {
    typealias Build = (inout Graph, Value) throws -> Value
    let mixing: [(String, Build)] = [
      (
        "statistics",
        { g, x in
          try g.subtract(x, g.broadcast(g.reduceMean(x, axes: [0]), to: g.shape(of: x)))
        }
      ),
      ("transpose", { g, x in try g.transpose(x, [1, 0]) }),
      ("slice", { g, x in try g.slice(x, axis: 0, start: 0, size: 2) }),
      ("padding", { g, x in try g.pad(x, low: [1, 0], high: [0, 0]) }),
      ("concatenation", { g, x in try g.concatenate([x, x], axis: 0) }),
      ("reshape", { g, x in try g.reshape(x, to: [3, 4]) }),
      ("Gram matrix", { g, x in try g.matrixProduct(x, x, transposeB: true) }),
      (
        "product with a sum",
        { g, x in
          try g.matrixProduct(x, g.matrixProduct(x, x, transposeA: true))
        }
      ),
      ("softmax", { g, x in try g.softmax(g.reshape(x, to: [g.shape(of: x).count])) }),
    ]
    for (name, build) in mixing {
      var graph = Graph()
      let x = graph.input("x", [4, 3], role: .batch)
      let y = try build(&graph, x)
      let sum = try graph.reduceSum(y, axes: Array(0..<graph.shape(of: y).rank))
      let pool = WorkerPool(threadCount: 1)
      #expect(throws: PlanError.self, "\(name)") {
        try GraphExecutor(graph, outputs: [sum], batch: 4, pool: pool)
      }
      #expect(throws: Never.self, "\(name)") {
        try GraphExecutor(
          graph, outputs: [sum], batch: 4, execution: .wholeBatch(chunk: 2), pool: pool)
      }
    }
  }

  @Test func `filters that depend on sums over samples are refused`() throws {
    var graph = Graph()
    let x = graph.input("x", [4, 8, 5, 5], role: .batch)
    let w = try graph.convolutionFilterGradient(
      x, graph.scale(x, by: 2), ConvolutionGeometry(padding: 1), filter: [8, 8, 3, 3])
    let y = try graph.convolution(x, w, ConvolutionGeometry(padding: 1))
    let sum = try graph.reduceSum(y, axes: [0, 1, 2, 3])
    #expect(throws: PlanError.self) {
      try GraphExecutor(graph, outputs: [sum], batch: 4, pool: WorkerPool(threadCount: 1))
    }
  }

  @Test func `wrong batches and outputs are refused`() throws {
    var graph = Graph()
    let x = graph.input("x", [4, 3], role: .batch)
    let sum = try graph.reduceSum(x, axes: [0])
    let pool = WorkerPool(threadCount: 1)
    #expect(throws: PlanError.self) {
      try GraphExecutor(graph, outputs: [sum], batch: 3, pool: pool)
    }
    #expect(throws: PlanError.self) {
      try GraphExecutor(graph, outputs: [x], batch: 4, pool: pool)
    }
    #expect(throws: PlanError.self) {
      try GraphExecutor(graph, outputs: [sum], batch: 1, pool: pool)
    }
  }
}
