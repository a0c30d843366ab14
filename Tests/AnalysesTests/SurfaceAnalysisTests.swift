import DigitsReference
import Settings
import Checkpoints
import NeuralNetworks
import Analyses
import Artifacts
import Foundation
import LinearAlgebra
import LossSurfaces
import Objectives
import TestSupport
import Testing

@Suite struct SurfaceAnalysisTests {
  private let axis: GridAxis

  init() throws {
    axis = try #require(GridAxis(first: -1, last: 1, count: 3))
  }

  @Test func valuesAreThoseOfTheRiskAtTheirPoints() throws {
    let model = try OpenedModel.digits()
    let watcher = Watcher()
    var configuration = SurfaceConfiguration()
    configuration.seed = 5
    let run = try model.surface(
      x: axis, y: axis, configuration, in: nil, context: watcher.context())
    let weights = model.trained.point.weights
    let pair = DirectionPair(
      seed: 5, weights: weights, normalization: .filter, vectors: .biasbn)
    let risk = try model.risk(RiskOptions(), pool: .callerAlone)
    var point = model.trained.point
    point.weights.elements.add(pair.axes[0], scaledBy: 1)
    point.weights.elements.add(pair.axes[1], scaledBy: -1)
    // Row 0 is y = -1, column 2 is x = 1; moving the weights in one or two passes rounds differently.
    let corner = try risk.value(at: point).loss
    #expect(abs(run.surface.loss[2] - corner) <= 1e-5 * corner)
    #expect(run.surface.loss[4] == (try risk.value(at: model.trained.point).loss))
    #expect(run.summary.center.loss == run.surface.loss[4])
    #expect(run.summary.largest?.loss == run.surface.loss.max())
    #expect(run.summary.provenance.command == ["test"])
    #expect(watcher.endedTitles == ["surface"] && watcher.lastStep?.done == 9)
    try expectRoundTrip(run.summary)
    try expectRoundTrip(configuration)
  }

  @Test(arguments: [1, 5])
  func anInterruptedSurfaceGoesOnToTheSameBits(steps: Int) throws {
    let model = try OpenedModel.digits(.resnet)
    let whole = try model.surface(x: axis, y: axis, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      let first = Watcher(stopsAfter: steps)
      #expect(throws: Stopped.self) {
        try model.surface(x: axis, y: axis, in: folder, context: first.context())
      }
      #expect(first.endedTitles == ["surface"])
      #expect(throws: AnalysisError.self) { try FinishedSurface(folder: url.path) }
      let second = Watcher()
      let run = try model.surface(
        x: axis, y: axis, in: folder, context: second.context(threads: 2))
      #expect(run.surface == whole.surface)
      let begun = second.events.first {
        if case .step = $0 { return true }
        return false
      }
      #expect(begun == .step(title: "surface", done: steps, total: 9, detail: ""))
      let read = try FinishedSurface(folder: url.path)
      #expect(read.surface == whole.surface && read.summary == run.summary)
    }
  }

  @Test func aLineBetweenModelsHasTheirLossesAtItsEnds() throws {
    let model = try OpenedModel.digits()
    var moved = model.trained
    moved.point.weights.elements.scale(by: 1.25)
    let other = OpenedModel(
      path: "other", sha256: "0", format: model.format, trained: moved, loss: model.loss,
      data: model.data, dataPath: "digits", dataDigest: model.dataDigest)
    let x = try #require(GridAxis(first: 0, last: 1, count: 2))
    let run = try model.line(to: other, x: x, in: nil, context: Watcher().context())
    let risk = try model.risk(RiskOptions(), pool: .callerAlone)
    #expect(run.surface.loss[0] == (try risk.value(at: model.trained.point).loss))
    // The end is w + (w' - w), which is w' up to rounding.
    let end = try risk.value(at: moved.point).loss
    #expect(abs(run.surface.loss[1] - end) <= 1e-5 * end)
    #expect(run.summary.directions.source == "other" && run.summary.kind == "line")
    #expect(run.summary.provenance.models.count == 2)
    try expectRoundTrip(run.summary)

    let wide = try OpenedModel.digits(.resnet)
    let error = #expect(throws: AnalysisError.self) {
      try model.line(to: wide, in: nil, context: Watcher().context())
    }
    #expect(error?.description.hasSuffix("a line needs one architecture") == true)
  }

  @Test func aLineIsTheRowOfTheSurfaceThroughTheWeights() throws {
    let model = try OpenedModel.digits()
    let surface = try model.surface(x: axis, y: axis, in: nil, context: Watcher().context())
    let line = try model.line(x: axis, in: nil, context: Watcher().context())
    #expect(line.surface.loss == Array(surface.surface.loss[3..<6]))
  }

  @Test func directionsAreWrittenWhereThatIsWanted() throws {
    let model = try OpenedModel.digits()
    try withTemporaryFolder { url in
      var configuration = SurfaceConfiguration()
      configuration.savesDirections = true
      let folder = try RunFolder(url.path)
      let drawn = try model.line(
        x: axis, configuration, in: folder, context: Watcher().context())
      configuration = SurfaceConfiguration()
      configuration.directionsFile = folder.file("directions.npz")
      let loaded = try model.line(x: axis, configuration, in: nil, context: Watcher().context())
      #expect(loaded.surface == drawn.surface)
      #expect(loaded.summary.directions.source == folder.file("directions.npz"))
    }
  }

  @Test func fewPointsAndSettingsOutOfRangeAreRefusedByName() throws {
    let model = try OpenedModel.digits()
    let one = try #require(GridAxis(first: 1, last: 1, count: 1))
    #expect(throws: AnalysisError("\(.x) 1:1:1 has fewer than 2 points")) {
      try model.line(x: one, in: nil, context: Watcher().context())
    }
    #expect(throws: AnalysisError.self) { try model.surface(x: axis, y: one, in: nil) }
    var configuration = SurfaceConfiguration()
    configuration.batchSize = 1
    #expect(throws: AnalysisError("\(.batchSize) 1 is below 2")) {
      try model.surface(configuration, in: nil, context: Watcher().context())
    }
    #expect(throws: AnalysisError("\(.threads) 0 is outside 1 ... 1024")) {
      try model.line(in: nil, context: Watcher().context(threads: 0))
    }
  }
}
