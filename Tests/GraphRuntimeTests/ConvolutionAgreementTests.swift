import ComputationGraph
import Testing

@testable import GraphRuntime

/// Convolutions, their gradients and what is fused into them agree with the reference.
@Suite struct ConvolutionAgreementTests {
  /// Sizes of a convolution.
  struct Sizes: Sendable, CustomTestStringConvertible {
    var input: Int
    var output: Int
    var height: Int
    var width: Int
    var kernel = 3
    var geometry = ConvolutionGeometry(padding: 1)

    var testDescription: String {
      "\(input)->\(output), \(height)x\(width), k\(kernel), \(geometry)"
    }
  }

  /// Forward, both gradients and the filter gradient's sum over samples, all in one graph.
  static func check(_ s: Sizes, batch: Int = 3, batches: Int = 1, block: Int) throws {
    try RuntimeComparison(batch: batch, batches: batches, block: block) { graph, batch in
      let x = graph.input("x", [batch, s.input, s.height, s.width], role: .batch)
      let filters: Shape = [s.output, s.input / s.geometry.groups, s.kernel, s.kernel]
      let w = graph.input("w", filters, role: .parameter)
      let y = try graph.convolution(x, w, s.geometry)
      let dy = graph.input("dy", graph.shape(of: y), role: .batch)
      let dx = try graph.convolutionInputGradient(
        dy, w, s.geometry, input: graph.shape(of: x))
      let dw = try graph.convolutionFilterGradient(x, dy, s.geometry, filter: filters)
      return WantedValues(sums: [dw], samples: [y, dx])
    }.expectAgreement([.microBatches, .wholeBatch(chunk: 2)], s.testDescription)
  }

  @Test(arguments: [1, 3, 7, 8, 9, 15, 16, 17], [1, 8, 9, 16, 32])
  func `any number of channels`(input: Int, output: Int) throws {
    for block in [8, 16] {
      try Self.check(Sizes(input: input, output: output, height: 6, width: 5), block: block)
    }
  }

  @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17])
  func `any extent`(extent: Int) throws {
    for block in [8, 16] {
      try Self.check(Sizes(input: 16, output: 16, height: extent, width: 17), block: block)
      try Self.check(Sizes(input: 3, output: 16, height: 7, width: extent), block: block)
      try Self.check(
        Sizes(
          input: 16, output: 32, height: extent, width: extent, kernel: 1,
          geometry: ConvolutionGeometry(stride: 2)), block: block)
      try Self.check(
        Sizes(
          input: 64, output: 72, height: extent, width: 8,
          geometry: ConvolutionGeometry(stride: 2, padding: 1)), block: block)
    }
  }

  @Test(arguments: [1, 2, 3], [0, 1, 2])
  func `any stride and padding`(stride: Int, padding: Int) throws {
    for (channels, kernel) in [(8, 3), (16, 3), (16, 5), (3, 3), (16, 1), (5, 2)] {
      let geometry = ConvolutionGeometry(stride: stride, padding: min(padding, kernel - 1))
      try Self.check(
        Sizes(
          input: channels, output: 16, height: 9, width: 8, kernel: kernel, geometry: geometry),
        block: 8)
    }
  }

  @Test(arguments: [2, 3], [1, 2])
  func `dilated filters`(dilation: Int, stride: Int) throws {
    for channels in [8, 16, 5] {
      try Self.check(
        Sizes(
          input: channels, output: 16, height: 11, width: 10,
          geometry: ConvolutionGeometry(stride: stride, padding: dilation, dilation: dilation)),
        block: 8)
    }
  }

  @Test(arguments: [
    ([1, 1], [2, 0], [0, 1], [1, 1]), ([2, 1], [0, 1], [1, 2], [1, 1]),
    ([1, 2], [1, 1], [1, 0], [1, 1]), ([1, 3], [0, 2], [2, 0], [2, 1]),
    ([2, 2], [0, 0], [1, 1], [1, 1]),
  ])
  func `other strides, borders and dilations for each side`(
    stride: [Int], low: [Int], high: [Int], dilation: [Int]
  ) throws {
    for (channels, kernel) in [(16, 3), (5, 3), (16, 2), (8, 1)] {
      try Self.check(
        Sizes(
          input: channels, output: 16, height: 9, width: 7, kernel: kernel,
          geometry: ConvolutionGeometry(
            stride: stride, paddingLow: low, paddingHigh: high, dilation: dilation)), block: 8)
    }
  }

  @Test(arguments: [(2, 16, 16), (2, 32, 48), (4, 8, 8), (16, 16, 16), (3, 9, 6), (8, 8, 8)])
  func `groups of channels`(groups: Int, input: Int, output: Int) throws {
    for block in [8, 16] {
      try Self.check(
        Sizes(
          input: input, output: output, height: 6, width: 6,
          geometry: ConvolutionGeometry(padding: 1, groups: groups)), block: block)
    }
  }

  @Test(arguments: [2, 3, 7, 8])
  func `any batch`(batch: Int) throws {
    for batches in [1, 3] {
      try Self.check(
        Sizes(input: 8, output: 16, height: 8, width: 8), batch: batch, batches: batches, block: 8)
    }
  }

  // MARK: - Fusion

  /// What is added to a convolution: nothing, something computed before, the convolution's own
  /// operand, or a second convolution.
  enum Residual: CaseIterable, Sendable { case none, input, operand, computed, convolution }

  @Test(arguments: Residual.allCases, [false, true])
  func `bias, residual and relu in all combinations`(residual: Residual, usedAgain: Bool) throws {
    for mask in 0..<8 {
      let (bias, relu, secondBias) = (mask & 1 != 0, mask & 2 != 0, mask & 4 != 0)
      for (channels, block) in [(16, 8), (16, 16), (5, 8)] {
        try RuntimeComparison(block: block) { graph, batch in
          let shape: Shape = [batch, channels, 6, 6]
          let geometry = ConvolutionGeometry(padding: 1)
          let x = try graph.scale(graph.input("x", shape, role: .batch), by: 1)
          let z = graph.input("z", shape, role: .batch)
          func filters(_ name: String) -> Value {
            graph.input(name, [channels, channels, 3, 3], role: .parameter)
          }
          func vector(_ name: String) throws -> Value {
            try graph.broadcast(
              graph.input(name, [1, channels, 1, 1], role: .parameter), to: shape)
          }
          let operand = try graph.relu(x)
          var y = try graph.convolution(operand, filters("w"), geometry)
          if bias { y = try graph.add(y, vector("b")) }
          var other: Value?
          switch residual {
          case .none: break
          case .input: other = z
          case .operand: other = operand
          case .computed: other = try graph.multiply(z, x)
          case .convolution:
            other = try graph.convolution(z, filters("w2"), geometry)
            if secondBias, let convolved = other {
              other = try graph.add(vector("b2"), convolved)
            }
          }
          if let other { y = secondBias ? try graph.add(other, y) : try graph.add(y, other) }
          if relu { y = try graph.relu(y) }
          var samples = [y]
          let next = try graph.convolution(y, filters("w3"), geometry)
          samples.append(next)
          samples.append(try graph.gate(next, by: y))
          if usedAgain, let other { samples.append(try graph.multiply(other, z)) }
          return WantedValues(
            sums: [try graph.reduceSum(next, axes: [0, 2, 3])], samples: samples)
        }.expectAgreement(
          [.microBatches, .wholeBatch(chunk: 4)], conditioning: 4,
          "\(residual) bias \(bias) relu \(relu) second \(secondBias)")
      }
    }
  }

  @Test func `values that are broadcast are added to a convolution`() throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let shape: Shape = [batch, 16, 5, 5]
        let x = graph.input("x", shape, role: .batch)
        var samples: [Value] = []
        for (k, pattern) in ElementwiseAgreementTests.patterns(batch, 16, 5, 5).enumerated() {
          let w = graph.input("w\(k)", [16, 16, 3, 3], role: .parameter)
          let y = try graph.convolution(x, w, ConvolutionGeometry(padding: 1))
          let small = graph.input("s\(k)", pattern, role: pattern[0] == batch ? .batch : .buffer)
          samples.append(try graph.relu(graph.add(y, graph.broadcast(small, to: shape))))
        }
        return WantedValues(samples: samples)
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 4)])
    }
  }

  @Test func `the statistics of the batch are added to a convolution`() throws {
    try RuntimeComparison { graph, batch in
      let x = graph.input("x", [batch, 16, 5, 5], role: .batch)
      let w = graph.input("w", [8, 16, 3, 3], role: .parameter)
      let y = try graph.convolution(x, w, ConvolutionGeometry(padding: 1))
      let image = try graph.reduceMean(graph.slice(x, axis: 1, start: 0, size: 8), axes: [0])
      let mean = try graph.reduceMean(image, axes: [2, 3])
      let shape = graph.shape(of: y)
      return WantedValues(samples: [
        try graph.relu(graph.add(y, graph.broadcast(mean, to: shape))),
        try graph.add(graph.scale(y, by: 2), graph.broadcast(image, to: shape)),
        try graph.add(
          graph.convolution(x, graph.scale(w, by: 3), ConvolutionGeometry(padding: 1)),
          graph.broadcast(image, to: shape)),
      ])
    }.expectAgreement(RuntimeComparison.wholeBatches)
  }
}
