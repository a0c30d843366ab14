import Analyses
import Checkpoints
import DigitsReference
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import Settings
import TestSupport
import Testing

@Suite struct ProfilesAnalysisTests {
  private let axis: GridAxis
  private let configuration: ProfilesConfiguration

  init() throws {
    axis = try #require(GridAxis(first: -1, last: 1, count: 5))
    var configuration = ProfilesConfiguration()
    configuration.pairs = 2
    configuration.surface.seed = 3
    self.configuration = configuration
  }

  @Test func everyProfileIsTheLineAlongItsDirection() throws {
    let model = try OpenedModel.digits(.resnet)
    let run = try model.profiles(x: axis, configuration, in: nil, context: Watcher().context())
    #expect(run.profiles.loss.count == 4)
    // The first is that of a line with the same seed.
    let line = try model.line(
      x: axis, configuration.surface, in: nil, context: Watcher().context())
    #expect(run.profiles.loss[0] == line.surface.loss)
    #expect(run.profiles.score[0] == line.surface.score)
    let weights = model.trained.point.weights
    let risk = try model.risk(RiskOptions(), pool: .callerAlone)
    for (index, direction) in RandomDirection.all(pairs: 2, seed: 3).enumerated() {
      var point = model.trained.point
      let axis = direction.axis(for: weights, normalization: .filter, vectors: .biasbn)
      point.weights.elements.add(axis, scaledBy: 0.5)
      let value = try risk.value(at: point).loss
      // Products of weights and coordinate may be rounded once more or less.
      #expect(abs(run.profiles.loss[index][3] - value) <= 1e-5 * value)
      #expect(run.summary.directions.norms[index] == axis.norm)
    }
    #expect(run.profiles.loss.allSatisfy { $0[2] == run.summary.center.loss })
    try expectRoundTrip(run.summary)
    try expectRoundTrip(configuration)
  }

  @Test(arguments: [2, 9])
  func interruptedProfilesGoOnToTheSameBits(steps: Int) throws {
    let model = try OpenedModel.digits(.resnet)
    let whole = try model.profiles(x: axis, configuration, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      #expect(throws: Stopped.self) {
        try model.profiles(
          x: axis, configuration, in: folder, context: Watcher(stopsAfter: steps).context())
      }
      let again = try model.profiles(
        x: axis, configuration, in: folder, context: Watcher().context(threads: 2))
      #expect(again.profiles == whole.profiles && again.summary.width == whole.summary.width)
      let read = try FinishedProfiles(folder: url.path)
      #expect(read.profiles == whole.profiles && read.summary == again.summary)
      // Other pairs are other values.
      var other = configuration
      other.pairs = 3
      #expect(throws: (any Error).self) {
        try model.profiles(x: axis, other, in: folder, context: Watcher().context())
      }
    }
  }

  @Test func widthsBelowTheLevelAreBoundsAndGiveNoMean() throws {
    let model = try OpenedModel.digits()
    var low = configuration
    low.rise = 1e-3
    let known = try model.profiles(x: axis, low, in: nil, context: Watcher().context()).summary
    let estimate = try #require(known.width.estimate)
    let widths = known.width.widths.map(\.mean.value)
    #expect(abs(estimate.mean - widths.reduce(0, +) / 4) <= 1e-15)
    #expect(known.width.reached == 4 && known.width.median.isKnown && known.width.isCoarse)
    var high = configuration
    high.rise = 1e6
    let unknown = try model.profiles(x: axis, high, in: nil, context: Watcher().context()).summary
    #expect(unknown.width.estimate == nil && unknown.width.reached == 0)
    #expect(unknown.width.median == .init(value: 1, isKnown: false))
    #expect(unknown.width.text.contains("at least 1"))
    #expect(unknown.width.text.contains("4 of 4 profiles do not reach"))
    #expect(PairedDifference(of: unknown, from: known) == nil)
  }

  @Test func aNetworkIsAsWideAsItselfAndAScaledOneIsNot() throws {
    let model = try OpenedModel.digits()
    var scaled = model.trained
    // Twice the logits: a steeper loss along the same directions.
    scaled.point.weights.elements.scale(by: 2)
    let other = OpenedModel(
      path: "other", sha256: "0", format: model.format, trained: scaled, loss: model.loss,
      data: model.data, dataPath: "digits", dataDigest: model.dataDigest)
    var configuration = configuration
    configuration.pairs = 4
    configuration.rise = 0.1
    let x = try #require(GridAxis(first: -2, last: 2, count: 41))
    let first = try model.profiles(x: x, configuration, in: nil, context: Watcher().context())
    let second = try other.profiles(x: x, configuration, in: nil, context: Watcher().context())
    let same = try #require(PairedDifference(of: first.summary, from: first.summary))
    #expect(same.difference.mean == 0 && !same.isDifference)
    let difference = try #require(PairedDifference(of: second.summary, from: first.summary))
    let means = try (
      #require(first.summary.width.estimate).mean, #require(second.summary.width.estimate).mean
    )
    #expect(abs(difference.difference.mean - (means.1 - means.0)) <= 1e-14)
    #expect(difference.isDifference == (abs(difference.difference.mean) > difference.margin))
  }

  @Test func settingsOutOfRangeAreRefusedByName() throws {
    func refuses(_ setting: Setting, _ change: (inout ProfilesConfiguration) -> Void) {
      var configuration = ProfilesConfiguration()
      change(&configuration)
      let error = #expect(throws: AnalysisError.self) { try configuration.validate() }
      #expect(error?.description.contains("\(setting)") == true)
    }
    refuses(.pairs) { $0.pairs = 0 }
    refuses(.rise) { $0.rise = 0 }
    refuses(.rise) { $0.rise = .infinity }
    refuses(.directions) { $0.surface.directionsFile = "d.npz" }
    refuses(.saveDirections) { $0.surface.savesDirections = true }
    refuses(.batchSize) { $0.surface.batchSize = 1 }
    let right = try #require(GridAxis(first: 0.5, last: 1, count: 3))
    let error = #expect(throws: AnalysisError.self) { try ProfilesConfiguration.check(right) }
    #expect(error?.description.contains("leaves out 0") == true)
  }
}
