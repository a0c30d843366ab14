import Checkpoints
import ComputationGraph
import LinearAlgebra
import NeuralNetworks
import ReferenceRuntime
import Testing

/// The input of a ReLU that is nearest to zero in the pass of one image, in float64.
struct NearestKink: CustomStringConvertible {
  /// Its magnitude in units of the root mean square of its tensor.
  private(set) var distance = Double.infinity
  /// Layers of ReLUs before and with it.
  private(set) var depth = 0

  /// Evaluates the network on the reference runtime.
  init(_ trained: TrainedModel, image: [Float]) throws {
    var graph = Graph()
    let nodes = try trained.model.instantiate(batch: 1, mode: .inference, in: &graph)
    let kinks = graph.reachable(from: [nodes.output]).compactMap { value -> Value? in
      guard case .unary(.relu) = graph[value].operation else { return nil }
      return graph[value].inputs[0]
    }
    var inputs = ["images": image.map(Double.init)]
    for segment in trained.model.layout.segments {
      inputs[segment.name] = trained.point.weights.elements[segment.range].array.map(Double.init)
    }
    for segment in trained.model.bufferLayout.segments {
      inputs[segment.name] = trained.point.buffers.elements[segment.range].array.map(Double.init)
    }
    let tensors = ReferenceRuntime.evaluate(graph, outputs: kinks, inputs: inputs)
    for (index, elements) in tensors.enumerated() {
      let scale = (elements.reduce(0) { $0 + $1 * $1 } / Double(elements.count)).squareRoot()
      let nearest = elements.lazy.map(abs).min() ?? .infinity
      // In units of what rounding can do there.
      if nearest / scale / Self.rounding(index + 1) < distance / Self.rounding(max(depth, 1)) {
        distance = nearest / scale
        depth = index + 1
      }
    }
  }

  /// Error of one input: three standard deviations of Winograd's error, which is 1.2e-6 of a layer's
  /// root mean square and adds up like the square root of the layers behind one another.
  private static func rounding(_ depth: Int) -> Double { 3 * 1.2e-6 * Double(depth).squareRoot() }

  /// Whether rounding alone can change the sign.
  var isWithinRounding: Bool { distance <= Self.rounding(max(depth, 1)) }

  var description: String {
    "nearest input of a ReLU at \(distance) of its layer's root mean square, layer \(depth)"
  }
}

@Suite struct NearestKinkTests {
  /// A perceptron of two hidden units on four numbers, the second of them shifted.
  private func kink(shift: Float) throws -> NearestKink {
    let model = try Model(
      .named("mlp-2", input: .init(channels: 1, height: 2, width: 2), classCount: 3))
    var point = model.initialPoint(seed: 1)
    for (name, values) in [
      ("fc1.weight", [1, 1, 1, 1, 1, 1, 1, 1]), ("fc1.bias", [0, shift]),
    ] as [(String, [Float])] {
      let segment = try #require(model.layout.segments.first { $0.name == name })
      for (place, value) in zip(segment.range, values) { point.weights.elements[place] = value }
    }
    return try NearestKink(
      TrainedModel(model: model, point: point), image: [1, 0.5, 0.25, 0.25])
  }

  /// The inputs of the ReLUs are 2 and 2 + shift, of root mean square near the square root of 2.
  @Test func onlyInputsAtRoundingDistanceAreKinks() throws {
    #expect(try kink(shift: -2).distance == 0)
    #expect(try kink(shift: -2 + 0x1p-20).isWithinRounding)
    let far = try kink(shift: -2 + 0x1p-17)
    #expect(!far.isWithinRounding && abs(far.distance * 2.0.squareRoot() / 0x1p-17 - 1) < 1e-4)
    #expect(try !kink(shift: 1).isWithinRounding)
  }
}
