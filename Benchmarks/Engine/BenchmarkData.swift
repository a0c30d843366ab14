import ComputationGraph
import Datasets
import LinearAlgebra
import NeuralNetworks

/// A network by its name, and random samples for it: the time does not depend on them.
struct BenchmarkData {
  let model: Model
  let samples: Samples
  let point: ModelPoint

  /// Makes both.
  ///
  /// - Throws: `ArchitectureError` for an unknown name.
  init(network: String, samples count: Int) throws {
    var stream = RandomStream(seed: 1, label: "benchmark.images")
    guard let transformer = TransformerNetwork(rawValue: network) else {
      model = try Model(
        Architecture.named(
          network, input: .init(channels: 3, height: 32, width: 32), classCount: 10))
      let images = stream.normalVector(count: count * 3 * 32 * 32, as: Float.self)
      samples = Samples(
        images: images, shape: [3, 32, 32], labels: (0..<count).map { Int32($0 % 10) })
      point = model.initialPoint(seed: 1)
      return
    }
    model = try Model(.definition(AnyModelDefinition(transformer.definition)))
    let input = model.inputs[0]
    switch input.kind {
    case .real:
      let images = stream.normalVector(count: count * input.shape.count, as: Float.self)
      samples = Samples(
        images: images, shape: input.shape.dimensions, labels: (0..<count).map { Int32($0 % 10) })
    case .index(let bound):
      let length = input.shape.count
      let ids = (0..<count * (length + 1)).map { _ in stream.integer(below: bound) }
      func tokens(from first: Int) -> [Int] {
        (0..<count).flatMap { sample in
          let start = sample * (length + 1) + first
          return ids[start..<start + length]
        }
      }
      samples = Samples(
        count: count, inputs: [SampleArray(input.name, [length], integers: tokens(from: 0))],
        target: SampleArray("target", [length], integers: tokens(from: 1)))
    }
    point = Self.transformerPoint(model, &stream)
  }

  /// Weights and embeddings with a standard deviation of 0.02, norms that scale by 1.
  private static func transformerPoint(
    _ model: Model, _ stream: inout RandomStream
  ) -> ModelPoint {
    var weights = stream.normalVector(count: model.layout.count, as: Float.self).scaled(by: 0.02)
    for segment in model.layout.segments where segment.role == .normScale {
      weights.setElements(
        from: segment.range.lowerBound, to: Vector(repeating: 1, count: segment.range.count))
    }
    return ModelPoint(
      weights: ParameterVector(layout: model.layout, elements: weights),
      buffers: model.initialBuffers())
  }
}
