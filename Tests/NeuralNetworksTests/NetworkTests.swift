import ComputationGraph
import LinearAlgebra
@testable import NeuralNetworks
import ReferenceRuntime
import TestSupport
import Testing

/// Networks as functions: normalisation modes agree with each other and derivatives are exact.
@Suite struct NetworkTests {
  static let digits = Architecture.Input(channels: 1, height: 8, width: 8)

  /// Random point of a network: images, parameters near their initial values, lively statistics.
  private func point(_ network: Model, batch: Int) -> [String: [Double]] {
    var point = ["images": normal("images", batch * network.inputs[0].shape.count)]
    let parameters = network.initialParameters(seed: 3)
    for segment in network.layout.segments {
      let start = parameters.elements[segment.range].array.map(Double.init)
      let noise = normal(segment.name, start.count)
      point[segment.name] = zip(start, noise).map { $0 + 0.1 * $1 }
    }
    for segment in network.bufferLayout.segments {
      let noise = normal(segment.name, segment.range.count)
      point[segment.name] =
        switch segment.role {
        case .runningMean, .fixed: noise.map { 0.2 * $0 }
        case .runningVariance: noise.map { 0.5 + abs($0) }
        }
    }
    return point
  }

  private func normal(_ label: String, _ count: Int) -> [Double] {
    var stream = RandomStream(seed: 5, label: label)
    return (0..<count).map { _ in stream.normal() }
  }

  @Test(arguments: [
    ("resnet8-w2", 8), ("resnet8-b-w2", 8), ("resnet8-noshort-w2", 8), ("resnet18-w1", 8),
    ("resnet50-w1", 8), ("resnet18-imagenet-w1", 32), ("wideresnet-10-1", 8),
    ("wideresnet-10-2", 8), ("wideresnet-10-1-weiaicunzai", 8), ("preactresnet18-w1", 8),
    ("preresnet11-bottleneck-w1", 8), ("resnet11-bottleneck-w1", 8), ("densenet-10-2", 8),
  ])
  func `inference with the statistics of the batch equals batch mode`(
    name: String, extent: Int
  ) throws {
    let network = try Model(
      .named(
        name, input: Architecture.Input(channels: 2, height: extent, width: extent),
        classCount: 3))
    var point = point(network, batch: 4)
    var graph = Graph()
    let batch = try network.instantiate(batch: 4, mode: .batch, in: &graph)
    #expect(batch.batchStatistics.count * 2 == network.bufferLayout.segments.count)
    let results = ReferenceRuntime.evaluate(
      graph,
      outputs: [batch.output] + batch.batchStatistics.flatMap { [$0.mean, $0.variance] },
      inputs: point)
    for (index, statistics) in batch.batchStatistics.enumerated() {
      point[network.bufferLayout.segments[statistics.meanIndex].name] = results[1 + 2 * index]
      point[network.bufferLayout.segments[statistics.varianceIndex].name] = results[2 + 2 * index]
    }
    var other = Graph()
    let inference = try network.instantiate(batch: 4, mode: .inference, in: &other)
    #expect(inference.batchStatistics.isEmpty)
    let logits = ReferenceRuntime.evaluate(other, outputs: [inference.output], inputs: point)
    #expect(relativeError(logits[0], results[0]) < Tolerance.firstDifference)
  }

  /// pytorch-cifar's EfficientNet has an expansion that it does not use.
  @Test func `layers without use keep their statistics in training`() throws {
    let network = try Model(
      .named("efficientnetb0", input: ArchitectureTests.cifar, classCount: 10))
    let unused = network.bufferLayout.segments.filter { $0.name.hasPrefix("layers.0.bn1.") }
    #expect(unused.map(\.momentum) == [0, 0])
    var graph = Graph()
    let built = try network.instantiate(batch: 2, mode: .batch, in: &graph)
    #expect(2 * built.batchStatistics.count == network.bufferLayout.segments.count - 2)
    let weights = try graph.pullback(of: [(built.output, built.output)], by: built.parameters)
    #expect(weights.map { graph.shape(of: $0) } == network.layout.segments.map(\.shape))
  }

  @Test func `statistics count the elements of a channel`() throws {
    let network = try Model(.named("resnet8-w2", input: Self.digits, classCount: 3))
    var graph = Graph()
    let counts = try network.instantiate(batch: 4, mode: .batch, in: &graph).batchStatistics.map(
      \.count)
    #expect(counts == [256, 256, 256, 64, 64, 16, 16])
  }

  @Test(arguments: [false, true])
  func `folded batch norm equals the layer on its own`(hasBias: Bool) throws {
    var logits: [[Double]] = []
    for isFolded in [true, false] {
      var graph = Graph()
      let x = graph.input("x", [2, 3, 5, 5], role: .batch)
      var builder = ModelBuilder(graph: graph, mode: .inference)
      var y = try builder.convolution(
        x, "conv", channels: 4, kernel: 3, stride: 2, padding: 1, bias: hasBias,
        normalization: "bn")
      graph = builder.graph
      var parameters = builder.parameters
      if isFolded {
        let (folded, values) = try graph.foldingScales(outputs: [y] + parameters)
        #expect(folded.nodes.filter { $0.operation == .multiply }.allSatisfy { $0.shape[0] != 2 })
        (graph, y, parameters) = (folded, values[0], Array(values.dropFirst()))
      }
      let gradient = try graph.pullback(of: [(y, y)], by: parameters)
      var point = ["x": normal("x", 150)]
      for (value, name, _) in graph.inputs where name != "x" {
        point[name] = normal(name, graph.shape(of: value).count).map { 0.5 + abs($0) }
      }
      logits.append(
        ReferenceRuntime.evaluate(graph, outputs: [y] + gradient, inputs: point).flatMap { $0 })
    }
    #expect(relativeError(logits[0], logits[1]) < Tolerance.exactInDouble)
  }

  @Test func `a folded convolution leaves one shift per activation`() throws {
    let network = try Model(.named("resnet8-b", input: Self.digits, classCount: 3))
    var graph = Graph()
    _ = try network.instantiate(batch: 2, mode: .inference, in: &graph)
    // No product of activations: the only multiplications are on filters and on channels.
    for node in graph.nodes where node.operation == .multiply {
      #expect(node.shape.rank == 1 || node.shape[0] != 2)
    }
  }

  @Test(arguments: [
    ("mlp-6-5", NormalizationMode.inference), ("lenet", .inference),
    ("resnet8-w1", .inference), ("resnet8-w1", .batch), ("resnet8-b-w1", .inference),
    ("resnet8-b-w1", .batch), ("wideresnet-10-1", .inference), ("wideresnet-10-1", .batch),
    ("resnet50-w1", .inference), ("preresnet8-w1", .batch), ("resnet11-bottleneck-w1", .inference),
    ("densenet-10-1", .inference),
  ])
  func `Hessian-vector products of the loss are exact`(
    name: String, mode: NormalizationMode
  ) throws {
    let input =
      name == "lenet" ? Architecture.Input(channels: 1, height: 16, width: 16) : Self.digits
    let network = try Model(.named(name, input: input, classCount: 3))
    let batch = 2
    var graph = Graph()
    let built = try network.instantiate(batch: batch, mode: mode, in: &graph)
    let targets = graph.input("targets", [batch, 3], role: .batch)
    let weights = graph.input("weights", [batch, 1], role: .batch)
    let loss = try graph.softmaxCrossEntropy(
      logits: built.output, targets: targets, weights: weights)
    var point = point(network, batch: batch)
    point["targets"] = [1, 0, 0, 0, 0, 1]
    point["weights"] = [0.25, 0.75]
    let check = DerivativeCheck(graph, outputs: [loss], sources: built.parameters, at: point) {
      // Small steps, so that no ReLU or maximum changes its side within the difference.
      normal($0, $1).map { 0.01 * $0 }
    }
    #expect(try check.tangentError() < Tolerance.secondDifference)
    #expect(try check.hessianError() < 10 * Tolerance.secondDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.symmetryError() < Tolerance.exactInDouble)
  }

  @Test(arguments: [
    "resnet20", "resnet20-b", "resnet18", "resnet50", "resnet18-imagenet", "wideresnet-16-2",
    "mlp-32", "linear",
  ])
  func `images of eight by eight pixels with one channel are accepted`(name: String) throws {
    let network = try Model(.named(name, input: Self.digits, classCount: 10))
    var graph = Graph()
    for mode in [NormalizationMode.inference, .batch] {
      var copy = graph
      let built = try network.instantiate(batch: 3, mode: mode, in: &copy)
      #expect(copy.shape(of: built.inputs[0]) == [3, 1, 8, 8])
      #expect(copy.shape(of: built.output) == [3, 10])
      #expect(built.parameters.map { copy.shape(of: $0) } == network.layout.segments.map(\.shape))
      #expect(
        built.buffers.map { copy.shape(of: $0) } == network.bufferLayout.segments.map(\.shape))
    }
    #expect(throws: ShapeError.self) { try network.instantiate(batch: 0, mode: .batch, in: &graph) }
  }

  @Test(arguments: ["lenet", "vgg11-bn"])
  func `images that are too small are refused by name`(name: String) throws {
    let architecture = try Architecture.named(name, input: Self.digits, classCount: 10)
    let error = #expect(throws: ShapeError.self) { try Model(architecture) }
    #expect(error?.description.hasPrefix("\(name) on images [1, 8, 8]: ") == true)
  }
}
