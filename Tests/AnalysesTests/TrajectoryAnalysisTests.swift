import Analyses
import Artifacts
import Checkpoints
import DigitsReference
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import Reports
import TestSupport
import Testing

@Suite struct TrajectoryAnalysisTests {
  private let axis: GridAxis
  private let small: TrajectoryConfiguration

  init() throws {
    axis = try #require(GridAxis(first: -1, last: 1, count: 3))
    var small = TrajectoryConfiguration()
    small.points = 3
    small.walks = 4
    self.small = small
  }

  /// Points that come to the weights of a model along a bent path, which is not plane.
  private func points(_ model: OpenedModel, count: Int = 5, seed: UInt64 = 1) -> [ModelPoint] {
    var stream = RandomStream(seed: seed, label: "test")
    let moves = (0..<3).map { _ in
      stream.normalVector(count: model.trained.model.layout.count, as: Float.self)
    }
    return (0..<count).map { step in
      let left = Float(count - 1 - step) / Float(count - 1)
      var point = model.trained.point
      point.weights.elements.add(moves[0], scaledBy: 0.1 * left)
      point.weights.elements.add(moves[1], scaledBy: 0.05 * left * left)
      point.weights.elements.add(moves[2], scaledBy: 0.02 * left * left * left)
      return point
    }
  }

  private func path(
    _ points: [ModelPoint], name: String = "sgd", epochs: Bool = true
  ) -> TrajectoryPath {
    TrajectoryPath(
      name: name,
      checkpoints: points.enumerated().map { index, point in
        TrajectoryPath.Checkpoint(path: "\(name)/e\(10 * index).pt", number: 10 * index) {
          TrajectoryPath.Content(
            point: point, sha256: "\(name)-\(index)", epoch: epochs ? index : nil)
        }
      })
  }

  /// The page has each path on the surface of its plane, at the loss of its projections.
  @Test func reportsHavePathsOnTheSurface() throws {
    let model = try OpenedModel.digits()
    var runs = ReportedRuns()
    let run = try model.trajectory(
      of: [path(points(model))], small, in: nil, context: Watcher().context())
    runs.trajectories = [run]
    let page = try Report(runs).html()
    let place = try #require(page.range(of: "\"paths\":[{"))
    let text = page[place.lowerBound...].prefix(600)
    let loss = try #require(run.summary.paths.first?.points.first?.projectedLoss)
    // Nothing but its path is known of the network.
    #expect(!page.contains("<section id=\"overview\">"))
    #expect(text.contains("\"loss\":[\(String(format: "%.6g", loss))"), "\(text)")
  }

  @Test func lossesAreThoseOfTheCheckpointsAndOfTheirProjections() throws {
    let model = try OpenedModel.digits()
    let points = points(model)
    let watcher = Watcher()
    try withTemporaryFolder { url in
      var configuration = small
      configuration.savesDirections = true
      let folder = try RunFolder(url.path)
      let run = try model.trajectory(
        of: [path(points)], configuration, in: folder, context: watcher.context())
      let summary = run.summary
      let found = summary.paths[0].points
      #expect(found.map(\.number) == [0, 1, 2, 3, 4] && summary.numbering == .epoch)
      #expect(watcher.endedTitles == ["checkpoints", "losses of checkpoints", "surface"])
      let pair = try DirectionPair(
        file: folder.file("directions.npz"), weights: model.trained.point.weights,
        normalization: .filter, vectors: .biasbn)
      let risk = try model.risk(RiskOptions(), pool: .callerAlone)
      for (point, entry) in zip(points, found) {
        #expect(entry.loss == (try risk.value(at: point).loss))
        var projected = model.trained.point
        projected.weights.elements.add(pair.axes[0], scaledBy: Float(entry.x))
        projected.weights.elements.add(pair.axes[1], scaledBy: Float(entry.y))
        let loss = try risk.value(at: projected).loss
        // Moving the weights in one or two passes rounds differently.
        #expect(abs(entry.projectedLoss - loss) <= 1e-5 * loss)
        var rest = point.weights.elements
        rest.add(projected.weights.elements, scaledBy: -1)
        #expect(abs(entry.distance - rest.norm) <= 1e-4)
        var whole = point.weights.elements
        whole.add(model.trained.point.weights.elements, scaledBy: -1)
        #expect(abs(entry.distanceFromCentre - whole.norm) <= 1e-6)
      }
      // The path ends at the centre, comes from the left, and bends upwards.
      #expect(found[4].x == 0 && found[4].y == 0 && found[4].distance == 0)
      #expect(found[0].x < -1 && found.map(\.y).max { abs($0) < abs($1) } ?? 0 > 0)
      #expect(found[4].loss == run.surface.summary.center.loss)
      #expect(found[1].distance > 0.001)
      #expect(run.surface.summary.directions.cosine.map { abs($0) < 1e-6 } == true)
      #expect(run.surface.surface.xs[0] < found[0].x)
      try expectRoundTrip(summary)
      try expectRoundTrip(configuration)
      let read = try #require(try FinishedTrajectory(folder: url.path))
      #expect(read.summary == summary && read.surface.surface == run.surface.surface)
      let files = try FileManager.default.contentsOfDirectory(atPath: url.path)
      #expect(Set(["trajectory.json", "trajectory.npz", "summary.json"]).isSubset(of: files))
    }
  }

  /// One path of three points spans a plane and nothing else.
  @Test func threePointsLieInTheirPlane() throws {
    let model = try OpenedModel.digits()
    let run = try model.trajectory(
      of: [path(points(model, count: 3), epochs: false)], small, in: nil,
      context: Watcher().context())
    let path = run.summary.paths[0]
    #expect(run.summary.shares.count == 2 && abs(path.shareInPlane - 1) < 1e-6)
    #expect(path.points.allSatisfy { $0.distance < 1e-5 })
    #expect(run.summary.numbering == .number && path.points.map(\.number) == [0, 10, 20])
    let steps = zip(path.points, path.points.dropFirst()).map {
      hypot($0.x - $1.x, $0.y - $1.y)
    }
    #expect(abs(path.length - steps.reduce(0, +)) < 1e-5)
  }

  @Test func severalPathsShareAPlaneAndKeepTheirOwnComponents() throws {
    let model = try OpenedModel.digits()
    let (first, second) = (
      path(points(model)), path(points(model, count: 4, seed: 2), name: "sam")
    )
    let both = try model.trajectory(
      of: [first, second], small, in: nil, context: Watcher().context()
    ).summary
    let alone = try model.trajectory(of: [first], small, in: nil, context: Watcher().context())
      .summary
    #expect(both.paths.map(\.name) == ["sgd", "sam"] && both.paths[1].points.count == 4)
    for (a, b) in zip(both.paths[0].shares, alone.shares) { #expect(abs(a - b) < 1e-9) }
    #expect(both.paths[0].walks == alone.paths[0].walks)
    #expect(both.paths[0].shareInPlane < alone.paths[0].shareInPlane)
    #expect(both.shares.count == 8)
  }

  @Test(arguments: [4, 8, 16])
  func anInterruptedRunGoesOnToTheSameBits(steps: Int) throws {
    let model = try OpenedModel.digits(.resnet)
    let paths = [path(points(model))]
    let whole = try model.trajectory(of: paths, small, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      #expect(throws: Stopped.self) {
        try model.trajectory(
          of: paths, small, in: folder, context: Watcher(stopsAfter: steps).context())
      }
      var other = small
      other.memory = ByteCount(bytes: 1)
      let run = try model.trajectory(
        of: paths, other, in: folder, context: Watcher().context(threads: 2))
      #expect(run.surface.surface == whole.surface.surface)
      #expect(run.summary.paths == whole.summary.paths)
      #expect(run.summary.shares == whole.summary.shares)
      // Other checkpoints are another run.
      let moved = [path(points(model, seed: 3))]
      #expect(throws: ArtifactError.self) {
        try model.trajectory(of: moved, small, in: folder, context: Watcher().context())
      }
    }
  }

  @Test func checkpointsHaveTheirOwnStatisticsAndThePlaneThoseOfItsCentre() throws {
    let model = try OpenedModel.digits(.resnet)
    var points = points(model)
    points[1].buffers.elements.scale(by: 1.5)
    let run = try model.trajectory(
      of: [path(points)], small, in: nil, context: Watcher().context())
    let risk = try model.risk(RiskOptions(), pool: .callerAlone)
    let entry = run.summary.paths[0].points[1]
    #expect(entry.loss == (try risk.value(at: points[1]).loss))
    points[1].buffers = model.trained.point.buffers
    #expect(entry.loss != (try risk.value(at: points[1]).loss))
    #expect(
      run.surface.summary.directions.statistics
        == "running statistics of the checkpoint at the centre everywhere")
    var configuration = small
    configuration.batchNorm = .recalibrated
    let again = try model.trajectory(
      of: [path(points)], configuration, in: nil, context: Watcher().context())
    points[1].buffers = try risk.recalibratedBuffers(at: points[1])
    #expect(again.summary.paths[0].points[1].loss == (try risk.value(at: points[1]).loss))
    #expect(again.surface.summary.directions.statistics == nil)
  }

  @Test func whatIsNoPathIsRefusedInALine() throws {
    let model = try OpenedModel.digits()
    let points = points(model)
    func message(
      _ points: [ModelPoint], _ configuration: TrajectoryConfiguration = TrajectoryConfiguration()
    ) -> String {
      let error = #expect(throws: AnalysisError.self) {
        try model.trajectory(
          of: [path(points)], configuration, in: nil, context: Watcher().context())
      }
      #expect(error?.description.contains("\n") == false)
      return error?.description ?? ""
    }
    #expect(message([points[0], points[1]]).contains("sgd: has 2 checkpoints"))
    #expect(message([points[2], points[2], points[2]]).contains("have the same weights"))
    // A straight line, as exactly as single precision has it.
    let line = (0..<6).map { step in
      var point = model.trained.point
      var move = points[0].weights.elements
      move.add(point.weights.elements, scaledBy: -1)
      point.weights.elements.add(move, scaledBy: Float(step) / 7)
      return point
    }
    #expect(message(line).contains("lie on a straight line"))
    let wide = try OpenedModel.digits(.resnet)
    #expect(
      message([wide.trained.point, points[1], points[2]]).hasPrefix("sgd/e0.pt: is no mlp-16"))
    var broken = points[1]
    broken.weights.elements[3] = .nan
    #expect(
      message([points[0], broken, points[2]]).hasPrefix("sgd/e10.pt: has weights that are not"))
    #expect(throws: AnalysisError.self) { try model.trajectory(of: [], in: nil) }
    var configuration = small
    configuration.points = 1
    #expect(message(points, configuration) == "`points` 1 is outside 2 ... 10000")
    configuration.points = 3
    configuration.x = GridAxis(first: 1, last: 1, count: 1)
    #expect(message(points, configuration).contains("at least 2 points"))
  }

  @Test func aCheckpointThatChangesMeanwhileIsNamed() throws {
    let model = try OpenedModel.digits()
    let points = points(model)
    var reads = 0
    let checkpoints = points.enumerated().map { index, point in
      TrajectoryPath.Checkpoint(path: "e\(index).pt", number: index) {
        reads += 1
        return TrajectoryPath.Content(
          point: point, sha256: reads > 6 ? "other" : "first", epoch: nil)
      }
    }
    let error = #expect(throws: AnalysisError.self) {
      try model.trajectory(
        of: [TrajectoryPath(name: "a", checkpoints: checkpoints)], small, in: nil,
        context: Watcher().context())
    }
    #expect(error?.description.contains("has changed since this run began") == true)
  }

  @Test func theRangeHoldsThePathsWithAMargin() throws {
    let configuration = TrajectoryConfiguration()
    let axes = configuration.axes(around: [[-7, 0], [-3, 0.5], [0, 0]])
    // A seventh on both sides, and half as much across.
    #expect(axes.x == GridAxis(first: -8, last: 1, count: 50))
    #expect(axes.y.last - axes.y.first >= 4.5 && axes.y.last - axes.y.first < 4.6)
    #expect(axes.y.first < 0 && axes.y.last > 0.5)
    var given = configuration
    given.y = axis
    #expect(given.axes(around: [[-7, 0], [0, 0]]).y == axis)
    let tiny = configuration.axes(around: [[-7e-9, 1e-9], [0, 0]])
    #expect(tiny.x.first < -7.9e-9 && tiny.x.first > -8.3e-9 && tiny.x.count == 50)
  }
}
