import ComputationGraph
import LinearAlgebra
import Testing

@testable import GraphRuntime

/// Convolutions of images of few pixels as matrix products between pixels.
@Suite struct PixelProductTests {
  private static func sizes(
    _ height: Int, _ width: Int, kernel: Int = 3, _ geometry: ConvolutionGeometry
  ) -> ConvolutionAgreementTests.Sizes {
    .init(
      input: 128, output: 144, height: height, width: width, kernel: kernel, geometry: geometry)
  }

  @Test func `any extent and geometry`() throws {
    for block in [8, 16] {
      for (height, width) in [(2, 2), (1, 1), (1, 4), (2, 1)] {
        try ConvolutionAgreementTests.check(
          Self.sizes(height, width, ConvolutionGeometry(padding: 1)), batches: 2, block: block)
        try ConvolutionAgreementTests.check(
          Self.sizes(height, width, kernel: 1, ConvolutionGeometry()), block: block)
      }
      try ConvolutionAgreementTests.check(
        Self.sizes(2, 2, ConvolutionGeometry(stride: 2, padding: 1)), block: block)
      // Neighbours in the output that are none in the input.
      try ConvolutionAgreementTests.check(
        Self.sizes(1, 4, ConvolutionGeometry(stride: 2, padding: 1)), block: block)
      try ConvolutionAgreementTests.check(
        Self.sizes(2, 2, kernel: 2, ConvolutionGeometry(padding: 1, dilation: 2)), block: block)
    }
  }

  /// A graph of convolutions of 2x2 pixels: tangents of a rectified layer, of its gradient by the
  /// images and of that by the filters.
  private static func tangents(_ graph: inout Graph, _ batch: Int) throws -> WantedValues {
    let shape: Shape = [batch, 128, 2, 2]
    let geometry = ConvolutionGeometry(padding: 1)
    func images(_ name: String) -> Value { graph.input(name, shape, role: .batch) }
    func filter(_ name: String) -> Value {
      graph.input(name, [128, 128, 3, 3], role: .parameter)
    }
    let (x, dx, dy, ty) = (images("x"), images("dx"), images("dy"), images("ty"))
    let (y, r) = (images("y"), images("r"))
    let (w, dw) = (filter("w"), filter("dw"))
    let forward = try graph.add(
      graph.convolution(dx, w, geometry), graph.convolution(x, dw, geometry))
    let shift = graph.input("b", [1, 128, 1, 1], role: .parameter)
    let shifted = try graph.add(forward, graph.broadcast(shift, to: shape))
    let backward = try graph.add(
      graph.convolutionInputGradient(ty, w, geometry, input: shape),
      graph.convolutionInputGradient(dy, dw, geometry, input: shape))
    let gradient = try graph.add(
      graph.convolutionFilterGradient(dx, dy, geometry, filter: [128, 128, 3, 3]),
      graph.convolutionFilterGradient(x, ty, geometry, filter: [128, 128, 3, 3]))
    return WantedValues(
      sums: [try graph.scale(gradient, by: 3)],
      samples: [
        try graph.gate(graph.add(r, shifted), by: y), try graph.gate(backward, by: x),
        try graph.relu(graph.add(graph.convolution(x, w, geometry), r)),
      ])
  }

  @Test func `sums of two and all that follows are one kernel each`() throws {
    for block in [8, 16] {
      try RuntimeComparison(batch: 3, batches: 3, block: block, threads: 2, build: Self.tangents)
        .expectAgreement([.microBatches, .wholeBatch(chunk: 2)], conditioning: 4)
    }
    var graph = Graph()
    let wanted = try Self.tangents(&graph, 4)
    let steps = try GraphExecutor(
      graph, outputs: wanted.sums, sampleOutputs: wanted.samples, batch: 4, block: 8,
      pool: WorkerPool(threadCount: 1)
    ).sampleSteps.filter { $0 != "reorder" }
    #expect(
      steps.sorted() == [
        "convolution of pixels", "convolution x2 of pixels", "filter gradient x2 of pixels",
        "input gradient x2 of pixels",
      ])
  }

  @Test func `pairs of pixels are those that a filter lays over each other`() {
    let pairs = PixelPairs(
      ConvolutionGeometry(padding: 1), input: [1, 1, 2, 2], filter: [1, 1, 3, 3],
      output: [1, 1, 2, 2])
    // The centre meets every pixel with itself; the tap above and left of it only the last with the first.
    #expect(pairs.taps[4] == [.init(input: 0, output: 0, count: 4)])
    #expect(pairs.taps[0] == [.init(input: 0, output: 3, count: 1)])
    #expect(pairs.taps[1] == [.init(input: 0, output: 2, count: 2)])
    #expect(
      pairs.taps[3] == [
        .init(input: 0, output: 1, count: 1), .init(input: 2, output: 3, count: 1),
      ])
    #expect(pairs.taps.joined().reduce(0) { $0 + $1.count } == 16)
    #expect(pairs.transposed.transposed == pairs)
  }
}
