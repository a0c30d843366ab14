import ComputationGraph
import Foundation
import ReferenceRuntime
import TestSupport
import Testing

/// Batch norm and cross-entropy equal their formulas, and their derivatives hold.
@Suite struct CompositeTests {
  private func check(
    _ graph: Graph, _ outputs: [Value], by sources: [Value], at point: [String: [Double]]
  ) throws {
    let check = DerivativeCheck(graph, outputs: outputs, sources: sources, at: point) {
      normal($0, $1)
    }
    #expect(try check.tangentError() < Tolerance.firstDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.hessianError() < Tolerance.secondDifference)
    #expect(try check.symmetryError() < Tolerance.exactInDouble)
  }

  @Test(arguments: [[3, 2, 2, 3], [6, 2]] as [Shape])
  func `batch norm with batch statistics normalises each channel`(shape: Shape) throws {
    var graph = Graph()
    let x = graph.input("x", shape, role: .batch)
    let gamma = graph.input("gamma", [2], role: .parameter)
    let beta = graph.input("beta", [2], role: .parameter)
    let norm = try graph.batchNormalization(x, gamma: gamma, beta: beta, epsilon: 1e-5)
    let elements = normal("x", shape.count).map { 3 + 2 * $0 }
    let point = ["x": elements, "gamma": [0.5, -2], "beta": [1, 3]]
    let results = ReferenceRuntime.evaluate(
      graph, outputs: [norm.output, norm.mean, norm.variance], inputs: point)

    let plane = shape.count / shape[0] / 2
    var expected = elements
    for channel in 0..<2 {
      let positions = elements.indices.filter { $0 / plane % 2 == channel }
      let count = Double(positions.count)
      let mean = positions.map { elements[$0] }.reduce(0, +) / count
      let variance = positions.map { pow(elements[$0] - mean, 2) }.reduce(0, +) / count
      #expect(abs(results[1][channel] - mean) < Tolerance.exactInDouble)
      #expect(abs(results[2][channel] - variance) < Tolerance.exactInDouble)
      for i in positions {
        expected[i] =
          (elements[i] - mean) / (variance + 1e-5).squareRoot() * [0.5, -2][channel]
          + [1, 3][channel]
      }
    }
    #expect(relativeError(results[0], expected) < Tolerance.exactInDouble)
    try check(graph, [norm.output, norm.mean, norm.variance], by: [x, gamma, beta], at: point)
  }

  @Test func `batch norm with fixed statistics is an affine map`() throws {
    var graph = Graph()
    let inputs = ["gamma", "beta", "mean", "variance"].map {
      graph.input($0, [2], role: .parameter)
    }
    let map = try graph.normalizationAffine(
      gamma: inputs[0], beta: inputs[1], mean: inputs[2], variance: inputs[3], epsilon: 0.25)
    let point = ["gamma": [1, 3], "beta": [5, 6], "mean": [2, -1], "variance": [0.75, 2]]
    let results = ReferenceRuntime.evaluate(
      graph, outputs: [map.scale, map.shift], inputs: point)
    #expect(relativeError(results[0], [1, 2]) < Tolerance.exactInDouble)
    #expect(relativeError(results[1], [3, 8]) < Tolerance.exactInDouble)
    try check(graph, [map.scale, map.shift], by: inputs, at: point)
  }

  @Test func `operations per channel act on their axis`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 2, 1, 2], role: .batch)
    let c = graph.input("c", [2], role: .parameter)
    let outputs = [
      try graph.addPerChannel(x, c), try graph.multiplyPerChannel(x, c),
    ]
    let results = ReferenceRuntime.evaluate(
      graph, outputs: outputs, inputs: ["x": [1, 2, 3, 4, 5, 6, 7, 8], "c": [10, 100]])
    #expect(results[0] == [11, 12, 103, 104, 15, 16, 107, 108])
    #expect(results[1] == [10, 20, 300, 400, 50, 60, 700, 800])
    #expect(throws: ShapeError.self) { try graph.addPerChannel(c, c) }
  }

  @Test func `a linear layer is a product of all rows with a bias`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 1, 3], role: .parameter)
    let weight = graph.input("weight", [2, 3], role: .parameter)
    let bias = graph.input("bias", [2], role: .parameter)
    let y = try graph.linear(x, weight: weight, bias: bias)
    #expect(graph.shape(of: y) == [2, 1, 2])
    let point: [String: [Double]] = [
      "x": [1, 2, 3, 4, 5, 6], "weight": [1, 0, 1, 0, 1, 10], "bias": [100, 200],
    ]
    #expect(
      ReferenceRuntime.evaluate(graph, outputs: [y], inputs: point) == [[104, 232, 110, 265]])
    try check(graph, [y], by: [x, weight, bias], at: point)
    #expect(throws: ShapeError.self) { try graph.linear(bias, weight: weight) }
    #expect(throws: ShapeError.self) { try graph.linear(x, weight: bias) }
  }

  @Test func `cross-entropy is the weighted mean over the samples`() throws {
    var graph = Graph()
    let z = graph.input("z", [3, 2], role: .parameter)
    let targets = graph.input("targets", [3, 2], role: .batch)
    let weights = graph.input("weights", [3, 1], role: .batch)
    let loss = try graph.softmaxCrossEntropy(logits: z, targets: targets, weights: weights)
    // The third sample is padding. Softmax (1/4, 3/4) and (1/2, 1/2).
    let point = [
      "z": [0, log(3.0), 2, 2, 7, -3], "targets": [1, 0, 0.5, 0.5, 1, 0],
      "weights": [0.5, 0.5, 0],
    ]
    let value = ReferenceRuntime.evaluate(graph, outputs: [loss], inputs: point)[0]
    #expect(relativeError(value, [0.5 * log(4) + 0.5 * log(2)]) < Tolerance.exactInDouble)

    let gradient = try graph.gradient(of: loss, by: [z])
    let slope = ReferenceRuntime.evaluate(graph, outputs: gradient, inputs: point)[0]
    #expect(relativeError(slope, [-0.375, 0.375, 0, 0, 0, 0]) < Tolerance.exactInDouble)
    try check(graph, [loss], by: [z], at: point)
  }
}
