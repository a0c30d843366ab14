import Analyses
import DigitsReference
import Checkpoints
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import TestSupport
import Testing

@Suite struct CurvatureMapTests {
  private let axis: GridAxis
  private let configuration: CurvatureMapConfiguration

  init() throws {
    axis = try #require(GridAxis(first: -0.5, last: 0.5, count: 3))
    var configuration = CurvatureMapConfiguration()
    configuration.surface.seed = 2
    configuration.steps = 20
    configuration.tolerance = 1e-2
    configuration.memory = ByteCount(bytes: 1 << 30)
    self.configuration = configuration
  }

  @Test func bothEndsAreThoseOfTheDenseHessianAtEveryPoint() throws {
    let model = try OpenedModel.tiny()
    let run = try model.curvatureMap(
      x: axis, y: axis, configuration, in: nil, context: Watcher().context())
    let weights = model.trained.point.weights
    let pair = DirectionPair(
      seed: 2, weights: weights, normalization: .filter, vectors: .biasbn)
    for (index, found) in run.map.points.enumerated() {
      var point = model.trained.point
      point.weights.elements.add(pair.axes[0], scaledBy: Float(run.map.xs[index % 3]))
      point.weights.elements.add(pair.axes[1], scaledBy: Float(run.map.ys[index / 3]))
      let exact = try model.denseHessian(at: point).eigenpairs().values
      let (top, bottom) = (exact[exact.count - 1], exact[0])
      // Within the bound there is an eigenvalue, and the outermost one within the bound again, as the
      // tolerance is far below the gaps of this matrix.
      #expect(abs(found.largest.value - top) <= found.largest.residualBound + 1e-5 * top)
      #expect(abs(found.smallest.value - bottom) <= found.smallest.residualBound + 1e-5 * top)
      #expect(abs(found.ratio - abs(bottom / top)) <= 0.03 * abs(bottom / top))
    }
    #expect(run.summary.center?.largest == run.map.points[4].largest)
    #expect(run.summary.checks.count == 4 && run.summary.errorFloor > 0)
    #expect(run.summary.checks.allSatisfy { $0.missed < 1e-3 })
    try expectRoundTrip(run.summary)
  }

  @Test(arguments: [1, 3, 6, 11])
  func anInterruptedMapGoesOnToTheSameBits(points: Int) throws {
    let model = try OpenedModel.digits()
    var configuration = configuration
    configuration.steps = 8
    let whole = try model.curvatureMap(
      x: axis, y: axis, configuration, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      // Each product asks whether to go on.
      var checks = 0
      let stopping = RunContext(
        engine: EngineSettings(threads: 1), command: ["test"],
        cancellation: {
          checks += 1
          if checks > 9 * points + 12 { throw Stopped() }
        })
      #expect(throws: Stopped.self) {
        try model.curvatureMap(x: axis, y: axis, configuration, in: folder, context: stopping)
      }
      if points == 6 {
        // What is lost is computed again.
        for name in try FileManager.default.contentsOfDirectory(atPath: url.path)
        where name.hasPrefix("start-") {
          try FileManager.default.removeItem(at: url.appending(path: name))
        }
      }
      let again = try model.curvatureMap(
        x: axis, y: axis, configuration, in: folder, context: Watcher().context(threads: 2))
      #expect(again.map == whole.map && again.summary.checks == whole.summary.checks)
      #expect(again.summary.products == whole.summary.products)
      let left = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
      #expect(left == ["curvature.journal", "curvature.npz", "summary.json"])
    }
  }

  @Test func everyPointFollowsANeighbourThatIsFinished() {
    for (width, height) in [(1, 1), (3, 2), (5, 4), (2, 7)] {
      let xs = (0..<width).map { Double($0) - 1 }
      let ys = (0..<height).map { Double($0) - 2 }
      let order = NeighbourOrder(xs: xs, ys: ys)
      var finished: Set<Int> = []
      for step in order.steps {
        if let parent = step.parent {
          #expect(finished.contains(parent))
          let dx = abs(parent % width - step.point % width)
          let dy = abs(parent / width - step.point / width)
          #expect(dx + dy == 1)
        } else {
          #expect(finished.isEmpty)
        }
        #expect(finished.insert(step.point).inserted)
      }
      #expect(finished.count == width * height)
    }
  }
}
