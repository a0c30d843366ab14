import Checkpoints
import ComputationGraph
import LinearAlgebra
import NeuralNetworks
import ReferenceRuntime
import Testing

/// An input z of a ReLU near zero in the pass of one image, and the gradient on both sides of it, in
/// float64.
///
/// In float32 a sum of products is the exact sum of factors that are changed by a share of some u each,
/// u = 2^-24, in whatever order it is added up (Higham 2002, "Accuracy and Stability of Numerical
/// Algorithms", section 3.1). So single precision cannot tell a network from those whose weights are
/// changed by a share of at most u, which is no more than rounding them. That moves z by up to
/// `u sum_i |w_i dz/dw_i|`, to first order, and an input that is nearer to zero has no sign there.
struct NearestKink: CustomStringConvertible {
  /// `|z| / (u sum_i |w_i dz/dw_i|)`: what share of u has to be added to or taken from every weight.
  let distance: Double
  /// Norm of the gradient of the image's loss with the sign of z that float64 finds, and with the other
  /// one: at the nearest weights for which z changes its sign.
  let gradientNorms: [Double]

  /// Whether rounding alone can change the sign.
  var isWithinRounding: Bool { distance <= 1 }

  /// Whether two passes of other rounding saw one side each, up to a share of the norm.
  func explains(_ norms: [Double], within tolerance: Double) -> Bool {
    [gradientNorms, gradientNorms.reversed()].contains { sides in
      zip(norms, sides).allSatisfy { abs($0 - $1) <= tolerance * $1 }
    }
  }

  var description: String {
    "input of a ReLU at \(distance) of rounding, gradients of norms \(gradientNorms)"
  }

  /// The kinks of an image whose inputs are the smallest beside the root mean square of their tensors,
  /// the nearest first.
  static func nearest(
    _ most: Int, of trained: TrainedModel, image: [Float], label: Int
  ) throws -> some Sequence<NearestKink> {
    let pass = try ImagePass(trained, image: image, label: label)
    return try pass.smallestInputs(most).lazy.map { try? pass.kink($0) }.compactMap(\.self)
  }
}

/// The pass of one image through a network, on the reference runtime.
private struct ImagePass {
  private var graph = Graph()
  private let nodes: ModelGraph
  /// The inputs of all ReLUs.
  private let inputs: [Value]
  private let loss: Value
  private let elements: [String: [Double]]
  private let parameters: [String]

  init(_ trained: TrainedModel, image: [Float], label: Int) throws {
    var graph = Graph()
    let nodes = try trained.model.instantiate(batch: 1, mode: .inference, in: &graph)
    inputs = graph.reachable(from: [nodes.output]).compactMap { value -> Value? in
      guard case .unary(.relu) = graph[value].operation else { return nil }
      return graph[value].inputs[0]
    }
    let classes = graph.shape(of: nodes.output).count
    let targets = graph.input("targets", [1, classes], role: .batch)
    loss = try graph.softmaxCrossEntropy(
      logits: nodes.output, targets: targets, weights: graph.constant(1, [1, 1]))
    var elements: [String: [Double]] = [
      "images": image.map(Double.init),
      "targets": (0..<classes).map { $0 == label ? 1 : 0 },
    ]
    for segment in trained.model.layout.segments {
      elements[segment.name] = trained.point.weights.elements[segment.range].array.map(Double.init)
    }
    for segment in trained.model.bufferLayout.segments {
      elements[segment.name] = trained.point.buffers.elements[segment.range].array.map(Double.init)
    }
    parameters = trained.model.layout.segments.map(\.name)
    self.graph = graph
    self.nodes = nodes
    self.elements = elements
  }

  /// Places of the smallest inputs, in units of the root mean square of their tensors.
  func smallestInputs(_ most: Int) throws -> [(input: Value, place: Int, value: Double)] {
    let tensors = ReferenceRuntime.evaluate(graph, outputs: inputs, inputs: elements)
    var found: [(input: Value, place: Int, value: Double, distance: Double)] = []
    for (input, values) in zip(inputs, tensors) {
      let scale = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      for (place, value) in values.enumerated() {
        found.append((input, place, value, abs(value) / scale))
      }
      found = Array(found.sorted { $0.distance < $1.distance }.prefix(most))
    }
    return found.map { ($0.input, $0.place, $0.value) }
  }

  func kink(_ smallest: (input: Value, place: Int, value: Double)) throws -> NearestKink {
    var graph = graph
    let shape = graph.shape(of: smallest.input)
    let unit = graph.input("unit", shape, role: .batch)
    var inputs = elements
    inputs["unit"] = (0..<shape.count).map { $0 == smallest.place ? 1 : 0 }
    let outputs = try graph.pullback(of: [(smallest.input, unit)], by: nodes.parameters)
    let slopes = ReferenceRuntime.evaluate(graph, outputs: outputs, inputs: inputs)
    var (reach, square) = (0.0, 0.0)
    for (name, slope) in zip(parameters, slopes) {
      for (weight, slope) in zip(elements[name] ?? [], slope) {
        reach += abs(weight * slope) * 0x1p-24
        square += slope * slope
      }
    }
    // To -z, or over zero where it is on it: ReLU'(0) is 0, as below.
    let change = smallest.value == 0 ? reach : -2 * smallest.value
    var moved = elements
    for (name, slope) in zip(parameters, slopes) {
      moved[name] = zip(elements[name] ?? [], slope).map { $0 + change * $1 / square }
    }
    return NearestKink(
      distance: abs(smallest.value) / reach,
      gradientNorms: try [elements, moved].map(gradientNorm))
  }

  private func gradientNorm(_ inputs: [String: [Double]]) throws -> Double {
    var graph = graph
    let outputs = try graph.gradient(of: loss, by: nodes.parameters)
    let gradients = ReferenceRuntime.evaluate(graph, outputs: outputs, inputs: inputs)
    return gradients.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

@Suite struct NearestKinkTests {
  /// A perceptron of two hidden units on four numbers, the second of them shifted.
  ///
  /// The inputs of the ReLUs are 2 and 2 + shift; `sum_i |w_i dz/dw_i|` of the second is 2 + |shift|.
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
    let kinks = try NearestKink.nearest(
      1, of: TrainedModel(model: model, point: point), image: [1, 0.5, 0.25, 0.25], label: 1)
    return try #require(kinks.first { _ in true })
  }

  @Test func onlyInputsAtRoundingDistanceAreKinks() throws {
    #expect(try kink(shift: -2).distance == 0)
    let near = try kink(shift: -2 + 0x1p-23)
    #expect(near.isWithinRounding && abs(near.distance - 0.5) < 1e-6)
    let far = try kink(shift: -2 + 0x1p-20)
    #expect(!far.isWithinRounding && abs(far.distance - 4) < 1e-5)
    #expect(try !kink(shift: 1).isWithinRounding)
  }

  @Test func gradientsAreThoseOfBothSides() throws {
    let above = try kink(shift: -2 + 0x1p-23)
    let below = try kink(shift: -2 - 0x1p-22)
    // The weights differ by some 1e-7.
    #expect(above.explains(below.gradientNorms.reversed(), within: 1e-6))
    #expect(below.explains(above.gradientNorms, within: 1e-6))
    #expect(abs(above.gradientNorms[0] / above.gradientNorms[1] - 1) > 1e-2)
    // An error that is no kink: of both passes, or of one of them.
    let norms = above.gradientNorms
    #expect(!above.explains([norms[0], norms[0]], within: 1e-3))
    #expect(!above.explains([norms[0], 1.01 * norms[1]], within: 1e-3))
    // On the kink itself ReLU' is 0, as below it.
    #expect(try kink(shift: -2).explains(norms, within: 1e-6))
  }
}
