@testable import Analyses
import Checkpoints
import Datasets
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import Settings
import TestSupport
import Testing

@Suite struct SharpnessAnalysisTests {
  private let configuration: SharpnessConfiguration

  init() {
    var configuration = SharpnessConfiguration()
    configuration.radii = [0.05, 0.2]
    configuration.steps = 12
    configuration.restarts = 2
    configuration.draws = 12
    configuration.seed = 5
    self.configuration = configuration
  }

  private func entry(
    _ summary: SharpnessSummary, _ measure: SharpnessMeasure, _ rho: Double, samples: Int
  ) throws -> SharpnessSummary.Entry {
    try #require(
      summary.entries.first {
        $0.measure == measure && $0.rho == rho && $0.samples == samples
      })
  }

  @Test func theMaximumIsThatOfTheQuadraticModelInSmallBallsAndAboveAllRandomPoints() throws {
    let model = try OpenedModel.tiny()
    var configuration = configuration
    configuration.radii = [0.02]
    configuration.steps = 40
    let summary = try model.sharpness(configuration, in: nil, context: Watcher().context())
    let found = try entry(summary, .maximumL2, 0.02, samples: model.data.count)
    let value = try #require(found.value)
    let risk = try model.risk(RiskOptions(), pool: .callerAlone)
    let point = model.trained.point
    let base = try risk.gradient(at: point)
    let hessian = try model.denseHessian(at: point)
    // The ball's maximum of the quadratic model, mu from ||(mu - A)^-1 g|| = rho.
    let (values, vectors) = try hessian.eigenpairs()
    let parts = vectors.map { vector in
      zip(vector, base.gradient.array).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    func size(_ mu: Double) -> Double {
      zip(values, parts).reduce(0) { $0 + ($1.1 / (mu - $1.0)) * ($1.1 / (mu - $1.0)) }
        .squareRoot()
    }
    var (low, high) = (values[values.count - 1], values[values.count - 1] + 1e4)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if size(middle) > 0.02 { low = middle } else { high = middle }
    }
    let quadratic = zip(values, parts).reduce(0) { sum, pair in
      let x = pair.1 / (high - pair.0)
      return sum + pair.1 * x + pair.0 * x * x / 2
    }
    // The third order is rho^3 times third derivatives: a few percent of rho ||g|| here.
    #expect(abs(value - quadratic) < 0.02 * quadratic)
    #expect(abs(try #require(found.linearRise) - 0.02 * base.gradient.norm) < 1e-9)
    // Brute force never finds more.
    let ball = PerturbationBall(
      around: point.weights.elements, norm: .l2, radius: 0.02, isAdaptive: false)
    var stream = RandomStream(seed: 8, label: "brute force")
    for _ in 0..<200 {
      var moved = point
      moved.weights.elements = ball.weights(ball.randomPoint(&stream))
      #expect(try risk.value(at: moved).loss - base.value.loss <= value)
    }
    try expectRoundTrip(summary)
  }

  @Test func theMeanOverSmallSpheresIsThatOfTheTrace() throws {
    let model = try OpenedModel.tiny()
    var configuration = configuration
    configuration.measures = [.averageSphere, .averageL2, .averageLinf]
    configuration.radii = [0.01, 0.1]
    configuration.draws = 400
    let summary = try model.sharpness(configuration, in: nil, context: Watcher().context())
    let hessian = try model.denseHessian(at: model.trained.point)
    let order = Double(hessian.order)
    let trace = (0..<hessian.order).reduce(0) { $0 + hessian[$1, $1] }
    // E v A v / 2 = (variance of an element) trace / 2. Odd orders cancel between both signs, and the fourth is a 25th
    // of its part at 0.05 for each weight, where it is a tenth.
    let expected: [(SharpnessMeasure, rho: Double, variance: Double)] = [
      (.averageSphere, 0.1, 0.01 / order), (.averageL2, 0.01, 1e-4),
      (.averageLinf, 0.01, 1e-4 / 3),
    ]
    for (measure, rho, variance) in expected {
      let found = try entry(summary, measure, rho, samples: model.data.count)
      let value = try #require(found.value)
      let error = try #require(found.drawError)
      #expect(abs(value - variance * trace / 2) < 5 * error + 0.01 * value, "\(measure)")
      #expect(error < 0.1 * value)
      #expect(found.linearRise == nil && found.restartRange == nil && found.spread == nil)
    }
  }

  @Test func batchesAreMeasuredApartAndTheirMeanLiesAboveTheWhole() throws {
    let model = try OpenedModel.digits(samples: 48)
    var configuration = configuration
    configuration.batches = [16]
    configuration.subsets = 2
    let summary = try model.sharpness(configuration, in: nil, context: Watcher().context())
    #expect(Set(summary.entries.map(\.samples)) == [48, 16, 24])
    let batches = try entry(summary, .maximumL2, 0.2, samples: 16)
    let whole = try entry(summary, .maximumL2, 0.2, samples: 48)
    #expect(batches.parts.count == 3 && whole.parts.count == 1)
    // Each batch has the best perturbation of its own, so the mean of maxima is no smaller than the maximum of the
    // mean; ascents that miss some of either change that by little.
    #expect(try #require(batches.value) >= 0.98 * #require(whole.value))
    // The second batch alone, as the documentation says it.
    var stream = RandomStream(seed: 5, label: "spectrum.subsets")
    let places = stream.permutation(count: 48)[16..<32].sorted()
    let risk = try EmpiricalRisk(
      model: model.trained.model, loss: model.loss.loss,
      samples: model.data.samples.selecting(places), options: RiskOptions(), pool: .callerAlone)
    let point = model.trained.point
    let base = try risk.gradient(at: point)
    let ball = PerturbationBall(
      around: point.weights.elements, norm: .l2, radius: 0.2, isAdaptive: false)
    let single = try (0..<2).map { number in
      var stream = RandomStream(seed: 5, label: "sharpness.start", index: number)
      let start = number == 0 ? Vector(zeros: ball.dimension) : ball.randomPoint(&stream)
      return try SharpnessAscent(in: ball, steps: 12).climb(from: start) { v in
        var moved = point
        moved.weights.elements = ball.weights(v)
        let found = try risk.gradient(at: moved)
        return (found.value.loss, found.gradient)
      }.value - base.value.loss
    }
    #expect(abs(try #require(batches.parts[1]) - (single.max() ?? .nan)) < 1e-6)
    // A mean is linear in the samples: only rounding differs.
    let mean = try entry(summary, .averageSphere, 0.2, samples: 16)
    let halves = try entry(summary, .averageSphere, 0.2, samples: 24)
    let all = try entry(summary, .averageSphere, 0.2, samples: 48)
    #expect(abs(try #require(mean.value) - #require(all.value)) < 1e-5 * summary.loss)
    #expect(abs(try #require(halves.value) - #require(all.value)) < 1e-5 * summary.loss)
    let error = try #require(mean.spread?.standardError)
    #expect(error > 0)
  }

  @Test(arguments: [1, 30, 77])
  func anInterruptedSharpnessGoesOnToTheSameBits(steps: Int) throws {
    let model = try OpenedModel.digits()
    var configuration = configuration
    configuration.isAdaptive = true
    configuration.subsets = 2
    let whole = try model.sharpness(configuration, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      #expect(throws: Stopped.self) {
        try model.sharpness(
          configuration, in: folder, context: Watcher(stopsAfter: steps).context())
      }
      let again = try model.sharpness(
        configuration, in: folder, context: Watcher().context(threads: 2))
      #expect(again.entries == whole.entries)
    }
  }

  @Test func settingsOutOfRangeAreRefusedByName() throws {
    func refuses(_ setting: Setting, _ change: (inout SharpnessConfiguration) -> Void) {
      var configuration = SharpnessConfiguration()
      change(&configuration)
      let error = #expect(throws: AnalysisError.self) { try configuration.validate() }
      #expect(error?.description.contains("\(setting)") == true)
    }
    refuses(.measure) { $0.measures = [] }
    refuses(.measure) { $0.measures = [.maximumL2, .maximumL2] }
    refuses(.rho) { $0.radii = [0.1, -1] }
    refuses(.rho) { $0.radii = [0.1, 0.1] }
    refuses(.ascentSteps) { $0.steps = 0 }
    refuses(.restarts) { $0.restarts = 0 }
    refuses(.draws) { $0.draws = 1 }
    refuses(.m) { $0.batches = [1] }
    refuses(.subsets) { $0.subsets = 1 }
    var configuration = SharpnessConfiguration()
    configuration.batches = [30]
    let error = #expect(throws: AnalysisError.self) {
      try OpenedModel.digits().sharpness(configuration, in: nil, context: Watcher().context())
    }
    #expect(error?.description.contains("fewer than 2 batches") == true)
  }
}
