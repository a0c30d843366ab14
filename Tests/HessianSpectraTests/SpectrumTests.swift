import FileFormats
import Foundation
import GraphRuntime
import HessianSpectra
import Krylov
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import TestSupport
import Testing

@Suite struct SpectrumTests {
  @Test func theSpectrumIsThatOfTheDifferencedHessian() throws {
    let tiny = try TinyNetwork.perceptron()
    let exact = try tiny.differencedHessian().eigenpairs().values
    let settings = SpectrumSettings(steps: 53, top: 10, bottom: 3, seed: 1)
    let result = try computeSpectrum(of: tiny.matrix(.hessian), settings: settings).result
    let scale = exact.map(abs).max() ?? 0
    for (value, expected) in zip(result.largest, exact.reversed()) {
      #expect(value.isConverged && abs(value.value - expected) < 1e-5 * scale)
    }
    for (value, expected) in zip(result.smallest, exact) {
      #expect(abs(value.value - expected) < 1e-5 * scale)
    }
    let trace = try #require(result.trace)
    #expect(abs(trace.value - exact.reduce(0, +)) < 1e-4 * scale)
    let ratio = try #require(result.ratio)
    let expected = exact[exact.count - 1] / exact[exact.count - 5]
    #expect(abs(ratio.value - expected) < 1e-4 * expected && ratio.isConverged)
  }

  @Test func densityAndTraceAgreeWithTheExactTrace() throws {
    let tiny = try TinyNetwork.perceptron()
    let exact = try tiny.differencedHessian()
    let trace = (0..<exact.order).reduce(0) { $0 + exact[$1, $1] }
    let settings = SpectrumSettings(steps: 12, probes: 30, traceSamples: 20, seed: 2)
    let spectrum = try computeSpectrum(of: tiny.matrix(.hessian), settings: settings)
    let density = try #require(spectrum.result.density)
    let error = try #require(density.mean.standardError)
    #expect(abs(density.mean.value - trace / 53) < 4 * error)
    #expect(density.momentsAgree && spectrum.result.warnings.allSatisfy { !$0.contains("mean") })
    #expect(abs(density.integral - 1) < 1e-3)
    #expect(abs(density.curveMean - density.mean.value) < 1e-3 * abs(density.mean.value) + 1e-6)
    let estimate = try #require(spectrum.result.trace)
    #expect(abs(estimate.value - trace) < 5 * (try #require(estimate.standardError)) + 1e-5)
    let values = try exact.eigenpairs().values
    let absolute = values.reduce(0) { $0 + abs($1) }
    let negative = values.reduce(0) { $0 + max(-$1, 0) } / absolute
    #expect(abs(density.negativeMass.value - negative) < 0.1)
    #expect(spectrum.grid.count == 2001 && spectrum.curve.count == 2001)
  }

  /// The bits are those of one thread; another micro-batch changes rounding only.
  @Test func eigenvaluesDoNotDependOnThreadsOrMicroBatches() throws {
    let tiny = try TinyNetwork.residual(samples: 24)
    let settings = SpectrumSettings(steps: 30, top: 5, bottom: 1, traceSamples: 0, seed: 1)
    func result(_ microBatch: Int, _ threads: Int) throws -> SpectrumResult {
      try computeSpectrum(
        of: tiny.matrix(.hessian, RiskOptions(microBatch: microBatch), threads: threads),
        settings: settings
      ).result
    }
    let base = try result(8, 1)
    #expect(try result(8, 2) == base)
    let other = try result(5, 2)
    for (a, b) in zip(base.largest, other.largest) where a.isConverged {
      #expect(abs(a.value - b.value) < 1e-4 * abs(a.value))
    }
  }

  /// There is one stochastic Lanczos quadrature: that of the commands is the one of its own tests.
  @Test(arguments: [nil, 6]) func theDensityIsThatOfStochasticLanczosQuadrature(
    basisSize: Int?
  ) throws {
    let tiny = try TinyNetwork.perceptron()
    let matrix = try tiny.matrix(.hessian)
    let spectrum = try computeSpectrum(
      of: matrix,
      settings: SpectrumSettings(
        steps: 12, probes: 3, top: 2, bottom: 1, maximumBasisSize: basisSize, traceSamples: 4,
        seed: 5))
    let expected = try spectralDensity(
      of: matrix, probes: 3, steps: min(12, basisSize ?? 12), seed: 5)
    #expect(spectrum.density?.probes == expected.probes)
  }

  /// Probes stop at the size of the basis, beyond which they say nothing new.
  @Test func productsAreThoseThatWerePlanned() throws {
    let matrix = CountingOperator(
      DenseSymmetricOperator<Float>(diagonal: (1...80).map { Float($0) }))
    let settings = SpectrumSettings(
      steps: 30, probes: 3, top: 2, bottom: 1, maximumBasisSize: 12, traceSamples: 4)
    var reported: [Int] = []
    _ = try computeSpectrum(of: matrix, settings: settings) {
      reported.append($0.products)
      #expect($0.maximumProducts == settings.products)
    }
    #expect(matrix.applications == settings.products && settings.products == 30 + 2 * 12 + 4)
    #expect(reported.last == settings.products && reported == reported.sorted())
  }

  @Test func missingConvergenceIsSaid() throws {
    let values = (1...200).map { Float($0) }
    let matrix = DenseSymmetricOperator<Float>(diagonal: values)
    let settings = SpectrumSettings(steps: 15, top: 8, bottom: 1)
    let result = try computeSpectrum(of: matrix, settings: settings).result
    #expect(result.warnings.contains { $0.contains("lambda1/lambda5 may still change") })
    #expect(result.ratio?.isConverged == false)
    let all = try computeSpectrum(
      of: matrix, settings: SpectrumSettings(steps: 200, top: 8, bottom: 1)
    ).result
    #expect(all.warnings.isEmpty && abs((all.ratio?.value ?? 0) - 200.0 / 196) < 1e-5)
    #expect((all.ratio?.bound ?? 1) < 1e-3)
  }

  @Test func aRatioWithoutMeaningIsLeftOut() throws {
    let matrix = DenseSymmetricOperator<Float>(
      diagonal: [5, 4, 3] + [Float](repeating: 0, count: 40))
    let result = try computeSpectrum(
      of: matrix, settings: SpectrumSettings(steps: 10, top: 6, bottom: 1)
    ).result
    #expect(result.ratio == nil)
    #expect(result.warnings.contains { $0.contains("means nothing") })
  }

  @Test func withoutProbesTheRunEndsWhenTheWantedValuesHaveConverged() throws {
    let values = [1000] + (1...300).map { Float($0) / 300 }
    let matrix = CountingOperator(DenseSymmetricOperator<Float>(diagonal: values))
    let settings = SpectrumSettings(
      steps: 100, probes: 0, top: 1, bottom: 0, traceSamples: 0)
    let spectrum = try computeSpectrum(of: matrix, settings: settings)
    #expect(matrix.applications < 10 && spectrum.result.largest[0].isConverged)
    #expect(spectrum.density == nil && spectrum.result.density == nil && spectrum.grid.isEmpty)
    let full = SpectrumSettings(steps: 40, probes: 1, top: 1, bottom: 0, traceSamples: 0)
    let counted = CountingOperator(DenseSymmetricOperator<Float>(diagonal: values))
    _ = try computeSpectrum(of: counted, settings: full)
    #expect(counted.applications == 40)
  }

  /// A basis that is restarted gives the eigenvalues, and the density of the steps before.
  @Test func aSmallBasisIsRestarted() throws {
    let values = (1...100).map { Float($0) } + [400, 500]
    let matrix = DenseSymmetricOperator<Float>(diagonal: values)
    let settings = SpectrumSettings(
      steps: 60, top: 2, bottom: 0, maximumBasisSize: 20, traceSamples: 30)
    let result = try computeSpectrum(of: matrix, settings: settings).result
    #expect(result.restarts > 0 && result.density?.steps == 20)
    #expect(abs(result.largest[0].value - 500) < 1e-3 && result.largest[1].isConverged)
    let trace = try #require(result.trace)
    #expect(abs(trace.value - 5950) < 5 * (try #require(trace.standardError)) + 0.1)
  }

  @Test func eigenvectorsCanBeTheAxesOfASurface() throws {
    let tiny = try TinyNetwork.residual()
    let layout = tiny.model.layout
    let selection = try ParameterSelection(layout, patterns: ["layer1.*", "conv1.*"])
    let spectrum = try computeSpectrum(
      of: tiny.matrix(.hessian, selection: selection),
      settings: SpectrumSettings(steps: 20, top: 3, bottom: 1, traceSamples: 0),
      keepsEigenvectors: true)
    #expect(spectrum.eigenvectors.count == 4)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "eigenvectors.npz").path
      try EigenvectorFile.write(
        spectrum.eigenvectors, values: spectrum.result.largest + spectrum.result.smallest,
        selection: selection, to: path)
      let file = try NPZFile(path: path)
      #expect(try file.array("eigenvalues").shape == [4])
      #expect(try file.array("conv1.weight").shape == [4, 4, 3, 3, 3])
      let weights = tiny.point.weights
      let pair = try DirectionPair(
        file: path, weights: weights, normalization: .filter, vectors: .biasbn)
      #expect(pair.axes[0] == selection.embed(spectrum.eigenvectors[0]))
      #expect(pair.axes[1] == selection.embed(spectrum.eigenvectors[1]))
      #expect(abs(pair.norms[0] - 1) < 1e-5 && abs(pair.cosine) < 1e-5)
      let other = try Model(
        Architecture.named(
          "resnet8-w8", input: .init(channels: 3, height: 8, width: 8), classCount: 4))
      #expect(throws: DirectionError.self) {
        try DirectionPair(
          file: path, weights: other.initialParameters(seed: 0), normalization: .none,
          vectors: .none)
      }
    }
  }
}
