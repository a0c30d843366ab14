import ComputationGraph
import LinearAlgebra
import Testing

@testable import GraphRuntime

/// Products of many rows with large matrices, which are not packed beforehand.
@Suite struct RowProductTests {
  /// A linear layer with everything that is fused into it; its tangent, and its gradients.
  private static func layer(_ graph: inout Graph, batch: Int) throws -> WantedValues {
    let (tokens, inputs, outputs) = (64, 520, 530)
    func rows(_ name: String, _ width: Int) throws -> Value {
      let samples = graph.input(name, [batch, tokens, width], role: .batch)
      return try graph.reshape(samples, to: [batch * tokens, width])
    }
    let (x, t, r) = (try rows("x", inputs), try rows("t", inputs), try rows("r", outputs))
    let w = graph.input("w", [outputs, inputs], role: .parameter)
    let v = graph.input("v", [outputs, inputs], role: .direction)
    let shift = graph.input("b", [1, outputs], role: .parameter)
    let product = try graph.matrixProduct(x, w, transposeB: true)
    let shifted = try graph.add(product, graph.broadcast(shift, to: graph.shape(of: product)))
    let y = try graph.relu(graph.add(shifted, r))
    let tangent = try graph.tangent(of: [y], along: [(x, t), (w, v)])[0]
    let c = try rows("c", outputs)
    let gradient = try graph.pullback(of: [(y, c)], by: [x, w])
    return WantedValues(sums: [gradient[1]], samples: [y, tangent, gradient[0]])
  }

  @Test func `a layer, its tangent and its gradients agree with the reference`() throws {
    try RuntimeComparison(batch: 4, batches: 2, threads: 2, build: Self.layer).expectAgreement(
      [.microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 3)], conditioning: 4)
  }

  @Test func `the bits do not depend on how threads share the columns`() throws {
    let runs = try [(1, 1), (3, 1), (2, 4)].map { threads, chunk in
      try RuntimeComparison(batch: 4, batches: 2, threads: threads, build: Self.layer)
        .run(.wholeBatch(chunk: chunk))
    }
    #expect(runs[1] == runs[0] && runs[2] == runs[0])
  }

  @Test func `large matrices are not prepared`() throws {
    var graph = Graph()
    let wanted = try Self.layer(&graph, batch: 4)
    let executor = try GraphExecutor(
      graph, outputs: wanted.sums, sampleOutputs: wanted.samples, batch: 4,
      pool: WorkerPool(threadCount: 1))
    #expect(executor.sampleSteps.contains("product of rows x2"))
    #expect(
      !executor.sampleSteps.contains { $0.hasPrefix("matrix product") && !$0.hasSuffix("of two") })
  }
}
