import ComputationGraph
import LinearAlgebra
import NeuralNetworks
import ReferenceRuntime
import Testing

@testable import GraphRuntime

/// Plans with several passes, of which later ones take over what earlier ones have computed.
@Suite struct PassesTests {
  /// A network of convolutions and batch norms with the gradient at two values of its last weights.
  private struct TwoPasses {
    var graph = Graph()
    let first: ExecutorPass
    let second: ExecutorPass
    let batch = 6
    let images: String
    /// Position of the gradient by the weights of the first convolution.
    let firstGradient: Int

    init() throws {
      let model = try Model(
        .named("resnet8-w32", input: .init(channels: 3, height: 8, width: 8), classCount: 4))
      let nodes = try model.instantiate(batch: batch, mode: .batch, in: &graph)
      images = model.inputs[0].name
      let targets = graph.input("targets", [batch, 4], role: .batch)
      let weights = graph.input("positive weights", [batch, 1], role: .batch)
      let loss = try graph.softmaxCrossEntropy(
        logits: nodes.output, targets: targets, weights: weights)
      // The last third of the layers.
      let last = model.layout.segments.indices.dropFirst(model.layout.segments.count * 2 / 3)
      var moved: [Value: Value] = [:]
      for index in last {
        moved[nodes.parameters[index]] = graph.input(
          "other \(index)", model.layout.segments[index].shape, role: .parameter)
      }
      let statistics = nodes.batchStatistics.flatMap { [$0.mean, $0.variance] }
      firstGradient = 1 + statistics.count
      first = ExecutorPass(
        outputs: [loss] + statistics
          + (try graph.gradient(of: loss, by: last.map { nodes.parameters[$0] })),
        sampleOutputs: [nodes.output])
      let others = try graph.substituting(moved, in: [loss, nodes.output] + statistics)
      second = ExecutorPass(
        outputs: [others[0]] + others.dropFirst(2)
          + (try graph.gradient(of: others[0], by: nodes.parameters.map { moved[$0] ?? $0 })),
        sampleOutputs: [others[1]])
    }

    /// Outputs and logits of each pass of one plan, run several times over data of their own.
    ///
    /// Behind the first pass, images and weights of the first convolution are NaN if they are forgotten.
    func run(
      _ passes: [ExecutorPass], threads: Int = 1, rounds: Int = 1, forgetting: Bool = false
    ) throws -> [[[Float]]] {
      let executor = try GraphExecutor(
        graph, passes: passes, batch: batch, execution: .wholeBatch(chunk: 2),
        pool: WorkerPool(threadCount: threads))
      var results: [[[Float]]] = []
      for round in (0..<rounds).reversed() {
        let data = RuntimeData(seed: 1 + round)
        func rows(_ name: String, isBatch: Bool) -> FloatRows {
          guard let input = graph.inputs.first(where: { $0.name == name }) else { return .init([]) }
          return FloatRows(
            data.elements(name, graph.shape(of: input.value), rows: isBatch ? 0..<batch : nil)
              .map { $0 / (isBatch ? 1 : 4) })
        }
        let fixed = executor.fixedInputs.map { rows($0, isBatch: false) }
        let bound = executor.batchInputs.map { rows($0, isBatch: true) }
        results = try passes.indices.map { pass in
          let widths = passes[pass].sampleOutputs.map { graph.shape(of: $0).count }
          let shown = widths.map { FloatRows([Float](repeating: 0, count: $0)) }
          for (name, rows) in zip(executor.fixedInputs + executor.batchInputs, fixed + bound)
          where forgetting && pass > 0 && [images, "conv1.weight"].contains(name) {
            rows.block.pointer.update(repeating: .nan, count: rows.block.count)
          }
          executor.prepare(fixed: fixed.map { UnsafePointer($0.pointer) }, pass: pass)
          let outputs = try executor.evaluate(
            fixed: fixed.map { UnsafePointer($0.pointer) }, pass: pass, batches: 1,
            bind: { _, _ in bound.map { UnsafePointer($0.pointer) } },
            observe: { _, values in
              for (k, value) in values.enumerated() {
                shown[k].pointer.update(from: value, count: widths[k])
              }
            },
            deliver: { $0.map { Array($0.elements) } })
          return outputs
            + zip(shown, widths).map {
              Array(UnsafeBufferPointer(start: $0.pointer, count: $1))
            }
        }
      }
      return results
    }
  }

  @Test func `every pass has the bits that it has alone`() throws {
    let work = try TwoPasses()
    let both = try work.run([work.first, work.second])
    #expect(both[0] == (try work.run([work.first]))[0])
    #expect(both[1] == (try work.run([work.second]))[0])
    #expect(both[0][0] != both[1][0])
    #expect(both.joined().joined().allSatisfy { $0.isFinite })
  }

  @Test func `threads and earlier data leave no trace in a pass`() throws {
    let work = try TwoPasses()
    let both = try work.run([work.first, work.second])
    #expect(both == (try work.run([work.first, work.second], threads: 3)))
    #expect(both == (try work.run([work.first, work.second], threads: 2, rounds: 3)))
  }

  /// The second pass reads images and weights of the first convolution for the gradient by the latter alone.
  @Test func `a pass computes nothing that an earlier one has`() throws {
    let work = try TwoPasses()
    let both = try work.run([work.first, work.second])
    let forgotten = try work.run([work.first, work.second], forgetting: true)
    #expect(both[0] == forgotten[0])
    let changed = zip(both[1], forgotten[1]).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    #expect(changed == [work.firstGradient])
    func steps(_ passes: [ExecutorPass]) throws -> [String] {
      try GraphExecutor(
        work.graph, passes: passes, batch: work.batch, execution: .wholeBatch(chunk: 2),
        pool: WorkerPool(threadCount: 1)
      ).sampleSteps
    }
    let alone = try steps([work.first]).count + steps([work.second]).count
    let together = try steps([work.first, work.second]).count
    #expect(together < alone)
    #expect(try steps([work.first, work.first]).count == steps([work.first]).count)
  }

  /// Memory is laid out in the order of the steps, so they must run in it.
  @Test func `steps of earlier passes come first`() throws {
    let work = try TwoPasses()
    let executor = try GraphExecutor(
      work.graph, passes: [work.first, work.second], batch: work.batch,
      execution: .wholeBatch(chunk: 2), pool: WorkerPool(threadCount: 1))
    let order = executor.keeping[.sample].map(\.pass)
    #expect(order == order.sorted() && Set(order) == [0, 1])
  }

  @Test func `a second pass needs little more memory than it does alone`() throws {
    let work = try TwoPasses()
    func bytes(_ passes: [ExecutorPass]) throws -> Int {
      try GraphExecutor(
        work.graph, passes: passes, batch: work.batch, execution: .wholeBatch(chunk: 2),
        pool: WorkerPool(threadCount: 1)
      ).memoryBytes
    }
    let both = try bytes([work.first, work.second])
    #expect(both < (try bytes([work.first]) + bytes([work.second])))
  }
}
