import ComputationGraph
import NeuralNetworks
import Testing

@testable import GraphRuntime

@Suite struct GraphWorkTests {
  private func work(_ name: String, side: Int = 32) throws -> GraphWork {
    let network = try Model(
      Architecture.named(name, input: .init(channels: 3, height: side, width: side), classCount: 10)
    )
    var graph = Graph()
    let model = try network.instantiate(batch: 3, mode: .inference, in: &graph)
    return GraphWork(graph, outputs: [model.output], batch: 3)
  }

  @Test(arguments: ["resnet20", "resnet18", "resnet50"])
  func `networks of convolutions take 16 samples at once, or half of fewer than 32`(
    name: String
  ) throws {
    let work = try work(name)
    #expect(!work.isDense)
    #expect([1, 16, 27, 32, 64, 100_000].map(work.microBatch) == [2, 8, 14, 16, 16, 16])
  }

  @Test(arguments: ["vgg16-bn", "lenet"])
  func `filters that 16 samples use too little get 32, or half of fewer than 64`(
    name: String
  ) throws {
    let work = try work(name)
    #expect(!work.isDense)
    #expect([1, 16, 27, 32, 64, 100_000].map(work.microBatch) == [2, 8, 14, 16, 32, 32])
  }

  @Test func `more pixels are more uses of a filter`() throws {
    #expect(try work("vgg16-bn", side: 64).microBatch(samples: 64) == 16)
  }

  @Test(arguments: ["mlp-512-512-512", "linear"])
  func `dense networks take an eighth of the samples, at least 32 and at most 512`(
    name: String
  ) throws {
    let work = try work(name)
    #expect(work.isDense)
    #expect([1, 128, 1797, 4096, 100_000].map(work.microBatch) == [32, 32, 225, 512, 512])
  }

  @Test func `rows of several samples count as rows`() throws {
    var graph = Graph()
    let x = graph.input("x", [2 * 64, 32], role: .batch)
    let w = graph.input("w", [32, 48], role: .parameter)
    let product = try graph.matrixProduct(x, w)
    let work = GraphWork(graph, outputs: [product], batch: 2)
    #expect([16, 100_000].map(work.microBatch) == [2, 8])
  }

  @Test(arguments: [(64, 100, 8), (64, 20, 7), (197, 8, 2), (300, 7, 2), (16, 100, nil)])
  func `threads share batches of near-equal size with up to 512 rows, two samples at least`(
    rows: Int, samples: Int, expected: Int?
  ) throws {
    var graph = Graph()
    let x = graph.input("x", [2 * rows, 32], role: .batch)
    let w = graph.input("w", [32, 48], role: .parameter)
    let product = try graph.matrixProduct(x, w)
    let work = GraphWork(graph, outputs: [product], batch: 2)
    #expect(work.sharedBatch(samples: samples) == expected)
  }

  @Test(arguments: [(1 << 16, 127), (1 << 19, 32)])
  func `wide values keep a micro-batch within 64 MiB, but not below 32 rows`(
    width: Int, expected: Int
  ) throws {
    var graph = Graph()
    let scaled = try graph.scale(graph.input("x", [2, width], role: .batch), by: 2)
    let w = graph.input("w", [width, 1], role: .parameter)
    let product = try graph.matrixProduct(scaled, w)
    let work = GraphWork(graph, outputs: [product], batch: 2)
    #expect(work.microBatch(samples: 100_000) == expected)
  }
}
