import ComputationGraph
import Datasets
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

/// A batch norm over images that are multiplied by a buffer of the file.
private struct ScaledNorm: ModelDefinition {
  let modelName = "scaled norm"
  let inputs = [ModelInput("images", [1, 2, 2])]

  func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let factor = builder.bufferTensor("factor", [1], .fixed, momentum: 0)
    let gamma = builder.parameter("norm.weight", [1], .normScale)
    let beta = builder.parameter("norm.bias", [1], .normShift)
    let mean = builder.bufferTensor("norm.running_mean", [1], .runningMean)
    let variance = builder.bufferTensor("norm.running_var", [1], .runningVariance)
    let scaled = try builder.apply { (graph) throws(ShapeError) in
      try graph.multiplyPerChannel(inputs[0], factor)
    }
    let y = try builder.batchNorm(
      scaled, gamma: gamma, beta: beta, mean: mean, variance: variance, meanIndex: 1,
      varianceIndex: 2, epsilon: 1e-5)
    let count = builder.graph.shape(of: y)[0]
    return [
      try builder.apply { (graph) throws(ShapeError) in try graph.reshape(y, to: [count, 4]) }
    ]
  }
}

/// Statistics of batch norms estimated anew.
@Suite struct RecalibrationTests {
  /// Statistics follow the samples; what is no statistic keeps its value.
  @Test func onlyStatisticsAreEstimatedAnew() throws {
    let images = Vector<Float>((0..<32).map { Float($0) })
    let samples = Samples(
      images: images, shape: [1, 2, 2], labels: (0..<8).map { Int32($0 % 4) })
    let model = try Model(.definition(AnyModelDefinition(ScaledNorm())))
    let risk = try EmpiricalRisk(
      model: model, samples: samples, options: RiskOptions(batchSize: 8),
      pool: WorkerPool(threadCount: 2))
    let point = ModelPoint(
      model, weights: Vector([1, 0]), buffers: Vector([3, 7, 9]))
    let found = try risk.recalibratedBuffers(at: point).elements.array
    #expect(found[0] == 3)
    // Mean of 0...31 times 3, and 9 times its unbiased variance, 88.
    #expect(abs(found[1] - 46.5) < 1e-4 && abs(found[2] - 792) < 1e-2)
  }
}
