import Artifacts
import Checkpoints
import Datasets
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// Surfaces of a small network on the embedded digits.
@Suite(.serialized) struct SurfaceTests {
  private let model: Model
  private let samples: Samples
  private let center: ModelPoint
  private let pair: DirectionPair

  init() throws {
    model = try Model(
      Architecture.named(
        "resnet8-w8", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    center = model.initialPoint(seed: 1)
    let dataset = try DatasetCatalog.open("digits", split: .train).prefix(samples: 40)
    let data = try NormalizedDataset(dataset, ChannelNormalization(parsing: "none"))
    samples = data.samples
    pair = DirectionPair(seed: 1, weights: center.weights, normalization: .filter, vectors: .biasbn)
  }

  private func evaluator(
    threads: Int, microBatch: Int = 16, _ normalization: SurfaceNormalization = .inference
  ) throws -> SurfaceEvaluator {
    let risk = try EmpiricalRisk(
      model: model, samples: samples,
      options: RiskOptions(
        normalization: normalization == .batch ? .batch : .inference, batchSize: 20,
        microBatch: microBatch), pool: WorkerPool(threadCount: threads))
    return SurfaceEvaluator(
      risk: risk, center: center, axes: pair.axes, normalization: normalization)
  }

  private let xs = [-1.0, -0.25, 0.5]
  private let ys = [-0.5, 0.0, 0.5, 1.0]

  @Test(arguments: SurfaceNormalization.allCases)
  func bitsDoNotDependOnThreads(_ normalization: SurfaceNormalization) throws {
    let one = try evaluator(threads: 1, normalization)
    let two = try evaluator(threads: 2, normalization)
    for (x, y) in [(0.0, 0.0), (0.5, -0.25), (-1.0, 1.0)] {
      #expect(try one.value(at: [x, y]) == two.value(at: [x, y]))
    }
  }

  @Test func microBatchChangesRoundingOnly() throws {
    let reference = try evaluator(threads: 1, microBatch: 40).value(at: [0.3, 0.2])
    for microBatch in [2, 7, 16] {
      let value = try evaluator(threads: 1, microBatch: microBatch).value(at: [0.3, 0.2])
      #expect(abs(value.loss - reference.loss) < 1e-6 * reference.loss)
      #expect(value.correct == reference.correct)
    }
  }

  @Test func recalibratedStatisticsEqualTheBatchesOwnOnOneBatch() throws {
    // With one batch of all samples, statistics of the batch and re-estimated ones differ only by
    // the unbiased variance, n / (n - 1) with n >= 40 elements per channel.
    let risk = try EmpiricalRisk(
      model: model, samples: samples,
      options: RiskOptions(normalization: .batch, batchSize: 40), pool: WorkerPool(threadCount: 1))
    let batch = try risk.value(at: center).loss
    let inference = try EmpiricalRisk(
      model: model, samples: samples,
      options: RiskOptions(normalization: .inference, batchSize: 40),
      pool: WorkerPool(threadCount: 1))
    var again = center
    again.buffers = try inference.recalibratedBuffers(at: center)
    let recalibrated = try inference.value(at: again).loss
    let stored = try inference.value(at: center).loss
    #expect(abs(batch - recalibrated) < 0.1 * abs(batch - stored))
  }

  @Test func interruptedGridsContinueToTheSameBits() throws {
    struct Stop: Error {}
    try withTemporaryFolder { (folder: URL) throws -> Void in
      func run(_ name: String, stopAfter: Int = .max) throws -> LossSurface {
        let subject = try evaluator(threads: 1)
        let result = try LossSurface.evaluate(
          subject, metric: .accuracy, xs: xs, ys: ys,
          journalPath: folder.appending(path: name).path,
          configuration: ["grid": 1],
          progress: { (done: Int, _: Int) throws in if done >= stopAfter { throw Stop() } })
        return result.surface
      }
      let whole = try run("whole")
      #expect(throws: Stop.self) { try run("parts", stopAfter: 5) }
      #expect(throws: Stop.self) { try run("parts", stopAfter: 9) }
      #expect(try run("parts") == whole)
      #expect(whole.nonFiniteCount == 0)
    }
  }

  @Test func journalsOfOtherSettingsAreNotContinued() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let path = folder.appending(path: "points").path
      func run(seed: Int) throws {
        _ = try LossSurface.evaluate(
          evaluator(threads: 1), metric: .accuracy, xs: [0, 1], ys: [0, 1], journalPath: path,
          configuration: ["seed": seed], progress: { _, _ in })
      }
      try run(seed: 1)
      #expect(throws: ArtifactError.self) { try run(seed: 2) }
    }
  }

  /// Variances that go on falling beyond the second network would be negative there.
  @Test func runningStatisticsAreNotExtrapolated() throws {
    let risk = try EmpiricalRisk(
      model: model, samples: samples, pool: WorkerPool(threadCount: 1))
    var target = center.buffers.elements
    for segment in model.bufferLayout.segments where segment.role == .runningVariance {
      for place in segment.range { target[place] = 0.5 }
    }
    var bufferAxis = target
    bufferAxis.add(center.buffers.elements, scaledBy: -1)
    let evaluator = SurfaceEvaluator(
      risk: risk, center: center, axes: [pair.axes[0]], bufferAxes: [bufferAxis],
      normalization: .inference)
    func expected(_ coordinate: Float, _ buffers: Vector<Float>) throws -> RiskValue {
      var point = center
      point.weights.elements.add(pair.axes[0], scaledBy: coordinate)
      point.buffers.elements = buffers
      return try risk.value(at: point)
    }
    #expect(try evaluator.value(at: [2.5]) == expected(2.5, target))
    #expect(try evaluator.value(at: [-1.5]) == expected(-1.5, center.buffers.elements))
    #expect(try evaluator.value(at: [2.5]).loss.isFinite)
    var between = center.buffers.elements
    between.add(bufferAxis, scaledBy: 0.25)
    #expect(try evaluator.value(at: [0.25]) == expected(0.25, between))
  }

  @Test func nonFinitePointsAreKeptAndANonFiniteCentreIsAnError() throws {
    var broken = center
    broken.weights.elements[0] = .nan
    let risk = try EmpiricalRisk(
      model: model, samples: samples, pool: WorkerPool(threadCount: 1))
    let evaluator = SurfaceEvaluator(
      risk: risk, center: broken, axes: pair.axes, normalization: .inference)
    #expect(throws: SurfaceError.self) { try evaluator.centerValue() }
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let far = try LossSurface.evaluate(
        self.evaluator(threads: 1), metric: .accuracy, xs: [0, 1e30], ys: [0, 1],
        journalPath: folder.appending(path: "far").path, configuration: ["a": 1],
        progress: { _, _ in }
      ).surface
      #expect(far.nonFiniteCount == 2)
      #expect(far.loss[0].isFinite && !far.loss[1].isFinite)
      let path = folder.appending(path: "surface.npz").path
      try far.write(to: path)
      let read = try LossSurface(path: path)
      #expect(read.loss.map(\.bitPattern) == far.loss.map(\.bitPattern))
      #expect(read.xs == far.xs)
      #expect(read.score.map(\.bitPattern) == far.score.map(\.bitPattern))
      // What is no loss has no right answers either: not a share of 0.
      #expect(far.score[0].isFinite && far.score[1].isNaN && far.score[3].isNaN)
    }
  }
}

/// The surface of a real network against PyTorch in float64, at every point.
@Suite(
  .serialized,
  .enabled(if: SharedData.has("reference", "checkpoints", "cifar10"), SharedData.note))
struct ReferenceSurfaceTests {
  private struct Figures: Decodable {
    struct Landscape: Decodable {
      let samples: Int
      let coordinates: [Double]
      let loss: [[Double]]
      let accuracy: [[Double]]
      let x_norm: Double
      let y_norm: Double
      let x_dot_y: Double
    }
    let landscape: Landscape
  }

  @Test(arguments: [
    ("resnet20", "resnet20-12fca82f.th", 1), ("resnet32", "resnet32-d509ac18.th", 5),
  ])
  func everyPointWithinOneTenThousandth(_ name: String, _ file: String, _ step: Int) throws {
    let json = try SharedData.url("reference/\(name).json")
    let directions = try SharedData.url("reference/\(name)-directions.npz")
    let checkpoint = try SharedData.url("checkpoints/\(file)")
    let cifar = try SharedData.url("cifar10")
    let figures = try JSONDecoder().decode(Figures.self, from: Data(contentsOf: json)).landscape
    let model = try Model(
      Architecture.named(
        name, input: .init(channels: 3, height: 32, width: 32), classCount: 10))
    let trained = try TrainedModel(CheckpointFile.read(checkpoint.path), model: model)
    let pair = try DirectionPair(
      file: directions.path, weights: trained.point.weights, normalization: .filter,
      vectors: .biasbn)
    // The raw directions of the file, normalised here, are the normalised ones of the file.
    for (raw, axis) in zip(pair.raw, pair.axes) {
      var difference = DirectionNormalization.filter.apply(
        to: raw, weights: trained.point.weights, vectors: .biasbn)
      difference.add(axis, scaledBy: -1)
      #expect(difference.norm < 1e-6 * axis.norm)
    }
    #expect(abs(pair.norms[0] / figures.x_norm - 1) < 1e-6)
    #expect(abs(pair.axes[0].dot(pair.axes[1]) - figures.x_dot_y) < 1e-5 * figures.x_norm)
    let dataset = try DatasetCatalog.open(cifar.path, split: .train)
      .prefix(samples: figures.samples)
    let data = try NormalizedDataset(dataset, ChannelNormalization(parsing: "imagenet"))
    let risk = try EmpiricalRisk(
      model: model, samples: data.samples, pool: WorkerPool(threadCount: 2))
    let evaluator = SurfaceEvaluator(
      risk: risk, center: trained.point, axes: pair.axes, normalization: .inference)
    for row in stride(from: 0, to: 11, by: step) {
      for column in stride(from: 0, to: 11, by: step) {
        let value = try evaluator.value(
          at: [figures.coordinates[column], figures.coordinates[row]])
        let expected = figures.loss[row][column]
        #expect(
          abs(value.loss - expected) < 1e-4 * expected,
          "loss \(value.loss), not \(expected), at row \(row), column \(column)")
        #expect(abs(value.score - figures.accuracy[row][column]) <= 1.0 / 512)
      }
    }
  }
}
