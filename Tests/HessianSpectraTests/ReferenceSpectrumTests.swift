import Checkpoints
import Datasets
import Foundation
import GraphRuntime
import HessianSpectra
import Krylov
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// Figures that PyTorch computed in float64 for a real network; see `make_reference.py`.
struct ReferenceSpectrum: Decodable {
  struct Eigenvalues: Decodable {
    let samples: Int
    let largest: [Double]
    let smallest: [Double]
    let lambda1_over_lambda5: Double
  }
  struct Fisher: Decodable {
    let samples: Int
    let trace: Double
    let top_values: [Double]
    let top_indices: [Int]
  }

  let hessian_eigenvalues: Eigenvalues
  let empirical_fisher: Fisher
}

/// ResNet-20 against its reference figures (tolerances of the design).
@Suite(
  .serialized,
  .enabled(if: SharedData.has("reference", "checkpoints", "cifar10"), SharedData.note))
struct ReferenceSpectrumTests {
  private struct Case {
    let figures: ReferenceSpectrum
    let trained: TrainedModel

    init() throws {
      let json = try SharedData.url("reference/resnet20.json")
      let file = try SharedData.url("checkpoints/resnet20-12fca82f.th")
      figures = try JSONDecoder().decode(
        ReferenceSpectrum.self, from: Data(contentsOf: json))
      let model = try Model(
        Architecture.named(
          "resnet20", input: .init(channels: 3, height: 32, width: 32), classCount: 10))
      trained = try TrainedModel(CheckpointFile.read(file.path), model: model)
    }

    func samples(_ range: Range<Int>) throws -> Samples {
      let folder = try SharedData.url("cifar10").path
      let dataset = try DatasetCatalog.open(folder, split: .train)
        .prefix(samples: range.upperBound)
      let data = try NormalizedDataset(dataset, ChannelNormalization(parsing: "imagenet"))
      return data.samples.selecting(range)
    }

    func matrix(_ kind: CurvatureMatrix, samples count: Int) throws -> RiskOperator {
      let risk = try EmpiricalRisk(
        model: trained.model, samples: samples(0..<count), pool: WorkerPool(threadCount: 2))
      return try RiskOperator(
        CurvatureSettings(kind), of: risk, at: trained.point,
        selection: ParameterSelection(all: trained.model.layout))
    }
  }

  /// Whether tests that take minutes are asked for.
  private static var isSlowWanted: Bool {
    ProcessInfo.processInfo.environment["BASIN_TEST_SLOW"] == "1"
  }

  @Test func largestEntriesOfTheEmpiricalFisher() throws {
    let reference = try Case()
    let figures = reference.figures.empirical_fisher
    let fisher = try reference.matrix(.fisher, samples: figures.samples)
    for (index, value) in zip(figures.top_indices, figures.top_values).prefix(2) {
      var unit = Vector<Float>(zeros: fisher.dimension)
      unit[index] = 1
      let entry = Double(try fisher.product(with: unit)[index])
      #expect(abs(entry - value) < 1e-3 * value, "entry \(index): \(entry), not \(value)")
    }
  }

  /// The trace is the mean squared norm of the gradients of single samples.
  @Test(.enabled(if: isSlowWanted, "takes minutes; BASIN_TEST_SLOW=1 asks for it"))
  func traceOfTheEmpiricalFisher() throws {
    let reference = try Case()
    let figures = reference.figures.empirical_fisher
    let settings = SpectrumSettings(
      steps: figures.samples + 1, top: 10, bottom: 0, traceSamples: 2)
    // Its rank is at most the number of samples, so the Lanczos basis holds all of it.
    let result = try computeSpectrum(
      of: reference.matrix(.fisher, samples: figures.samples), settings: settings
    ).result
    let trace = try #require(result.trace)
    #expect(abs(trace.value - figures.trace) < 1e-3 * figures.trace, "\(trace.value)")
  }

  @Test(.enabled(if: isSlowWanted, "takes minutes; BASIN_TEST_SLOW=1 asks for it"))
  func eigenvaluesOfTheHessian() throws {
    let reference = try Case()
    let figures = reference.figures.hessian_eigenvalues
    let settings = SpectrumSettings(
      steps: 100, top: figures.largest.count, bottom: figures.smallest.count, traceSamples: 2)
    let result = try computeSpectrum(
      of: reference.matrix(.hessian, samples: figures.samples), settings: settings
    ).result
    for (value, expected) in zip(result.largest, figures.largest) {
      #expect(abs(value.value - expected) < 1e-3 * expected, "\(value), not \(expected)")
    }
    let smallest = try #require(result.smallest.first)
    #expect(
      abs(smallest.value - figures.smallest[0]) < 1e-2 * abs(figures.smallest[0]), "\(smallest)")
    let ratio = try #require(result.ratio)
    #expect(
      abs(ratio.value - figures.lambda1_over_lambda5) < 2e-3 * figures.lambda1_over_lambda5)
  }
}
