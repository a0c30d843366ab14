import Analyses
import Checkpoints
import ComputationGraph
import DigitsReference
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

@Suite struct ConnectionAnalysisTests {
  /// The same function with its hidden units in the opposite order: another point of equal loss.
  private static func reordered(_ model: OpenedModel) throws -> OpenedModel {
    var point = model.trained.point
    let segments = model.trained.model.layout.segments
    let hidden = try #require(segments.first).shape.dimensions[0]
    for segment in segments {
      let shape = segment.shape.dimensions
      let values = Array(point.weights.elements.array[segment.range])
      let columns = shape.count == 2 ? shape[1] : 1
      for row in 0..<shape[0] {
        for column in 0..<columns {
          // Units are rows of the first layer and columns of the second.
          let from =
            shape[0] == hidden
            ? (hidden - 1 - row) * columns + column
            : shape.count == 2 ? row * columns + (columns - 1 - column) : row
          point.weights.elements[segment.range.lowerBound + row * columns + column] = values[from]
        }
      }
    }
    return moved(model, to: point)
  }

  private static func scaled(_ model: OpenedModel) -> OpenedModel {
    var point = model.trained.point
    point.weights.elements.scale(by: 0.9)
    return moved(model, to: point)
  }

  private static func moved(_ model: OpenedModel, to point: ModelPoint) -> OpenedModel {
    OpenedModel(
      path: "other.ckpt", sha256: "other", format: model.format,
      trained: TrainedModel(model: model.trained.model, point: point), loss: model.loss,
      data: model.data, dataPath: model.dataPath, dataDigest: model.dataDigest)
  }

  private static func configuration(epochs: Int) -> ConnectionConfiguration {
    var result = ConnectionConfiguration()
    result.curve.epochs = epochs
    result.curve.batchSize = 32
    result.curve.learningRate = 0.1
    result.points = 5
    return result
  }

  /// Networks that differ in the order of their units alone are far apart on the line, and connected by a curve.
  @Test func aCurveAvoidsTheBarrierOfTheLine() throws {
    let model = try OpenedModel.digits(samples: 128)
    let other = try Self.reordered(model)
    let watcher = Watcher()
    let summary = try model.connection(
      to: other, Self.configuration(epochs: 30), in: nil, context: watcher.context())
    let profile = summary.profiles[0]
    let losses = profile.line.compactMap(\.loss)
    // Both ends compute the same in another order.
    #expect(abs(losses[0] - losses[4]) < 1e-5)
    #expect(profile.curve[0] == profile.line[0] && profile.curve[4] == profile.line[4])
    let (line, curve) = (try #require(profile.lineBarrier), try #require(profile.curveBarrier))
    #expect(line.height > 0.5 && line.height > 3 * (line.standardError ?? .infinity))
    #expect(curve.height < line.height / 4, "\(curve.height) of \(line.height)")
    #expect(summary.length > summary.distance && summary.trainingLosses.count == 30)
    #expect(watcher.endedTitles == ["curve", "connection"] && watcher.lastStep?.done == 10)
    try expectRoundTrip(summary)
  }

  @Test func theLineIsThatOfLines() throws {
    let model = try OpenedModel.digits(.resnet, samples: 40)
    let other = Self.scaled(model)
    let summary = try model.connection(
      to: other, testing: model, Self.configuration(epochs: 1), in: nil,
      context: Watcher().context())
    var surface = SurfaceConfiguration()
    surface.batchNorm = .recalibrated
    let line = try model.line(
      to: other, x: .init(first: 0, last: 1, count: 5) ?? .standard, surface, in: nil,
      context: Watcher().context())
    #expect(summary.profiles[0].line.map(\.loss) == line.surface.loss)
    #expect(summary.profiles.count == 2 && summary.profiles[1].line == summary.profiles[0].line)
    let distance = 0.1 * model.trained.point.weights.elements.norm
    #expect(abs(summary.distance / distance - 1) < 1e-5)
  }

  @Test func anInterruptedConnectionGoesOnToTheSameBits() throws {
    let model = try OpenedModel.digits(.resnet, samples: 40)
    let other = Self.scaled(model)
    let configuration = Self.configuration(epochs: 2)
    let whole = try model.connection(
      to: other, configuration, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      #expect(throws: Stopped.self) {
        // One epoch has two steps.
        try model.connection(
          to: other, configuration, in: folder, context: Watcher(stopsAfter: 3).context())
      }
      let run = try model.connection(
        to: other, configuration, in: folder, context: Watcher().context(threads: 2))
      #expect(run.profiles == whole.profiles && run.trainingLosses == whole.trainingLosses)
      var others = configuration
      others.curve.seed = 9
      #expect(throws: TrainingError.self) {
        try model.connection(to: other, others, in: folder, context: Watcher().context())
      }
    }
  }

  @Test func otherShapesAndTheSameWeightsHaveNoCurve() throws {
    let (mlp, resnet) = (try OpenedModel.digits(), try OpenedModel.digits(.resnet))
    #expect(throws: AnalysisError.self) {
      try mlp.connection(to: resnet, in: nil, context: Watcher().context())
    }
    #expect(throws: AnalysisError.self) {
      try mlp.connection(to: mlp, in: nil, context: Watcher().context())
    }
  }
}
