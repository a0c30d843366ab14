@testable import Analyses
import Settings
import Checkpoints
import Datasets
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

@Suite struct SubsetSpreadTests {
  private let configuration: SpectrumConfiguration
  private let curvature: CurvatureConfiguration

  init() {
    var configuration = SpectrumConfiguration()
    configuration.steps = 30
    configuration.traceSamples = 4
    configuration.subsets = 3
    self.configuration = configuration
    var curvature = CurvatureConfiguration()
    curvature.seed = 9
    curvature.memory = ByteCount(bytes: 1 << 30)
    self.curvature = curvature
  }

  /// The places of each part, as the documentation says them.
  private func parts(of count: Int) -> [[Int]] {
    var stream = RandomStream(seed: 9, label: "spectrum.subsets")
    let order = stream.permutation(count: count)
    let size = count / 3
    return (0..<3).map { order[$0 * size..<($0 + 1) * size].sorted() }
  }

  @Test func everyPartIsTheSpectrumOverItsSamplesAlone() throws {
    let model = try OpenedModel.digits(samples: 41)
    let summary = try model.spectrum(
      configuration, of: curvature, in: nil, context: Watcher().context()
    ).summary
    let spread = try #require(summary.subsets)
    #expect(spread.subsets.count == 3)
    var settings = summary.settings
    settings.probes = 0
    for (subset, places) in zip(spread.subsets, parts(of: 41)) {
      let risk = try EmpiricalRisk(
        model: model.trained.model, loss: model.loss.loss,
        samples: model.data.samples.selecting(places), options: RiskOptions(), pool: .callerAlone)
      let matrix = try RiskOperator(
        CurvatureSettings(.hessian), of: risk, at: model.trained.point,
        selection: ParameterSelection(model.trained.model.layout, patterns: [], roles: []))
      let single = try computeSpectrum(of: matrix, settings: settings).result
      let value = try risk.value(at: model.trained.point)
      #expect(subset.samples == 13 && subset.loss == value.loss)
      #expect(subset.largest == single.largest && subset.trace == single.trace)
    }
    try expectRoundTrip(summary)
  }

  @Test func meanAndStandardErrorAreThoseOfTheParts() throws {
    let model = try OpenedModel.digits(samples: 60)
    let summary = try model.spectrum(
      configuration, of: curvature, in: nil, context: Watcher().context()
    ).summary
    let spread = try #require(summary.subsets)
    let values = spread.subsets.compactMap(\.largest.first?.value)
    let mean = values.reduce(0, +) / 3
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
    // A few operations in Double.
    #expect(abs(spread.lambda1.mean - mean) <= 1e-14 * mean)
    #expect(abs(spread.lambda1.standardError - (variance / 3).squareRoot()) <= 1e-12 * mean)
    #expect(spread.lambda1.smallest == values.min() && spread.lambda1.largest == values.max())
    // lambda1 is convex in the matrix, and that of all 60 samples is the mean of those of the parts.
    let whole = try #require(summary.spectrum.largest.first)
    #expect(mean >= whole.value - whole.residualBound)
    // The trace is linear: the estimates differ by their own errors alone.
    let trace = try #require(summary.spectrum.trace)
    let errors =
      [trace.standardError ?? 0]
      + spread.subsets.map { ($0.trace?.standardError ?? 0) / 3 }
    let error = errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs((spread.trace?.mean ?? .nan) - trace.value) <= 5 * error)
  }

  @Test func whatIsNotAskedForIsNotThere() throws {
    var configuration = configuration
    configuration.subsets = 0
    configuration.steps = 6
    let summary = try OpenedModel.digits().spectrum(
      configuration, of: curvature, in: nil, context: Watcher().context()
    ).summary
    #expect(summary.subsets == nil)
    configuration.subsets = 1
    #expect(throws: AnalysisError("\(.subsets) 1 is neither 0 nor in 2 ... 1000")) {
      try configuration.validate()
    }
    configuration.subsets = 17
    let error = #expect(throws: AnalysisError.self) {
      try OpenedModel.digits().spectrum(
        configuration, of: curvature, in: nil, context: Watcher().context())
    }
    #expect(error?.description.contains("fewer than 2") == true)
  }

  @Test func anInterruptedSpreadGoesOnToTheSameBits() throws {
    let model = try OpenedModel.digits()
    var configuration = configuration
    configuration.steps = 8
    let whole = try model.spectrum(
      configuration, of: curvature, in: nil, context: Watcher().context()
    ).summary
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      // In the middle of the second part.
      let first = Watcher(stopsAfter: whole.products + 20)
      #expect(throws: Stopped.self) {
        try model.spectrum(configuration, of: curvature, in: folder, context: first.context())
      }
      #expect(first.endedTitles == ["spectrum", "part 1 of 3", "part 2 of 3"])
      let again = try model.spectrum(
        configuration, of: curvature, in: folder, context: Watcher().context(threads: 2)
      ).summary
      #expect(again.subsets == whole.subsets && again.spectrum == whole.spectrum)
      let left = try FileManager.default.contentsOfDirectory(atPath: url.path)
      #expect(left.sorted() == ["spectrum.npz", "summary.json"])
    }
  }
}

@Suite struct SpectrumDifferenceTests {
  // Percentage points of Student's distribution, as every table has them.
  @Test(arguments: [
    (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042),
  ])
  func quantilesAreThoseOfTheTables(degrees: Int, t: Double) {
    #expect(
      abs(StudentDistribution(degreesOfFreedom: degrees).centralQuantile(0.95) - t) < 0.0006)
  }

  @Test func aNetworkDiffersFromTheSameWithOtherWeightsAndNotFromItself() throws {
    let model = try OpenedModel.digits(samples: 60)
    var configuration = SpectrumConfiguration()
    configuration.steps = 20
    configuration.subsets = 4
    func spectrum(_ model: OpenedModel) throws -> SpectrumSummary {
      try model.spectrum(
        configuration, of: CurvatureConfiguration(), in: nil, context: Watcher().context()
      ).summary
    }
    let first = try spectrum(model)
    let same = try #require(SpectrumDifference(of: first, from: first))
    #expect(same.estimates.map(\.name).contains("trace"))
    #expect(same.estimates.allSatisfy { $0.difference.mean == 0 && !$0.isDifference })
    var weaker = model.trained
    weaker.point.weights.elements.scale(by: 0.5)
    let other = try spectrum(
      OpenedModel(
        path: "other", sha256: "0", format: model.format, trained: weaker, loss: model.loss,
        data: model.data, dataPath: "digits", dataDigest: model.dataDigest))
    let difference = try #require(SpectrumDifference(of: other, from: first))
    let spreads = try (#require(first.subsets), #require(other.subsets))
    let trace = try #require(difference.estimates.first { $0.name == "trace" })
    let means = try (#require(spreads.0.trace?.mean), #require(spreads.1.trace?.mean))
    #expect(abs(trace.difference.mean - (means.1 - means.0)) <= 1e-12 * (means.0 + means.1))
    #expect(
      trace.isDifference
        == (abs(trace.difference.mean) > 3.182446 * trace.difference.standardError))
    // Other samples are other parts.
    let fewer = try spectrum(.digits(samples: 48))
    #expect(SpectrumDifference(of: fewer, from: first) == nil)
  }
}
