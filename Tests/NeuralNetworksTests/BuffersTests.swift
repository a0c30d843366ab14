import ComputationGraph
import LinearAlgebra
import ReferenceRuntime
import TestSupport
import Testing

@testable import NeuralNetworks

@Suite struct BuffersTests {
  @Test func runningStatisticsTakeABatchWithTheMomentumOfTheirNorm() {
    let layout = BufferLayout([
      BufferTensor("a.running_mean", [2], .runningMean, momentum: 0.25),
      BufferTensor("b.running_mean", [1], .runningMean, momentum: 0.5),
    ])
    var buffers = Buffers(layout: layout, elements: Vector<Float>([4, 8, 2]))
    buffers.take(Vector<Float>([8, 0, 6]))
    #expect(buffers.elements.array == [5, 6, 4])
  }

  @Test(arguments: [NormalizationMode.inference, .batch])
  func everyNormHasItsOwnEpsilon(mode: NormalizationMode) throws {
    let epsilon = 0.5
    var graph = Graph()
    let x = graph.input("x", [2, 1], role: .batch)
    var builder = ModelBuilder(graph: graph, mode: mode)
    let y = try builder.batchNorm(x, "norm", epsilon: epsilon, momentum: 0.25)
    #expect(BufferLayout(builder.bufferTensors).segments.allSatisfy { $0.momentum == 0.25 })
    graph = builder.graph
    // Mean 2 and variance 1, of the batch and of the running statistics alike.
    let values = ReferenceRuntime.evaluate(
      graph, outputs: [y],
      inputs: [
        "x": [1, 3], "norm.weight": [1], "norm.bias": [0], "norm.running_mean": [2],
        "norm.running_var": [1],
      ])
    let expected = 1 / (1 + epsilon).squareRoot()
    #expect(relativeError(values[0], [-expected, expected]) < Tolerance.exactInDouble)
  }
}
