import Checkpoints
import Settings
import NeuralNetworks
import Artifacts
import GradientRatios
import Analyses
import Plotting
import AnalysisFigures
import DigitsReference
import LinearAlgebra
import Objectives
import TestSupport
import Testing
import Training

@Suite struct RatioAndEvaluationTests {
  @Test func ratiosAreThoseOfTheReferencesGradients() throws {
    let figures = try DigitsReference(.mlp).figures.derivatives
    let model = try OpenedModel.digits(samples: figures.samples)
    var configuration = RatioConfiguration()
    configuration.rho = figures.sam.rho
    configuration.batchSize = figures.samples
    let watcher = Watcher()
    let summary = try model.gradientRatios(configuration, context: watcher.context())
    // Gradient norms of float32 against float64, see Docs/Architecture.md, "Precision".
    #expect(abs(summary.plainNorm / figures.gradient_norm - 1) < 1e-4)
    #expect(abs(summary.perturbedNorm / figures.sam.gradient_norm - 1) < 1e-4)
    #expect(summary.layers.reduce(0) { $0 + $1.finite } == summary.histogram.finite)
    #expect(summary.samples == figures.samples && summary.mask == nil)
    #expect(watcher.endedTitles == ["gradients"])
    // One batch is all samples.
    #expect(summary.batches?.mean == summary.histogram.shareBelowZero)
    #expect(summary.batches?.count == 1 && summary.batches?.standardDeviation == nil)
    #expect(
      summary.layers.allSatisfy { $0.batches?.mean ?? $0.shareBelowZero == $0.shareBelowZero })
    try expectRoundTrip(summary)
    try expectRoundTrip(configuration)
  }

  @Test func ratiosTakeAsManyBatchesAsAreWantedAndEndWhenAsked() throws {
    let model = try OpenedModel.digits(samples: 40)
    var configuration = RatioConfiguration()
    configuration.batchSize = 16
    #expect(try model.gradientRatios(configuration, context: Watcher().context()).samples == 40)
    configuration.batches = 2
    let summary = try model.gradientRatios(configuration, context: Watcher().context())
    #expect(summary.samples == 32 && summary.provenance.data?.samples == 32)
    #expect(throws: Stopped.self) {
      try model.gradientRatios(configuration, context: Watcher(stopsAfter: 1).context())
    }
    configuration.batches = 0
    #expect(throws: AnalysisError("\(.batches) 0 is below 1")) {
      try model.gradientRatios(configuration, context: Watcher().context())
    }
  }

  @Test func aFileWithoutAMaskIsNamed() throws {
    let model = try OpenedModel.digits()
    var configuration = RatioConfiguration()
    configuration.mask = model.path
    let error = #expect(throws: AnalysisError.self) {
      try model.gradientRatios(configuration, context: Watcher().context())
    }
    #expect(error?.subject == model.path)
    #expect(error?.cause.contains("holds no mask; `mask` takes") == true)
  }

  @Test func anEvaluationIsTheRiskOverTheSamples() throws {
    let model = try OpenedModel.digits(.resnet)
    let summary = try model.evaluation(context: Watcher().context())
    let value = try model.risk(RiskOptions(), pool: .callerAlone).value(at: model.trained.point)
    #expect(summary.loss == value.loss && summary.correct == value.correct)
    #expect(summary.samples == 32 && summary.split == "train")
    try expectRoundTrip(summary)
  }

  @Test func aLossThatIsNotFiniteIsAnErrorWithItsHints() throws {
    var model = try OpenedModel.digits()
    var broken = model.trained
    broken.point.weights.elements.scale(by: .infinity)
    model = OpenedModel(
      path: "a.pt", sha256: "0", format: "f", trained: broken, loss: model.loss, data: model.data,
      dataPath: "digits", dataDigest: model.dataDigest)
    let hints = "(`data`, `normalization`, `batchNorm`)"
    for run in [
      { _ = try model.evaluation(context: Watcher().context()) },
      { _ = try model.spectrum(in: nil, context: Watcher().context()) },
    ] {
      let error = #expect(throws: AnalysisError.self) { try run() }
      #expect(error?.subject == "a.pt")
      #expect(error?.cause.hasSuffix(hints) == true)
    }
  }

  /// Legends tell networks of different architectures apart, whose files may have one name.
  @Test func architecturesStandInLegendsWhereTheyDiffer() throws {
    var configuration = RatioConfiguration()
    configuration.batchSize = 16
    let summaries = try [DigitsReference.Network.mlp, .resnet].map {
      try OpenedModel.digits($0).gradientRatios(configuration, context: Watcher().context())
    }
    let both = RatioFigure(summaries).figure.caption
    for summary in summaries {
      #expect(both.contains("\(summary.title) (\(summary.architecture)): "), "\(both)")
    }
    let alike = RatioFigure([summaries[0], summaries[0]]).figure.caption
    #expect(alike.contains("\(summaries[0].title): "), "\(alike)")
  }
}
