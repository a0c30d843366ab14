import ComputationGraph
import Testing

@testable import GraphRuntime

/// Sums, matrix products and softmax agree with the reference.
@Suite struct SumAgreementTests {
  /// All sets of axes of a rank.
  static func subsets(_ rank: Int) -> [[Int]] {
    (1..<1 << rank).map { mask in (0..<rank).filter { mask >> $0 & 1 == 1 } }
  }

  @Test(arguments: [1, 5, 8, 16, 32], [1, 2, 7])
  func `sums of images over all sets of axes`(channels: Int, extent: Int) throws {
    for block in [8, 16] {
      try RuntimeComparison(block: block) { graph, batch in
        let input = graph.input("positive", [batch, channels, extent, extent + 1], role: .batch)
        // Computed, so that it is stored in blocks.
        let x = try graph.images(graph.scale(input, by: 0.5))
        let w = graph.input("positive w", [channels, 3, extent, 2], role: .parameter)
        var wanted = WantedValues()
        for axes in Self.subsets(4) {
          let sum = try graph.reduceSum(x, axes: axes)
          if axes.contains(0) { wanted.sums.append(sum) } else { wanted.samples.append(sum) }
          let plain = try graph.reduceSum(input, axes: axes)
          if axes.contains(0) { wanted.sums.append(plain) } else { wanted.samples.append(plain) }
          wanted.sums.append(try graph.reduceSum(w, axes: axes))
        }
        return wanted
      }.expectAgreement([.microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 4)])
    }
  }

  @Test(arguments: [1, 8, 17], [2, 3, 7])
  func `sums of other ranks over all sets of axes`(width: Int, batch: Int) throws {
    try RuntimeComparison(batch: batch) { graph, batch in
      var wanted = WantedValues()
      for shape in [[batch], [batch, width], [batch, 2, width]] as [Shape] {
        let x = graph.input("positive\(shape.rank)", shape, role: .batch)
        for axes in Self.subsets(shape.rank) {
          let sum = try graph.reduceSum(x, axes: axes)
          if axes.contains(0) { wanted.sums.append(sum) } else { wanted.samples.append(sum) }
        }
      }
      return wanted
    }.expectAgreement([.microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 4)])
  }

  @Test(arguments: [1, 2, 9, 16], [1, 8, 17])
  func `matrix products of all kinds`(inner: Int, outer: Int) throws {
    try RuntimeComparison { graph, batch in
      let x = graph.input("x", [batch, inner], role: .batch)
      let y = graph.input("y", [batch, outer], role: .batch)
      let w = graph.input("w", [inner, outer], role: .parameter)
      let v = graph.input("v", [outer, inner], role: .parameter)
      let product = try graph.matrixProduct(x, w)
      return WantedValues(
        sums: [
          try graph.matrixProduct(x, y, transposeA: true), try graph.matrixProduct(w, v),
          try graph.matrixProduct(w, w, transposeA: true),
          try graph.matrixProduct(w, w, transposeB: true),
          try graph.matrixProduct(w, v, transposeA: true, transposeB: true),
          // Behind the sum over samples.
          try graph.matrixProduct(graph.matrixProduct(product, y, transposeA: true), v),
        ],
        samples: [product, try graph.matrixProduct(x, v, transposeB: true)])
    }.expectAgreement(RuntimeComparison.allExecutions, conditioning: 8)
  }

  @Test func `matrix products that mix samples run as whole batches`() throws {
    try RuntimeComparison { graph, batch in
      let x = graph.input("x", [batch, 5], role: .batch)
      let y = graph.input("y", [batch, 5], role: .batch)
      let gram = try graph.matrixProduct(x, y, transposeB: true)
      let scatter = try graph.matrixProduct(x, y, transposeA: true)
      return WantedValues(
        sums: [gram, try graph.matrixProduct(gram, x)],
        samples: [try graph.matrixProduct(x, scatter)])
    }.expectAgreement(RuntimeComparison.wholeBatches, conditioning: 4)
  }

  @Test(arguments: [1, 2, 10, 100])
  func `softmax and its logarithms`(classes: Int) throws {
    try RuntimeComparison { graph, batch in
      let z = try graph.scale(graph.input("z", [batch, classes], role: .batch), by: 5)
      let images = try graph.images(
        graph.scale(graph.input("x", [batch, 8, 3, 4], role: .batch), by: 2))
      let tokens = try graph.scale(graph.input("t", [batch, 5, classes], role: .batch), by: 3)
      let w = graph.input("w", [4, classes], role: .parameter)
      let v = graph.input("v", [classes], role: .parameter)
      return WantedValues(
        sums: [
          try graph.softmax(w), try graph.logSoftmax(v), try graph.softmax(v),
          try graph.logSumExp(w),
        ],
        samples: [
          try graph.softmax(z), try graph.logSoftmax(z), try graph.logSumExp(z),
          try graph.softmax(images), try graph.logSoftmax(images), try graph.logSumExp(images),
          try graph.softmax(tokens), try graph.logSoftmax(tokens), try graph.logSumExp(tokens),
        ])
    }.expectAgreement(
      [.microBatches, .wholeBatch(chunk: 2), .wholeBatch(chunk: 4)], conditioning: 8)
  }
}
