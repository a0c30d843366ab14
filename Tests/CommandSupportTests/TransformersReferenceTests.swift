import Analyses
import ArgumentParser
import Checkpoints
import CommandSupport
import DigitsReference
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

/// Folders of transformers against transformers itself in float64, opened as commands do (tolerances of
/// the design: losses 1e-5, norms of derivatives 1e-4, of single tensors 1e-3).
@Suite struct TransformersReferenceTests {
  private func open(_ reference: TransformersReference) throws -> OpenedModel {
    try OpenedModel(
      path: reference.model, options: ModelOptions.parse(["--data", reference.data]), isQuiet: true)
  }

  private func relative(_ a: Double, _ b: Double) -> Double { abs(a - b) / abs(b) }

  @Test(arguments: TransformersReference.Network.allCases)
  func lossGradientAndProductAreThoseOfTransformers(
    _ network: TransformersReference.Network
  ) throws {
    let reference = try TransformersReference(network)
    let figures = reference.figures
    let opened = try open(reference)
    let layout = opened.trained.model.layout
    #expect(layout.segments.map(\.name) == figures.tensors.map(\.name))
    #expect(layout.count == figures.parameters)
    let risk = try opened.risk(RiskOptions(), pool: WorkerPool(threadCount: 2))
    let point = opened.trained.point
    let (value, gradient) = try risk.gradient(at: point)
    #expect(relative(value.loss, figures.loss) < 1e-5, "\(value.loss), not \(figures.loss)")
    let product = try risk.curvature(CurvatureSettings(.hessian), at: point)
      .product(with: reference.direction)
    #expect(relative(product.norm, figures.product) < 1e-4)
    for (segment, tensor) in zip(layout.segments, figures.tensors) {
      // What is zero in exact arithmetic (biases of keys) is rounding here.
      let (g, p) = (gradient[segment.range].norm, product[segment.range].norm)
      #expect(
        abs(g - tensor.gradient) < 1e-4 * tensor.gradient + 1e-6 * gradient.norm,
        "\(tensor.name): gradient \(g), not \(tensor.gradient)")
      #expect(
        abs(p - tensor.product) < 1e-4 * tensor.product + 1e-5 * product.norm,
        "\(tensor.name): product \(p), not \(tensor.product)")
    }
    for (place, entry) in zip(figures.places, figures.entries) {
      #expect(
        abs(Double(product[place]) - entry) < 1e-5 * product.norm,
        "element \(place): \(product[place]), not \(entry)")
    }
  }

  /// Padding and micro-batches do not show in the mean.
  @Test(arguments: [TransformersReference.Network.gpt2Masked, .bertClasses])
  func theLossIsThatOfAnyMicroBatch(_ network: TransformersReference.Network) throws {
    let reference = try TransformersReference(network)
    let opened = try open(reference)
    for batch in [2, 3] {
      let risk = try opened.risk(
        RiskOptions(microBatch: batch), pool: WorkerPool(threadCount: 1))
      let loss = try risk.value(at: opened.trained.point).loss
      #expect(relative(loss, reference.figures.loss) < 1e-5)
    }
  }
}
