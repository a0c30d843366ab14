import ComputationGraph
import LinearAlgebra
import Testing

@testable import GraphRuntime

/// What derivative graphs make of matrix products is fused into one kernel and stays right.
@Suite struct MatrixProductFusionTests {
  /// Operands of linear layers from `inputs` to `outputs` features.
  struct Operands {
    var graph: Graph
    let batch: Int
    let inputs: Int
    let outputs: Int

    mutating func rows(_ name: String, _ width: Int) -> Value {
      graph.input(name, [batch, width], role: .batch)
    }

    mutating func weight(_ name: String) -> Value {
      graph.input(name, [outputs, inputs], role: .parameter)
    }

    mutating func layer(_ x: Value, _ w: Value) throws -> Value {
      try graph.matrixProduct(x, w, transposeB: true)
    }

    mutating func inputGradient(_ dy: Value, _ w: Value) throws -> Value {
      try graph.matrixProduct(dy, w)
    }

    mutating func weightGradient(_ x: Value, _ dy: Value) throws -> Value {
      try graph.matrixProduct(dy, x, transposeA: true)
    }

    mutating func bias(_ name: String) throws -> Value {
      try graph.broadcast(
        graph.input(name, [1, outputs], role: .parameter), to: [batch, outputs])
    }
  }

  typealias Builder = (_ operands: inout Operands) throws -> WantedValues

  /// Expects agreement with the reference for sizes that fill blocks and such that do not.
  static func check(build: @escaping Builder) throws {
    for (batch, inputs, outputs) in [(3, 5, 7), (2, 16, 32), (13, 300, 17), (5, 48, 1)] {
      for block in [8, 16] {
        try RuntimeComparison(batch: batch, batches: 3, block: block, threads: 2) {
          graph, batch in
          var operands = Operands(graph: graph, batch: batch, inputs: inputs, outputs: outputs)
          let wanted = try build(&operands)
          graph = operands.graph
          return wanted
        }.expectAgreement(
          [.microBatches, .wholeBatch(chunk: 4)], conditioning: 4, "\(batch) x \(inputs)")
      }
    }
  }

  /// Labels of the steps of a micro-batch.
  static func steps(build: Builder) throws -> [String] {
    var operands = Operands(graph: Graph(), batch: 4, inputs: 5, outputs: 7)
    let wanted = try build(&operands)
    return try GraphExecutor(
      operands.graph, outputs: wanted.sums, sampleOutputs: wanted.samples, batch: 4,
      pool: WorkerPool(threadCount: 1)
    ).sampleSteps
  }

  @Test func `a rectified layer with a residual is one kernel`() throws {
    let build: Builder = { o in
      let (x, r) = (o.rows("x", o.inputs), o.rows("r", o.outputs))
      let shifted = try o.graph.add(o.layer(x, o.weight("w")), o.bias("b"))
      return WantedValues(samples: [try o.graph.relu(o.graph.add(r, shifted))])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["matrix product"])
  }

  @Test func `the tangent of a rectified layer is one kernel`() throws {
    let build: Builder = { o in
      let (x, dx, y) = (o.rows("x", o.inputs), o.rows("dx", o.inputs), o.rows("y", o.outputs))
      let terms = try o.graph.add(o.layer(dx, o.weight("w")), o.layer(x, o.weight("dw")))
      return WantedValues(samples: [
        try o.graph.gate(o.graph.add(terms, o.bias("db")), by: y)
      ])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["matrix product x2"])
  }

  @Test func `the tangent of a rectified gradient is one kernel`() throws {
    let build: Builder = { o in
      let (dy, ty) = (o.rows("dy", o.outputs), o.rows("ty", o.outputs))
      let (x, c) = (o.rows("x", o.inputs), o.rows("c", o.inputs))
      let terms = try o.graph.add(
        o.inputGradient(ty, o.weight("w")), o.inputGradient(dy, o.weight("dw")))
      return WantedValues(samples: [try o.graph.gate(o.graph.add(c, terms), by: x)])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["matrix product x2"])
  }

  @Test func `the tangent of a weight gradient is one kernel`() throws {
    let build: Builder = { o in
      let (x, dx) = (o.rows("x", o.inputs), o.rows("dx", o.inputs))
      let (dy, ty) = (o.rows("dy", o.outputs), o.rows("ty", o.outputs))
      let sum = try o.graph.add(o.weightGradient(dx, dy), o.weightGradient(x, ty))
      return WantedValues(sums: [try o.graph.scale(sum, by: 3)])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["matrix product x2 of two"])
  }

  @Test func `parts that are wanted themselves stay outside`() throws {
    try Self.check { o in
      let (x, dx, y) = (o.rows("x", o.inputs), o.rows("dx", o.inputs), o.rows("y", o.outputs))
      let first = try o.layer(dx, o.weight("w"))
      let sum = try o.graph.add(first, o.layer(x, o.weight("dw")))
      let gated = try o.graph.gate(sum, by: y)
      let gradient = try o.weightGradient(x, y)
      let total = try o.graph.add(gradient, o.weightGradient(dx, y))
      return WantedValues(sums: [gradient, total], samples: [first, sum, gated])
    }
  }

  @Test func `the operands of a kernel may be its addend and its gate`() throws {
    try Self.check { o in
      let square = o.graph.input("square", [o.inputs, o.inputs], role: .parameter)
      let x = try o.graph.scale(o.rows("x", o.inputs), by: 2)
      let y = try o.graph.scale(o.rows("y", o.inputs), by: -1)
      let a = try o.graph.gate(o.graph.add(o.layer(x, square), x), by: y)
      let b = try o.graph.gate(
        o.graph.add(o.inputGradient(y, square), o.inputGradient(a, square)), by: a)
      return WantedValues(sums: [try o.graph.reduceSum(b, axes: [0])], samples: [b])
    }
  }

  @Test func `what is gated by a broadcast, or has a bias per sample, is not fused wrongly`() throws
  {
    try Self.check { o in
      let (x, w) = (o.rows("x", o.inputs), o.weight("w"))
      let level = try o.graph.broadcast(o.rows("level", 1), to: [o.batch, o.outputs])
      let one = try o.layer(x, w)
      let two = try o.layer(o.rows("z", o.inputs), w)
      return WantedValues(samples: [
        try o.graph.gate(one, by: o.bias("b")), try o.graph.relu(o.graph.add(two, level)),
        try o.graph.gate(level, by: o.layer(x, o.weight("v"))),
      ])
    }
  }

  @Test func `products with a matrix that sums over the samples`() throws {
    try RuntimeComparison(batch: 7, batches: 3, threads: 2) { graph, batch in
      let x = graph.input("x", [batch, 9], role: .batch)
      let y = graph.input("y", [batch, 20], role: .batch)
      let gram = try graph.matrixProduct(x, y, transposeA: true)
      let mean = try graph.broadcast(
        graph.reshape(graph.reduceSum(y, axes: [0]), to: [1, 20]), to: [batch, 20])
      let product = try graph.relu(graph.add(graph.matrixProduct(x, gram), mean))
      return WantedValues(
        sums: [try graph.matrixProduct(product, x, transposeA: true)], samples: [product])
    }.expectAgreement(RuntimeComparison.wholeBatches, conditioning: 16)
  }
}
