import Testing

@testable import ComputationGraph
@testable import GraphRuntime

/// Operations that only move elements give the very elements of the reference.
@Suite struct RearrangementAgreementTests {
  static let executions: [BatchExecution] = [
    .microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 4),
  ]

  @Test(arguments: [1, 7, 8, 16, 24], [1, 2, 5])
  func `reshapes between images and features`(channels: Int, extent: Int) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let input = graph.input("x", [batch, channels, extent, extent], role: .batch)
        let x = try graph.images(graph.scale(input, by: 2))
        let flat = try graph.reshape(x, to: [batch, channels * extent * extent])
        let back = try graph.images(
          graph.reshape(graph.scale(flat, by: 2), to: [batch, channels, extent, extent]))
        let other = try graph.reshape(back, to: [batch, extent, channels, extent])
        let row = try graph.reshape(x, to: [batch, 1, channels * extent, extent])
        return WantedValues(
          sums: [try graph.reshape(graph.reduceSum(x, axes: [0, 2, 3]), to: [channels])],
          samples: [
            flat, back, try graph.scale(other, by: 0.5), row, try graph.add(x, back),
            try graph.reshape(input, to: [batch, channels, 1, extent * extent]),
          ])
      }.expectAgreement(Self.executions)
    }
  }

  @Test(arguments: [4, 8, 16, 24])
  func `slices and pads along all axes`(channels: Int) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let input = graph.input("x", [batch, channels, 6, 7], role: .batch)
        let x = try graph.images(graph.scale(input, by: 2))
        var samples: [Value] = []
        for axis in 1..<4 {
          let extent = graph.shape(of: x)[axis]
          samples.append(try graph.slice(x, axis: axis, start: 1, size: extent - 2))
          var strides = [1, 1, 1, 1]
          strides[axis] = 2
          var sizes = graph.shape(of: x).dimensions
          sizes[axis] = (extent - 1) / 2
          var starts = [0, 0, 0, 0]
          starts[axis] = 1
          samples.append(try graph.slice(x, starts: starts, strides: strides, sizes: sizes))
          for amount in [1, 4, 8] {
            var low = [0, 0, 0, 0]
            var high = [0, 0, 0, 0]
            low[axis] = amount
            high[axis] = 8 - amount
            samples.append(try graph.pad(x, low: low, high: high))
          }
          var interior = [0, 0, 0, 0]
          interior[axis] = 2
          samples.append(
            try graph.append(
              .pad(Pad(low: [0, 1, 0, 2], high: [0, 0, 1, 0], interior: interior)), [x]))
        }
        return WantedValues(samples: samples)
      }.expectAgreement(Self.executions)
    }
  }

  @Test(arguments: [(8, 16), (16, 32), (16, 24), (5, 10), (4, 8)])
  func `shortcuts that halve the image and add channels`(from: Int, to: Int) throws {
    for (block, extent) in [(8, 8), (16, 8), (8, 7), (8, 2)] {
      try RuntimeComparison(block: block) { graph, batch in
        let input = graph.input("x", [batch, from, extent, extent], role: .batch)
        let x = try graph.images(graph.scale(input, by: 2))
        let half = (extent + 1) / 2
        let sliced = try graph.slice(
          x, starts: [0, 0, 0, 0], strides: [1, 1, 2, 2], sizes: [batch, from, half, half])
        let low = (to - from) / 2
        let y = try graph.pad(sliced, low: [0, low, 0, 0], high: [0, to - from - low, 0, 0])
        let c = graph.input("c", graph.shape(of: y), role: .batch)
        let gradient = try graph.pullback(of: [(y, graph.images(graph.scale(c, by: 2)))], by: [x])
        return WantedValues(samples: [y, sliced] + gradient)
      }.expectAgreement(Self.executions)
    }
  }

  @Test(arguments: [[0, 1, 3, 2], [0, 2, 1, 3], [0, 2, 3, 1], [0, 3, 1, 2], [0, 3, 2, 1]])
  func `transposes of samples`(permutation: [Int]) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let x = try graph.scale(graph.input("x", [batch, 16, 8, 3], role: .batch), by: 2)
        return WantedValues(samples: [
          try graph.transpose(x, permutation), try graph.transpose(graph.images(x), permutation),
          try graph.images(graph.transpose(x, permutation)),
        ])
      }.expectAgreement(Self.executions)
    }
  }

  @Test func `transposes, slices and pads of weights and of the batch`() throws {
    try RuntimeComparison { graph, batch in
      let w = graph.input("w", [4, 5, 3, 2], role: .parameter)
      let x = graph.input("x", [batch, 8, 2, 2], role: .batch)
      let y = try graph.images(graph.scale(x, by: 2))
      return WantedValues(sums: [
        try graph.transpose(w, [1, 3, 0, 2]), try graph.slice(w, axis: 0, start: 1, size: 2),
        try graph.pad(w, low: [1, 0, 0, 0], high: [0, 0, 0, 2]),
        try graph.concatenate([w, w], axis: 0), try graph.transpose(y, [1, 0, 2, 3]),
        try graph.slice(y, axis: 0, start: 1, size: 2),
        try graph.pad(y, low: [1, 0, 0, 0], high: [1, 0, 0, 0]),
        try graph.concatenate([y, x], axis: 0), try graph.reshape(y, to: [batch * 8, 4]),
      ])
    }.expectAgreement(RuntimeComparison.wholeBatches)
  }

  @Test(arguments: [1, 2, 3], [8, 16, 24])
  func `gathers and scatters along all axes`(axis: Int, channels: Int) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let input = graph.input("x", [batch, channels, 5, 6], role: .batch)
        let x = try graph.images(graph.scale(input, by: 2))
        let extent = graph.shape(of: x)[axis]
        // Whole blocks of channels, parts of one, and more of them than there are.
        let all = (0..<extent).map { ($0 * 5 + 3) % extent }
        let some = Array(((0..<extent).filter { $0 % 3 != 1 }).reversed())
        var samples: [Value] = []
        for indices in [all, Array(all.prefix(8)), some, all + some, [0, 0]] {
          let y = try graph.gather(x, axis: axis, indices: indices)
          samples += [y, try graph.scatter(y, axis: axis, indices: indices, extent: extent + 3)]
        }
        return WantedValues(samples: samples)
      }.expectAgreement(Self.executions)
    }
  }

  @Test func `gathers and scatters of weights and of features`() throws {
    try RuntimeComparison { graph, batch in
      let w = graph.input("w", [4, 5, 3, 2], role: .parameter)
      let x = try graph.scale(graph.input("x", [batch, 10], role: .batch), by: 2)
      let y = try graph.gather(x, axis: 1, indices: [7, 2, 9])
      return WantedValues(
        sums: [
          try graph.gather(w, axis: 0, indices: [3, 1]),
          try graph.gather(w, axis: 0, indices: [3, 3, 0, 3]),
          try graph.scatter(w, axis: 0, indices: [1, 1, 2, 1], extent: 3),
          try graph.scatter(w, axis: 0, indices: [5, 0, 2, 1], extent: 6),
          try graph.matrixProduct(y, x, transposeA: true),
        ],
        samples: [y, try graph.scatter(y, axis: 1, indices: [0, 4, 2], extent: 5)])
    }.expectAgreement(Self.executions)
  }

  @Test(arguments: [1, 2, 3], [3, 8, 16])
  func `concatenation along all axes`(axis: Int, channels: Int) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let shape: Shape = [batch, channels, 4, 5]
        let x = try graph.images(graph.scale(graph.input("x", shape, role: .batch), by: 2))
        let y = graph.input("y", shape.replacing(axis: axis, with: 8), role: .batch)
        let s = try graph.broadcast(
          graph.input("s", [1, channels, 1, 1], role: .buffer), to: shape)
        return WantedValues(samples: [try graph.concatenate([x, y, s, x], axis: axis)])
      }.expectAgreement(Self.executions)
    }
  }

  /// Each part is a step of its own; what reads the whole must not run behind the first of them.
  @Test func `tangents of concatenations wait for all parts`() throws {
    try RuntimeComparison { graph, batch in
      let w = graph.input("w", [4, 3], role: .parameter)
      let v = graph.input("v", [4, 3], role: .direction)
      let x = graph.input("x", [batch, 4], role: .batch)
      let y = try graph.matrixProduct(x, w)
      let earlier = try graph.pad(
        graph.slice(y, axis: 1, start: 0, size: 2), low: [0, 1], high: [0, 0])
      let joined = try graph.concatenate([y, earlier, y], axis: 1)
      let z = try graph.unary(.tanh, joined)
      let gradient = try graph.gradient(of: graph.reduceSum(z, axes: [0, 1]), by: [w])
      return WantedValues(
        sums: try graph.tangent(of: gradient, along: [(w, v)]),
        samples: try graph.tangent(of: [z], along: [(w, v)]))
    }.expectAgreement(RuntimeComparison.allExecutions, conditioning: 4)
  }
}
