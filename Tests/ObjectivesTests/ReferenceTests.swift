import Checkpoints
import Datasets
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// The engine against PyTorch in float64 on real networks (tolerances of DESIGN.md 5).
@Suite(
  .serialized,
  .enabled(if: SharedData.has("reference", "checkpoints", "cifar10"), SharedData.note))
struct ReferenceTests {
  static let cases = [("resnet20", "resnet20-12fca82f.th"), ("resnet32", "resnet32-d509ac18.th")]

  @Test(arguments: cases)
  func lossAndRightAnswersOfWholeSplits(_ name: String, _ checkpoint: String) throws {
    let reference = try ReferenceCase(name, checkpoint: checkpoint)
    for (split, figures) in [
      (true, reference.figures.train), (false, reference.figures.test),
    ] {
      let risk = try EmpiricalRisk(
        model: reference.trained.model,
        samples: ReferenceCase.samples(nil, split: split ? .train : .test),
        pool: WorkerPool(threadCount: 2))
      let value = try risk.value(at: reference.trained.point)
      #expect(value.samples == figures.samples)
      #expect(value.correct == figures.correct)
      #expect(relative(value.loss, figures.loss) < 1e-5, "loss \(value.loss) of \(split)")
    }
  }

  @Test(arguments: cases, [NormalizationMode.inference, .batch])
  func gradientAndHessianProduct(_ entry: (String, String), _ mode: NormalizationMode) throws {
    let reference = try ReferenceCase(entry.0, checkpoint: entry.1)
    let figures =
      mode == .inference ? reference.figures.derivatives_eval : reference.figures.derivatives_train
    let samples = try ReferenceCase.samples(figures.samples)
    let risk = try EmpiricalRisk(
      model: reference.trained.model, samples: samples,
      options: RiskOptions(normalization: mode, batchSize: figures.samples),
      pool: WorkerPool(threadCount: 2))
    let kinks = mode == .inference ? try KinkCorrection(reference.trained, samples) : nil
    let point = reference.trained.point
    let layout = reference.trained.model.layout
    var (value, gradient) = try risk.gradient(at: point)
    try kinks?.correct(&gradient) { try $0.gradient(at: point).1 }
    #expect(relative(value.loss, figures.loss) < 1e-5, "loss \(value.loss)")
    #expect(relative(gradient.norm, figures.gradient_norm) < 1e-4, "\(gradient.norm)")
    let probe = referenceProbe(count: layout.count)
    #expect(
      abs(gradient.dot(probe) - figures.gradient_dot_probe) < 1e-4 * gradient.norm * probe.norm)
    checkNorms(gradient, figures.gradient_norms, layout, "gradient")
    var product = try risk.hessianProduct(at: point, direction: probe)
    try kinks?.correct(&product) { try $0.hessianProduct(at: point, direction: probe) }
    #expect(relative(product.norm, figures.hv_norm) < 1e-4, "\(product.norm)")
    #expect(abs(product.dot(probe) - figures.v_hv) < 1e-4 * product.norm * probe.norm)
    checkNorms(product, figures.hv_norms, layout, "Hessian product")
    if let expected = figures.ggn {
      var product = try risk.gaussNewtonProduct(at: point, direction: probe)
      try kinks?.correct(&product) {
        try $0.gaussNewtonProduct(at: point, direction: probe)
      }
      #expect(relative(product.norm, expected.gv_norm) < 1e-4, "\(product.norm)")
      #expect(abs(product.dot(probe) - expected.v_gv) < 1e-4 * product.norm * probe.norm)
      checkNorms(product, expected.gv_norms, layout, "Gauss-Newton product")
    }
  }

  private func relative(_ a: Double, _ b: Double) -> Double { abs(a - b) / abs(b) }

  private func checkNorms(
    _ vector: Vector<Float>, _ expected: [String: Double], _ layout: ParameterLayout,
    _ what: String
  ) {
    #expect(expected.count == layout.segments.count)
    for segment in layout.segments {
      let norm = vector[segment.range].norm
      let reference = expected[segment.name] ?? .nan
      #expect(
        relative(norm, reference) < 1e-3, "\(what) of \(segment.name): \(norm), not \(reference)")
    }
  }
}
