import ComputationGraph
import Testing

@testable import GraphRuntime

/// Elementwise programs with all their operands agree with the reference.
@Suite struct ElementwiseAgreementTests {
  static let extents = [1, 7, 8, 9, 15, 16, 17]

  @Test(arguments: [
    UnaryFunction.exponential, .tanh, .sigmoid, .errorFunction, .relu, .power(2), .power(3),
    .power(0), .softplus, .sine, .cosine,
  ])
  func `function of any number`(function: UnaryFunction) throws {
    for width in [1, 7, 8, 9, 600] {
      try RuntimeComparison { graph, batch in
        let x = graph.input("x", [batch, width], role: .batch)
        return WantedValues(samples: [try graph.unary(function, x)])
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 2)], "\(function)")
    }
  }

  @Test(arguments: [
    UnaryFunction.logarithm, .power(-0.5), .power(0.5), .power(-1), .power(1.7), .power(-2),
  ])
  func `function of a positive number`(function: UnaryFunction) throws {
    try RuntimeComparison { graph, batch in
      let x = graph.input("positive", [batch, 16, 5, 5], role: .batch)
      let w = graph.input("positive w", [11], role: .parameter)
      return WantedValues(
        sums: [try graph.unary(function, w)], samples: [try graph.unary(function, x)])
    }.expectAgreement(RuntimeComparison.allExecutions, conditioning: 4, "\(function)")
  }

  @Test(arguments: extents, [1, 7, 8, 9])
  func `chain on images of any size`(channels: Int, extent: Int) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let shape: Shape = [batch, channels, extent, extent]
        let x = try graph.images(graph.input("x", shape, role: .batch))
        let y = graph.input("y", shape, role: .batch)
        let sum = try graph.affine(graph.add(x, y), scale: -0.5, shift: 0.25)
        let gated = try graph.gate(graph.multiply(sum, x), by: y)
        let square = try graph.multiply(gated, gated)
        return WantedValues(samples: [try graph.relu(square), sum])
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 2)])
    }
  }

  /// Shapes that repeat to `[n, c, h, w]`; those that start with `n` belong to samples.
  static func patterns(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> [Shape] {
    (0..<16).map { mask in
      Shape([n, c, h, w].enumerated().map { mask >> $0.offset & 1 == 1 ? $0.element : 1 })
    }
  }

  @Test(arguments: [1, 3, 8, 16, 24], [1, 5])
  func `every broadcast to images`(channels: Int, extent: Int) throws {
    // 0: nothing is read as images, so all is stored row by row.
    for block in [8, 16, 0] {
      try RuntimeComparison(block: max(block, 8)) { graph, batch in
        let shape: Shape = [batch, channels, extent, extent + 1]
        let input = graph.input("x", shape, role: .batch)
        let x = block > 0 ? try graph.images(input) : input
        var values: [Value] = []
        for (k, pattern) in Self.patterns(batch, channels, extent, extent + 1).enumerated() {
          let small = graph.input("s\(k)", pattern, role: pattern[0] == batch ? .batch : .buffer)
          let repeated = try graph.broadcast(small, to: shape)
          values.append(try graph.multiply(graph.add(x, repeated), repeated))
        }
        // All in one program, and written out because a copy reads it.
        let all = try values.dropFirst().reduce(values[0]) { try graph.add($0, $1) }
        let copied = try graph.broadcast(
          graph.input("t", [1, channels, 1, extent + 1], role: .buffer), to: shape)
        values.append(try graph.slice(graph.add(x, copied), axis: 1, start: 0, size: 1))
        values.append(try graph.pad(copied, low: [0, 1, 0, 0], high: [0, 0, 0, 0]))
        return WantedValues(samples: values + [all])
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 4)])
    }
  }

  @Test(arguments: [[1], [4], [3, 2], [1, 3], [2, 1, 3], [2, 3, 1, 4]])
  func `every broadcast to tokens`(extents: [Int]) throws {
    for batch in [1, 3] {
      try RuntimeComparison(batch: batch) { graph, batch in
        let shape = Shape([batch] + extents)
        let x = graph.input("x", shape, role: .batch)
        var values: [Value] = []
        for mask in 0..<1 << shape.rank {
          let small = Shape((0..<shape.rank).map { mask >> $0 & 1 == 1 ? shape[$0] : 1 })
          let source = graph.input(
            "s\(mask)", small, role: mask & 1 == 1 ? .batch : .buffer)
          let repeated = try graph.broadcast(source, to: shape)
          values.append(try graph.multiply(graph.add(x, repeated), repeated))
        }
        let all = try values.dropFirst().reduce(values[0]) { try graph.add($0, $1) }
        return WantedValues(samples: values + [all])
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 4)])
    }
  }

  @Test(arguments: [1, 2, 9])
  func `every broadcast to features and filters`(width: Int) throws {
    try RuntimeComparison { graph, batch in
      let x = graph.input("x", [batch, width], role: .batch)
      let a = try graph.broadcast(graph.input("a", [batch, 1], role: .batch), to: [batch, width])
      let b = try graph.broadcast(graph.input("b", [1, width], role: .buffer), to: [batch, width])
      let c = try graph.broadcast(graph.input("c", [1, 1], role: .buffer), to: [batch, width])
      let d = try graph.constant(0.75, [batch, width])
      let all = try graph.add(
        graph.multiply(graph.add(x, a), graph.add(x, b)), graph.multiply(graph.add(x, c), d))
      let filters: Shape = [5, width, 3, 3]
      var w = graph.input("w", filters, role: .parameter)
      for (k, pattern) in Self.patterns(5, width, 3, 3).enumerated() {
        let small = graph.input("s\(k)", pattern, role: .parameter)
        w = try graph.add(graph.scale(w, by: 0.5), graph.broadcast(small, to: filters))
      }
      return WantedValues(sums: [w], samples: [all])
    }.expectAgreement(RuntimeComparison.allExecutions)
  }

  @Test func `activations made of several operations`() throws {
    try RuntimeComparison { graph, batch in
      let x = try graph.scale(graph.input("x", [batch, 37], role: .batch), by: 3)
      let values = [
        try graph.absoluteValue(x), try graph.leakyReLU(x, slope: 0.1), try graph.elu(x),
        try graph.silu(x), try graph.mish(x), try graph.gelu(x), try graph.geluByTanh(x),
        try graph.hardSwish(x), try graph.logSigmoid(x), try graph.softSign(x),
        try graph.clamp(x, from: -1, to: 2), try graph.maximum(x, graph.multiply(x, x)),
      ]
      let c = graph.input("c", [batch, 37], role: .batch)
      return WantedValues(
        samples: values + (try values.map { try graph.pullback(of: [($0, c)], by: [x])[0] }))
    }.expectAgreement([.microBatches, .wholeBatch(chunk: 2)], conditioning: 4)
  }

  @Test func `tensors of numbers in every place`() throws {
    try RuntimeComparison { graph, batch in
      func numbers(_ shape: Shape) throws -> Value {
        try graph.constant((0..<shape.count).map { Double($0 * 7 % 5) - 1.5 }, shape)
      }
      let x = graph.input("x", [batch, 8, 3, 3], role: .batch)
      let features = try graph.reshape(x, to: [batch, 72])
      let convolved = try graph.convolution(
        x, numbers([8, 8, 3, 3]), ConvolutionGeometry(padding: 1))
      let shifted = try graph.add(
        convolved, graph.broadcast(numbers([1, 8, 1, 1]), to: [batch, 8, 3, 3]))
      return WantedValues(
        sums: [try numbers([3, 2]), try graph.scale(numbers([4]), by: 2)],
        samples: [
          shifted, try graph.matrixProduct(features, numbers([72, 2])),
          try graph.multiply(features, graph.broadcast(numbers([1, 72]), to: [batch, 72])),
          try graph.gather(
            graph.concatenate(
              [features, graph.broadcast(numbers([1, 2]), to: [batch, 2])], axis: 1), axis: 1,
            indices: [73, 0, 72]),
        ])
    }.expectAgreement([.microBatches, .wholeBatch(chunk: 2)], conditioning: 4)
  }

  @Test func `values used twice are computed once`() throws {
    // 2^40 instructions if every use were computed anew.
    try RuntimeComparison { graph, batch in
      var x = graph.input("x", [batch, 9], role: .batch)
      for _ in 0..<40 { x = try graph.scale(graph.add(x, x), by: 0.5) }
      return WantedValues(samples: [x])
    }.expectAgreement([.microBatches])
  }
}
