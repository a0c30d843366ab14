import ComputationGraph
import Testing

@testable import GraphRuntime

/// Pooling and its adjoints agree with the reference.
@Suite struct PoolingAgreementTests {
  @Test(
    arguments: [(2, 2, 0), (3, 2, 1), (3, 1, 1), (3, 3, 0), (2, 1, 1), (5, 2, 2)], [1, 3, 8, 16])
  func `all functions on any window`(window: (Int, Int, Int), channels: Int) throws {
    let pool = PoolingWindow(size: window.0, stride: window.1, padding: window.2)
    for (extent, block) in [(5, 8), (8, 8), (8, 16), (9, 16)] {
      try Self.check(pool, [channels, extent, extent + 1], block: block)
    }
  }

  @Test func `windows that leave one pixel or start from one`() throws {
    for block in [8, 16] {
      try Self.check(PoolingWindow(size: 4, stride: 4), [16, 4, 4], block: block)
      try Self.check(PoolingWindow(size: 2, stride: 1, padding: 1), [16, 1, 1], block: block)
      try Self.check(PoolingWindow(size: 1, stride: 2), [16, 2, 2], block: block)
    }
  }

  @Test func `other extents, steps and borders for each side`() throws {
    let windows = [
      PoolingWindow(size: [3, 2], stride: [2, 1]),
      PoolingWindow(size: [3, 2], stride: [2, 1], paddingLow: [1, 0], paddingHigh: [0, 1]),
      PoolingWindow(size: [1, 3], stride: [1, 2], paddingHigh: [0, 2]),
      PoolingWindow(
        size: [2, 3], stride: [2, 2], paddingLow: [0, 2], paddingHigh: [2, 1], dilation: [3, 2]),
    ]
    for window in windows {
      for (channels, block) in [(3, 8), (16, 8), (16, 16)] {
        try Self.check(window, [channels, 8, 7], block: block)
      }
    }
  }

  @Test(arguments: [8, 16])
  func `the first NaN is the largest element, and of equal ones the first`(block: Int) {
    // Channel 0 has a NaN behind a smaller and before a larger element, channel 1 two equal ones.
    let rows: [[Float]] = [[1, 3], [.nan, 7], [5, 7], [.nan, 2]]
    let images = FloatRows(
      rows.flatMap { $0 + [Float](repeating: 0, count: block - 2) })
    let marks = FloatRows((0..<4 * block).map { Float($0 / block) })
    func pool(
      _ function: PoolingKernel.Function, _ values: FloatRows, pixels: Int
    ) -> [Float] {
      let result = FloatRows([Float](repeating: 0, count: pixels * block))
      BlockedPooling(function, windows: [[0, 1, 2, 3]])
        .run(values.pointer, images.pointer, result.pointer, block: block)
      return (0..<pixels * block).map { result.pointer[$0] }
    }
    let maximum = pool(.maximum, images, pixels: 1)
    #expect(maximum[0].isNaN && maximum[1] == 7)
    let chosen = pool(.select, marks, pixels: 1)
    #expect(chosen.prefix(3) == [1, 1, 0])
    let value = FloatRows((0..<block).map { Float($0 + 1) })
    let scattered = pool(.scatter, value, pixels: 4)
    #expect(scattered[block] == 1 && scattered[block + 1] == 2 && scattered[2] == 3)
    #expect(scattered.reduce(0, +) == Float(block * (block + 1) / 2))
  }

  private static func check(_ window: PoolingWindow, _ image: [Int], block: Int) throws {
    try RuntimeComparison(block: block) { graph, batch in
      let shape = Shape([batch] + image)
      let x = try graph.scale(graph.input("x", shape, role: .batch), by: 2)
      let t = try graph.scale(graph.input("t", shape, role: .batch), by: 2)
      let maximum = try graph.maxPool(x, window)
      let average = try graph.averagePool(x, window)
      let pixels = try graph.averagePool(x, window, countsBorder: false)
      let c = try graph.scale(
        graph.input("c", graph.shape(of: maximum), role: .batch), by: 2)
      let pulled = try graph.pullback(
        of: [(maximum, c), (average, c), (pixels, c)], by: [x])
      let tangents = try graph.tangent(of: [maximum, average, pixels] + pulled, along: [(x, t)])
      return WantedValues(samples: [maximum, average, pixels] + pulled + tangents)
    }.expectAgreement([.microBatches, .wholeBatch(chunk: 4)], conditioning: 2)
  }
}
