import ComputationGraph
import LinearAlgebra
import Testing

@testable import GraphRuntime

/// What derivative graphs make of convolutions is fused into one kernel and stays right.
@Suite struct ConvolutionFusionTests {
  static let geometry = ConvolutionGeometry(padding: 1)
  static let channels = 16

  /// Operands of 3x3 convolutions over `16` channels at 8x8.
  struct Operands {
    var graph: Graph
    let batch: Int
    var shape: Shape { [batch, channels, 8, 8] }

    mutating func images(_ name: String) -> Value { graph.input(name, shape, role: .batch) }

    mutating func filter(_ name: String) -> Value {
      graph.input(name, [channels, channels, 3, 3], role: .parameter)
    }

    mutating func convolution(_ x: Value, _ w: Value) throws -> Value {
      try graph.convolution(x, w, geometry)
    }

    mutating func inputGradient(_ dy: Value, _ w: Value) throws -> Value {
      try graph.convolutionInputGradient(dy, w, geometry, input: shape)
    }

    mutating func filterGradient(_ x: Value, _ dy: Value) throws -> Value {
      try graph.convolutionFilterGradient(x, dy, geometry, filter: [channels, channels, 3, 3])
    }
  }

  typealias Builder = (_ operands: inout Operands) throws -> WantedValues

  /// Expects agreement with the reference in blocks of 8 and of 16 channels.
  static func check(_ what: String = "", build: @escaping Builder) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        var operands = Operands(graph: graph, batch: batch)
        let wanted = try build(&operands)
        graph = operands.graph
        return wanted
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 4)], conditioning: 4, what)
    }
  }

  /// Labels of the steps of a micro-batch in blocks of 8 channels.
  static func steps(build: Builder) throws -> [String] {
    var operands = Operands(graph: Graph(), batch: 4)
    let wanted = try build(&operands)
    let executor = try GraphExecutor(
      operands.graph, outputs: wanted.sums, sampleOutputs: wanted.samples, batch: 4, block: 8,
      pool: WorkerPool(threadCount: 1))
    return executor.sampleSteps.filter { $0 != "reorder" }
  }

  @Test func `the gradient of a rectified residual block is one kernel`() throws {
    let build: Builder = { o in
      let (dy, c, y) = (o.images("dy"), o.images("c"), o.images("y"))
      let sum = try o.graph.add(o.inputGradient(dy, o.filter("w")), c)
      return WantedValues(samples: [try o.graph.gate(sum, by: y)])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["input gradient winograd"])
  }

  @Test func `the tangent of a rectified residual block is one kernel`() throws {
    let build: Builder = { o in
      let (x, dx, y, r) = (o.images("x"), o.images("dx"), o.images("y"), o.images("r"))
      let terms = try o.graph.add(
        o.convolution(dx, o.filter("w")), o.convolution(x, o.filter("dw")))
      let shift = o.graph.input("b", [1, Self.channels, 1, 1], role: .parameter)
      let shifted = try o.graph.add(terms, o.graph.broadcast(shift, to: o.shape))
      return WantedValues(samples: [
        try o.graph.gate(o.graph.add(r, shifted), by: y)
      ])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["convolution x2 winograd"])
  }

  @Test func `the tangent of a rectified gradient is one kernel`() throws {
    let build: Builder = { o in
      let (dy, ty, y, c) = (o.images("dy"), o.images("ty"), o.images("y"), o.images("c"))
      let terms = try o.graph.add(
        o.inputGradient(ty, o.filter("w")), o.inputGradient(dy, o.filter("dw")))
      return WantedValues(samples: [try o.graph.gate(o.graph.add(c, terms), by: y)])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["input gradient x2 winograd"])
  }

  @Test func `the tangent of a filter gradient is one kernel`() throws {
    let build: Builder = { o in
      let (x, dx, dy, ty) = (o.images("x"), o.images("dx"), o.images("dy"), o.images("ty"))
      let sum = try o.graph.add(o.filterGradient(dx, dy), o.filterGradient(x, ty))
      return WantedValues(sums: [try o.graph.scale(sum, by: 3)])
    }
    try Self.check(build: build)
    #expect(try Self.steps(build: build) == ["filter gradient x2 winograd"])
  }

  @Test func `parts that are wanted themselves stay outside`() throws {
    try Self.check { o in
      let (x, dx, y) = (o.images("x"), o.images("dx"), o.images("y"))
      let (w, dw) = (o.filter("w"), o.filter("dw"))
      let first = try o.convolution(dx, w)
      let sum = try o.graph.add(first, o.convolution(x, dw))
      let gated = try o.graph.gate(sum, by: y)
      let gradient = try o.filterGradient(x, y)
      let total = try o.graph.add(gradient, o.filterGradient(dx, y))
      return WantedValues(sums: [gradient, total], samples: [first, sum, gated])
    }
  }

  @Test func `the operands of a kernel may be its addend and its gate`() throws {
    try Self.check { o in
      let x = try o.graph.scale(o.images("x"), by: 2)
      let y = try o.graph.scale(o.images("y"), by: -1)
      let (w, v) = (o.filter("w"), o.filter("v"))
      let a = try o.graph.gate(o.graph.add(o.convolution(x, w), x), by: y)
      let b = try o.graph.gate(o.graph.add(o.inputGradient(y, w), o.inputGradient(a, v)), by: a)
      let c = try o.graph.gate(o.graph.add(o.convolution(b, v), y), by: b)
      return WantedValues(
        sums: [try o.graph.reduceSum(c, axes: [0, 2, 3])], samples: [c])
    }
  }

  @Test func `what is gated by a sum of the batch or by a broadcast is not fused wrongly`() throws {
    try Self.check { o in
      let x = o.images("x")
      let level = o.graph.input("level", [o.batch, Self.channels, 1, 1], role: .batch)
      let fixed = o.graph.input("fixed", [1, Self.channels, 8, 8], role: .buffer)
      let one = try o.convolution(x, o.filter("w1"))
      let two = try o.inputGradient(x, o.filter("w2"))
      return WantedValues(samples: [
        try o.graph.gate(one, by: o.graph.broadcast(level, to: o.shape)),
        try o.graph.gate(two, by: o.graph.broadcast(fixed, to: o.shape)),
        try o.graph.gate(x, by: o.convolution(x, o.filter("w3"))),
      ])
    }
  }

  @Test func `convolutions of other shapes are added one after another`() throws {
    try Self.check { o in
      let (x, z) = (o.images("x"), o.graph.input("z", [o.batch, 32, 8, 8], role: .batch))
      let wide = o.graph.input("wide", [Self.channels, 32, 3, 3], role: .parameter)
      let small = o.graph.input("small", [Self.channels, 32, 1, 1], role: .parameter)
      let a = try o.graph.add(o.convolution(x, o.filter("w")), o.convolution(z, wide))
      let b = try o.graph.add(a, o.graph.convolution(z, small, ConvolutionGeometry()))
      return WantedValues(samples: [try o.graph.relu(b)])
    }
  }
}
