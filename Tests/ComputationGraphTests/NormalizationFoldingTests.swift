import ComputationGraph
import ReferenceRuntime
import TestSupport
import Testing

/// Scales move into weights without changing what is computed.
@Suite struct NormalizationFoldingTests {
  /// Numbers of multiplications of the seven samples, and of convolutions and matrix products, behind values.
  private func counts(_ graph: Graph, _ outputs: [Value]) -> (scalings: Int, products: Int) {
    let operations = graph.reachable(from: outputs).map { graph[$0] }
    return (
      operations.count { $0.operation == .multiply && $0.shape[0] == 7 },
      operations.count {
        switch $0.operation {
        case .convolution, .matrixProduct: true
        default: false
        }
      }
    )
  }

  private func point(_ graph: Graph) -> [String: [Double]] {
    var point: [String: [Double]] = [:]
    for input in graph.inputs {
      point[input.name] = normal(input.name, graph.shape(of: input.value).count).map {
        input.name == "variance" ? abs($0) + 0.5 : $0
      }
    }
    return point
  }

  /// A convolution with batch norm, ReLU, and a linear layer with a scale per column.
  private func network(_ graph: inout Graph) throws -> (output: Value, convolution: Value) {
    let x = graph.input("x", [7, 3, 4, 4], role: .batch)
    let w = graph.input("w", [5, 3, 3, 3], role: .parameter)
    let vectors = ["gamma", "beta", "mean", "variance"].map {
      graph.input($0, [5], role: .parameter)
    }
    let norm = try graph.normalizationAffine(
      gamma: vectors[0], beta: vectors[1], mean: vectors[2], variance: vectors[3], epsilon: 0.1)
    let convolution = try graph.convolution(x, w, ConvolutionGeometry(padding: 1))
    let y = try graph.relu(
      graph.addPerChannel(graph.multiplyPerChannel(convolution, norm.scale), norm.shift))
    let head = graph.input("head", [2, 80], role: .parameter)
    let columns = graph.input("columns", [2], role: .parameter)
    let logits = try graph.linear(graph.reshape(y, to: [7, 80]), weight: head)
    return (try graph.multiplyPerChannel(logits, columns), convolution)
  }

  @Test func `values and gradients stay, passes over samples go`() throws {
    var graph = Graph()
    let output = try network(&graph).output
    var folded = try graph.foldingScales(outputs: [output])
    #expect(counts(graph, [output]) == (2, 2))
    #expect(counts(folded.graph, folded.outputs) == (0, 2))
    #expect(folded.graph.inputs.map(\.name) == graph.inputs.map(\.name))
    func results(_ graph: inout Graph, _ output: Value) throws -> [Double] {
      let sources = graph.inputs.map(\.value)
      let square = try graph.multiply(output, output)
      let loss = try graph.reduceSum(square, axes: [0, 1])
      let gradient = try graph.gradient(of: loss, by: sources)
      return ReferenceRuntime.evaluate(
        graph, outputs: [output] + gradient, inputs: point(graph)
      ).flatMap { $0 }
    }
    #expect(
      relativeError(
        try results(&folded.graph, folded.outputs[0]), try results(&graph, output))
        < Tolerance.exactInDouble)
  }

  @Test func `what others read, and scales of samples, are not folded`() throws {
    var graph = Graph()
    let (output, convolution) = try network(&graph)
    // Now the convolution is read twice.
    let folded = try graph.foldingScales(outputs: [output, convolution])
    #expect(counts(folded.graph, folded.outputs) == (1, 2))

    var batch = Graph()
    let x = batch.input("x", [2, 3, 4, 4], role: .batch)
    let w = batch.input("w", [5, 3, 1, 1], role: .parameter)
    let one = batch.input("one", [5], role: .parameter)
    let norm = try batch.batchNormalization(
      batch.convolution(x, w, ConvolutionGeometry()), gamma: one, beta: one, epsilon: 1)
    let unchanged = try batch.foldingScales(outputs: [norm.output])
    #expect(unchanged.graph.nodes == batch.nodes)
  }
}
