import Analyses
import AnalysisFigures
import Checkpoints
import Datasets
import DigitsReference
import LossSurfaces
import NeuralNetworks
import Objectives
import Plotting
import Testing

/// Surfaces of one network over several parts of the data.
@Suite struct SurfaceGapTests {
  private let axis: GridAxis

  init() throws {
    axis = try #require(GridAxis(first: -1, last: 1, count: 3))
  }

  /// The reference on the test split in place of the training split.
  private func onTest(_ model: OpenedModel) throws -> OpenedModel {
    let part = try DatasetCatalog.open("digits", split: .test).prefix(samples: 40)
    let data = SampleData.images(
      try NormalizedDataset(part, ChannelNormalization(parsing: model.data.normalization)))
    return OpenedModel(
      path: model.path, sha256: model.sha256, format: model.format, trained: model.trained,
      loss: model.loss, data: data, dataPath: "digits", dataDigest: try data.digest)
  }

  private func surface(
    _ model: OpenedModel, seed: UInt64 = 0
  ) throws -> FinishedSurface {
    var configuration = SurfaceConfiguration()
    configuration.seed = seed
    return try model.surface(
      x: axis, y: axis, configuration, in: nil, context: Watcher().context())
  }

  @Test func aGapIsTheDifferenceAtEveryPoint() throws {
    let model = try OpenedModel.digits()
    let runs = [try surface(model), try surface(onTest(model))]
    let gap = try #require(FinishedGap.all(of: runs).first)
    #expect(gap.summary.from == "train" && gap.summary.to == "test")
    let differences = zip(runs[0].surface.loss, runs[1].surface.loss).map { $1 - $0 }
    #expect(gap.surface.loss == differences && gap.surface.xs == runs[0].surface.xs)
    #expect(gap.summary.center == differences[4])
    #expect(abs(gap.summary.mean - differences.reduce(0, +) / 9) < 1e-12)
    #expect(gap.summary.largest?.loss == differences.max())
    #expect(gap.summary.smallest?.loss == differences.min())
    #expect(gap.summary.nonFinitePoints == 0)
    try expectRoundTrip(gap.summary)
  }

  @Test func onlySurfacesOfOneNetworkInOnePlaneHaveAGap() throws {
    let (mlp, resnet) = (try OpenedModel.digits(), try OpenedModel.digits(.resnet))
    let test = try surface(onTest(mlp))
    #expect(FinishedGap.all(of: [try surface(mlp), try surface(mlp)]).isEmpty)
    #expect(FinishedGap.all(of: [try surface(resnet), test]).isEmpty)
    #expect(FinishedGap.all(of: [try surface(mlp, seed: 1), test]).isEmpty)
    // Two networks with two parts each.
    let four = [
      try surface(mlp), test, try surface(resnet), try surface(onTest(resnet)),
    ]
    #expect(
      FinishedGap.all(of: four).map(\.summary.title) == [four[0], four[2]].map(\.summary.title))
  }

  @Test func aPointThatIsNotFiniteHasNoDifference() throws {
    let model = try OpenedModel.digits()
    let (a, b) = (try surface(model), try surface(onTest(model)))
    var loss = b.surface.loss
    loss[0] = .infinity
    let broken = FinishedSurface(
      summary: b.summary,
      surface: LossSurface(
        xs: b.surface.xs, ys: b.surface.ys, loss: loss, metric: b.surface.metric,
        score: b.surface.score))
    let gap = try #require(FinishedGap.all(of: [a, broken]).first)
    #expect(gap.summary.nonFinitePoints == 1 && gap.summary.mean.isFinite)
    #expect(gap.surface.loss[0] == .infinity && gap.surface.score[0].isNaN)
  }

  @Test func panelsSayWhichPartTheyShow() throws {
    let model = try OpenedModel.digits()
    let runs = [try surface(model), try surface(onTest(model))]
    let figures = try SplitFigures(runs).figures
    #expect(figures.map(\.name).last == "gap-contour" && figures.count == 5)
    #expect(figures[0].figure.panels.map(\.title).map { $0.suffix(7) } == [", train", "), test"])
    #expect(figures[0].figure.caption.contains("Panels named test: the first 40 samples"))
    #expect(figures[4].figure.caption.contains("It is subtracted from that over the first 40"))
    // Of one part figures are as they were.
    let single = try SplitFigures([runs[0]]).figures
    #expect(single.map(\.figure) == (try SurfaceFigures([runs[0]]).figures.map(\.figure)))
  }
}
