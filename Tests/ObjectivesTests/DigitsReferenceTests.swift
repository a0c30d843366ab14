import Checkpoints
import Datasets
import DigitsReference
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

/// The engine against PyTorch in float64 on networks that come with the tests (tolerances of the
/// design: losses 1e-5, norms of derivatives 1e-4, of single tensors 1e-3).
@Suite struct DigitsReferenceTests {
  private func risk(
    _ reference: DigitsReference, allOf split: DatasetSplit? = nil,
    _ convolution: ConvolutionChoice = .automatic
  ) throws -> EmpiricalRisk {
    try EmpiricalRisk(
      model: reference.trained.model, samples: reference.samples(allOf: split),
      options: RiskOptions(convolution: convolution), pool: WorkerPool(threadCount: 2))
  }

  private func relative(_ a: Double, _ b: Double) -> Double { abs(a - b) / abs(b) }

  @Test(arguments: DigitsReference.Network.allCases)
  func lossAndRightAnswersOfWholeSplits(_ network: DigitsReference.Network) throws {
    let reference = try DigitsReference(network)
    for (split, figures) in [
      (DatasetSplit.train, reference.figures.train), (.test, reference.figures.test),
    ] {
      let value = try risk(reference, allOf: split).value(
        at: reference.trained.point)
      #expect(value.samples == figures.samples && value.correct == figures.correct)
      #expect(relative(value.loss, figures.loss) < 1e-5, "\(value.loss), not \(figures.loss)")
    }
  }

  @Test(arguments: DigitsReference.Network.allCases, [ConvolutionChoice.automatic, .direct])
  func gradientsAtTheWeightsAndBesideThem(
    _ network: DigitsReference.Network, _ convolution: ConvolutionChoice
  ) throws {
    let reference = try DigitsReference(network)
    let figures = reference.figures.derivatives
    let point = reference.trained.point
    let risk = try risk(reference, convolution)
    let (value, gradient) = try risk.gradient(at: point)
    #expect(relative(value.loss, figures.loss) < 1e-5)
    #expect(relative(gradient.norm, figures.gradient_norm) < 1e-4)
    let probe = reference.probe
    #expect(
      abs(gradient.dot(probe) - figures.gradient_dot_probe) < 1e-4 * gradient.norm * probe.norm)
    checkNorms(gradient, figures.gradient_norms, reference)
    var perturbed = point
    perturbed.weights.elements.add(gradient, scaledBy: Float(figures.sam.rho / gradient.norm))
    var beside = try risk.gradient(at: perturbed).gradient
    #expect(relative(beside.norm, figures.sam.gradient_norm) < 1e-4)
    beside.add(gradient, scaledBy: -1)
    #expect(relative(beside.norm, figures.sam.difference_norm) < 1e-3)
  }

  @Test(
    arguments: DigitsReference.Network.allCases, [CurvatureMatrix.hessian, .gaussNewton, .fisher])
  func curvatureProducts(
    _ network: DigitsReference.Network, _ matrix: CurvatureMatrix
  ) throws {
    let reference = try DigitsReference(network)
    let derivatives = reference.figures.derivatives
    let figures =
      switch matrix {
      case .hessian: derivatives.hessian
      case .gaussNewton: derivatives.gaussNewton
      case .fisher, .sampledFisher: derivatives.fisher
      }
    let probe = reference.probe
    let product = try risk(reference).curvature(
      CurvatureSettings(matrix), at: reference.trained.point
    ).product(with: probe)
    #expect(relative(product.norm, figures.norm) < 1e-4, "\(product.norm), not \(figures.norm)")
    #expect(abs(product.dot(probe) - figures.dot_probe) < 1e-4 * product.norm * probe.norm)
    checkNorms(product, figures.norms, reference)
  }

  @Test(arguments: DigitsReference.Network.allCases)
  func lossesAlongALine(_ network: DigitsReference.Network) throws {
    let reference = try DigitsReference(network)
    let point = reference.trained.point
    let norm = point.weights.elements.norm
    let probe = reference.probe
    let risk = try risk(reference)
    for (step, loss) in zip(reference.figures.line.steps, reference.figures.line.loss) {
      var moved = point
      moved.weights.elements.add(probe, scaledBy: Float(step * norm / probe.norm))
      let value = try risk.value(at: moved)
      #expect(relative(value.loss, loss) < 1e-5, "\(value.loss), not \(loss)")
    }
  }

  private func checkNorms(
    _ vector: Vector<Float>, _ expected: [String: Double], _ reference: DigitsReference
  ) {
    let segments = reference.trained.model.layout.segments
    #expect(expected.count == segments.count)
    for segment in segments {
      let norm = vector[segment.range].norm
      let other = expected[segment.name] ?? .nan
      #expect(relative(norm, other) < 1e-3, "\(segment.name): \(norm), not \(other)")
    }
  }
}
