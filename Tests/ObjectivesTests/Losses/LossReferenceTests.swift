import Checkpoints
import Datasets
import DigitsReference
import FileFormats
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

/// Squared errors and tokens against PyTorch in float64 (tolerances of the design: losses 1e-5, norms of
/// derivatives 1e-4, of single tensors 1e-3).
@Suite struct LossReferenceTests {
  private struct Case {
    let reference: LossReference
    let trained: TrainedModel

    init(_ network: LossReference.Network) throws {
      reference = try LossReference(network)
      trained = try TrainedModel.recognized(
        CheckpointFile.read(reference.model), name: nil,
        inputs: [.features(10), .tokens(length: 32, vocabulary: 2)], outputCount: 1
      ).model
    }

    func risk(_ split: DatasetSplit = .train) throws -> EmpiricalRisk {
      guard case .arrays(let data) = try DatasetCatalog.openData(reference.data, split: split)
      else { throw RiskError(description: "no arrays") }
      return try EmpiricalRisk(
        model: trained.model, samples: data.samples, pool: WorkerPool(threadCount: 2))
    }

    func check(_ vector: Vector<Float>, _ expected: LossReference.Derivative) {
      let probe = reference.probe
      #expect(relative(vector.norm, expected.norm) < 1e-4, "\(vector.norm), not \(expected.norm)")
      #expect(abs(vector.dot(probe) - expected.dot_probe) < 1e-4 * vector.norm * probe.norm)
      let segments = trained.model.layout.segments
      #expect(expected.norms.count == segments.count)
      for segment in segments {
        let norm = vector[segment.range].norm
        let other = expected.norms[segment.name] ?? .nan
        #expect(relative(norm, other) < 1e-3, "\(segment.name): \(norm), not \(other)")
      }
    }
  }

  @Test(arguments: LossReference.Network.allCases)
  func lossAndMetricOfBothSplits(_ network: LossReference.Network) throws {
    let one = try Case(network)
    #expect(one.trained.model.name == one.reference.architecture)
    for (split, figures) in [
      (DatasetSplit.train, one.reference.figures.train), (.test, one.reference.figures.test),
    ] {
      let value = try one.risk(split).value(at: one.trained.point)
      #expect(value.samples == figures.samples && value.rows == figures.rows)
      #expect(value.correct == figures.correct)
      #expect(relative(value.loss, figures.loss) < 1e-5, "\(value.loss), not \(figures.loss)")
      #expect(relative(value.score, figures.score) < 1e-5, "\(value.score), not \(figures.score)")
    }
  }

  @Test(arguments: LossReference.Network.allCases)
  func gradientsAtTheWeightsAndBesideThem(_ network: LossReference.Network) throws {
    let one = try Case(network)
    let figures = one.reference.figures
    let risk = try one.risk()
    let gradient = try risk.gradient(at: one.trained.point).gradient
    one.check(gradient, figures.gradient)
    var perturbed = one.trained.point
    perturbed.weights.elements.add(gradient, scaledBy: Float(figures.sam.rho / gradient.norm))
    var beside = try risk.gradient(at: perturbed).gradient
    #expect(relative(beside.norm, figures.sam.norm) < 1e-4)
    beside.add(gradient, scaledBy: -1)
    #expect(relative(beside.norm, figures.sam.difference_norm) < 1e-3)
  }

  @Test(
    arguments: LossReference.Network.allCases, [CurvatureMatrix.hessian, .gaussNewton, .fisher])
  func curvatureProducts(_ network: LossReference.Network, _ matrix: CurvatureMatrix) throws {
    let one = try Case(network)
    let product = try one.risk().curvature(CurvatureSettings(matrix), at: one.trained.point)
      .product(with: one.reference.probe)
    one.check(product, one.reference.figures.product(matrix))
  }

  @Test(arguments: LossReference.Network.allCases)
  func lossAndMetricOnAPlane(_ network: LossReference.Network) throws {
    let one = try Case(network)
    let surface = one.reference.figures.surface
    let file = try NPZFile(path: one.reference.directions)
    let axes = try ["x", "y"].map { Vector(try file.array($0).floats()) }
    let risk = try one.risk()
    for (row, y) in surface.coordinates.enumerated() {
      for (column, x) in surface.coordinates.enumerated() {
        var point = one.trained.point
        point.weights.elements.add(axes[0], scaledBy: Float(x))
        point.weights.elements.add(axes[1], scaledBy: Float(y))
        let value = try risk.value(at: point)
        #expect(relative(value.loss, surface.loss[row][column]) < 1e-5)
        // One token whose two largest logits are equal up to rounding may fall on either side.
        #expect(abs(value.score - surface.score[row][column]) < 1.01 / Double(value.rows))
      }
    }
  }
}

private func relative(_ a: Double, _ b: Double) -> Double { abs(a - b) / abs(b) }
