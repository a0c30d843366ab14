import Datasets
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

@Suite struct CurveTrainerTests {
  private static let batch = 20

  private static func trainer(
    _ change: (inout CurveTrainingSettings) -> Void = { _ in }, architecture: String = "mlp-6",
    state: CurveState? = nil, threads: Int = 1
  ) throws -> CurveTrainer {
    var settings = CurveTrainingSettings()
    settings.epochs = 2
    settings.batchSize = batch
    change(&settings)
    let part = try DatasetCatalog.open("digits", split: .train).prefix(samples: 2 * batch)
    let data = SampleData.images(try NormalizedDataset(part, .none))
    let model = try Model(
      .named(architecture, input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    return try CurveTrainer(
      settings, model: model, loss: Loss(.crossEntropy), data: data,
      ends: (model.initialPoint(seed: 1), model.initialPoint(seed: 2)), state: state,
      pool: WorkerPool(threadCount: threads))
  }

  private static func finished(_ trainer: CurveTrainer) throws -> CurveState {
    while !trainer.isFinished { try trainer.runEpoch() }
    return trainer.state
  }

  @Test func coefficientsAreThoseOfTheDefinitions() {
    for t in [0, 0.125, 0.5, 0.75, 1] {
      #expect(
        CurveShape.bezier.coefficients(at: t, points: 3)
          == [(1 - t) * (1 - t), 2 * (1 - t) * t, t * t])
      for shape in CurveShape.allCases {
        for points in 2...6 {
          let sum = shape.coefficients(at: t, points: points).reduce(0, +)
          #expect(abs(sum - 1) < 1e-14)
        }
        #expect(shape.coefficients(at: t, points: 2) == [1 - t, t])
      }
    }
    #expect(CurveShape.polygon.coefficients(at: 0.125, points: 3) == [0.75, 0.25, 0])
    #expect(CurveShape.polygon.coefficients(at: 0.75, points: 3) == [0, 0.5, 0.5])
    #expect(CurveShape.bezier.coefficients(at: 1, points: 4) == [0, 0, 0, 1])
  }

  @Test func bendsBeginOnTheLine() throws {
    let trainer = try Self.trainer { $0.bends = 3 }
    let controls = trainer.controlPoints
    #expect(controls.count == 5 && trainer.stepsPerEpoch == 2)
    for (index, bend) in controls.enumerated() {
      let t = Float(index) / 4
      for place in stride(from: 0, to: bend.count, by: 37) {
        let expected = (1 - t) * controls[0][place] + t * controls[4][place]
        // Two roundings, of numbers of this size.
        #expect(abs(bend[place] - expected) <= 2 * max(abs(expected), 1) * .ulpOfOne)
      }
    }
  }

  /// The bend's gradient is `b(t) (g + decay phi)`, checked by differences of the loss on the curve.
  @Test func aStepDescendsTheLossOnTheCurve() throws {
    let rate = 0.5
    let decay = 0.01
    let trainer = try Self.trainer {
      $0.epochs = 1
      $0.batchSize = 2 * Self.batch
      $0.momentum = 0
      $0.learningRate = rate
      $0.weightDecay = decay
    }
    let before = trainer.state.bends[0]
    let controls = trainer.controlPoints
    try trainer.runEpoch()
    var moved = trainer.state.bends[0]
    moved.add(before, scaledBy: -1)

    // The step's place on the curve.
    var places = RandomStream(seed: 1, label: "curve", index: 0)
    let b = CurveShape.bezier.coefficients(at: places.uniform(), points: 3)
    let model = try Model(
      .named("mlp-6", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    let part = try DatasetCatalog.open("digits", split: .train).prefix(samples: 2 * Self.batch)
    let data = try NormalizedDataset(part, .none)
    let risk = try EmpiricalRisk(
      model: model, samples: data.samples, options: RiskOptions(weightDecay: decay),
      pool: .callerAlone)
    func loss(_ h: Float) throws -> Double {
      var bend = before
      bend.add(moved, scaledBy: h)
      var point = model.initialPoint(seed: 1)
      point.weights.elements.scale(by: Float(b[0]))
      point.weights.elements.add(bend, scaledBy: Float(b[1]))
      point.weights.elements.add(controls[2], scaledBy: Float(b[2]))
      return try risk.value(at: point).loss
    }
    // The derivative along the step is -||step||^2 / rate.
    let expected = -moved.dot(moved) / rate
    let h: Float = 0.02
    let difference = (try loss(h) - loss(-h)) / Double(2 * h)
    // Rounding of the losses is 1e-7 / h; the third derivative adds h^2.
    #expect(expected < -1e-3)
    #expect(abs(difference / expected - 1) < 1e-2, "\(difference), \(expected)")
  }

  @Test(arguments: ["mlp-6", "resnet8-w2"])
  func interruptedTrainingsAndThreadsGiveTheSameBits(_ architecture: String) throws {
    let whole = try Self.finished(try Self.trainer(architecture: architecture))
    let first = try Self.trainer(architecture: architecture)
    try first.runEpoch()
    struct Stop: Error {}
    #expect(throws: Stop.self) { try first.runEpoch { if $0 == 1 { throw Stop() } } }
    #expect(first.state.epoch == 1 && first.state.step == 2)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "curve.safetensors").path
      try CurveFile.write(first.state, origin: "these", to: path)
      let count = first.state.bends[0].count
      let read = try CurveFile.read(path, origin: "these", bends: 1, count: count)
      #expect(read == first.state)
      let second = try Self.trainer(architecture: architecture, state: read, threads: 2)
      #expect(try Self.finished(second) == whole)
      for (origin, bends, count, text) in [
        ("others", 1, count, "other networks"), ("these", 2, count, "damaged"),
        ("these", 1, count + 1, "damaged"),
      ] {
        let error = #expect(throws: TrainingError.self) {
          try CurveFile.read(path, origin: origin, bends: bends, count: count)
        }
        #expect("\(try #require(error))".contains(text))
      }
    }
  }

  @Test func settingsOutOfRangeAreNamed() {
    let changes: [(String, (inout CurveTrainingSettings) -> Void)] = [
      ("0 bends", { $0.bends = 0 }), ("0 epochs", { $0.epochs = 0 }),
      ("batch size 1", { $0.batchSize = 1 }), ("momentum 1", { $0.momentum = 1 }),
      ("weight decay -1", { $0.weightDecay = -1 }), ("starts at -1", { $0.learningRate = -1 }),
    ]
    for (text, change) in changes {
      let error = #expect(throws: TrainingError.self) { _ = try Self.trainer(change) }
      #expect(error.map { "\($0)".contains(text) } == true, "\(text)")
    }
  }
}
