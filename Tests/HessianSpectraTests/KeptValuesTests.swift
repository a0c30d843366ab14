import Datasets
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

/// Products that keep what does not depend on the direction.
@Suite struct KeptValuesTests {
  /// Enough for everything, for some of the micro-batches (about 20 KiB each), for the gradient alone.
  static let budgets = [64 << 20, 50 << 10, 1]

  @Test(arguments: CurvatureMatrix.allCases, budgets)
  func haveTheSameBits(matrix: CurvatureMatrix, bytes: Int) throws {
    for options in [
      RiskOptions(microBatch: 3), RiskOptions(normalization: .batch, batchSize: 5, microBatch: 2),
    ] {
      let tiny = try TinyNetwork.residual()
      let risk = try tiny.risk(options)
      let keeping = try risk.curvature(
        CurvatureSettings(matrix, keptBytes: bytes), at: tiny.point)
      // The first product of each computes everything.
      func plain() throws -> any CurvatureEvaluator {
        try tiny.risk(options).curvature(CurvatureSettings(matrix), at: tiny.point)
      }
      var stream = RandomStream(seed: 1, label: "kept values")
      for number in 0..<5 {
        let direction = stream.normalVector(count: tiny.model.layout.count, as: Float.self)
        let expected = try plain().product(with: direction)
        #expect(try keeping.product(with: direction) == expected, "product \(number)")
      }
      let several = (0..<4).map { _ in
        stream.normalVector(count: tiny.model.layout.count, as: Float.self)
      }
      let single = try several.map { try plain().product(with: $0) }
      for _ in 0..<3 { #expect(try keeping.products(with: several) == single) }
    }
  }

  /// Without anything kept, activations, cotangents and their tangents share memory.
  @Test func whatIsNotKeptNeedsLessMemoryThanWhatIs() throws {
    let model = try Model(
      .named("resnet20", input: .init(channels: 3, height: 32, width: 32), classCount: 10))
    let images = 4
    let risk = try EmpiricalRisk(
      model: model,
      samples: Samples(
        images: Vector(zeros: images * 3072), shape: [3, 32, 32],
        labels: [Int32](repeating: 0, count: images)),
      options: RiskOptions(microBatch: images), pool: WorkerPool(threadCount: 1))
    let memory = try risk.curvatureMemory(CurvatureSettings(.hessian))
    // Beside three vectors, the one worker's memory grows to hold what would have been kept.
    let growth = memory.added - 3 * 4 * model.layout.count
    #expect(growth > 0 && Double(growth) < 0.7 * Double(memory.keepable), "\(memory)")
  }

  @Test func belongToTheirWeights() throws {
    let tiny = try TinyNetwork.residual()
    let risk = try tiny.risk()
    var moved = tiny.point
    moved.weights.elements.scale(by: 1.5)
    let points = [tiny.point, moved]
    let keeping = try points.map {
      try risk.curvature(CurvatureSettings(.hessian, keptBytes: 64 << 20), at: $0)
    }
    let direction = tiny.model.initialParameters(seed: 8).elements
    let expected = try points.map { point in
      try tiny.risk().hessianProduct(at: point, direction: direction)
    }
    #expect(expected[0] != expected[1])
    // Taken in turns, products at two points share the memory of the plan.
    for _ in 0..<4 {
      for (product, value) in zip(keeping, expected) {
        #expect(try product.product(with: direction) == value)
      }
    }
  }
}
