import Analyses
import Artifacts
import Checkpoints
import DigitsReference
import Foundation
import GradientRatios
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

@Suite struct RatioCourseTests {
  /// The reference network at some multiples of its weights, as if a training had passed them.
  static func path(
    _ model: OpenedModel, factors: [Float] = [0.5, 0.8, 1]
  ) -> TrajectoryPath {
    TrajectoryPath(
      name: "scaled",
      checkpoints: factors.enumerated().map { index, factor in
        .init(path: "epoch-\(index).ckpt", number: nil) {
          var point = model.trained.point
          point.weights.elements.scale(by: factor)
          return .init(point: point, sha256: "\(factor)", epoch: 2 * index)
        }
      })
  }

  private static func configuration() -> RatioConfiguration {
    var result = RatioConfiguration()
    result.batchSize = 16
    result.batches = 2
    return result
  }

  @Test func theLastCheckpointHasTheRatiosOfTheNetwork() throws {
    let model = try OpenedModel.digits(.resnet, samples: 40)
    let watcher = Watcher()
    let course = try model.ratioCourse(
      of: [Self.path(model)], Self.configuration(), in: nil, context: watcher.context())
    let points = course.runs[0].points
    #expect(points.map(\.number) == [0, 0, 2, 2, 4, 4] && course.numbering == .epoch)
    #expect(
      points.map(\.batchNorm) == [.batch, .inference, .batch, .inference, .batch, .inference])
    for (point, mode) in zip(points.suffix(2), [NormalizationMode.batch, .inference]) {
      var own = Self.configuration()
      own.batchNorm = mode
      let summary = try model.gradientRatios(own, context: Watcher().context())
      #expect(point.batches == summary.batches && point.loss == summary.loss)
      #expect(point.shareBelowZero == summary.histogram.shareBelowZero)
      #expect(point.layers == summary.layers.map(\.batches))
    }
    #expect(points[0].loss != points[4].loss && course.samples == 32)
    // A row for the network and one for each tensor.
    #expect(course.table.rows.count == 6 * (1 + course.layers.count))
    #expect(watcher.endedTitles == ["ratios"] && watcher.lastStep?.total == 6)
    try expectRoundTrip(course)
  }

  @Test func anInterruptedCourseGoesOnToTheSameBits() throws {
    let model = try OpenedModel.digits(.resnet, samples: 32)
    let (path, configuration) = (Self.path(model), Self.configuration())
    let whole = try model.ratioCourse(
      of: [path], configuration, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      // Three checkpoints are read, then every batch asks.
      #expect(throws: Stopped.self) {
        try model.ratioCourse(
          of: [path], configuration, in: folder, context: Watcher(stopsAfter: 8).context())
      }
      let run = try model.ratioCourse(
        of: [path], configuration, in: folder, context: Watcher().context(threads: 2))
      #expect(run.runs == whole.runs)
    }
  }

  /// Without batch norms there is one kind of statistics.
  @Test func networksWithoutBatchNormsAreLookedAtOnce() throws {
    let model = try OpenedModel.digits(samples: 32)
    let course = try model.ratioCourse(
      of: [Self.path(model)], Self.configuration(), in: nil, context: Watcher().context())
    #expect(course.runs[0].points.map(\.batchNorm) == [nil, nil, nil])
  }
}
