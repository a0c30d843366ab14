internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives
internal import Settings

/// One model's sharpness: computes what is missing, one ascent or one random perturbation after the other.
struct SharpnessRun {
  /// Everything that the values depend on.
  struct Dependencies: Encodable {
    let model: String
    let data: String
    let samples: Int
    let normalization: String
    let loss: Loss
    let configuration: SharpnessConfiguration
    let convolution: String
    let libraries: [String: String]
    let version: String
  }

  /// A division of the samples.
  struct Division {
    /// Places of the samples of each part; nil for one part of all.
    let parts: [[Int]]?
    /// Samples of a part.
    let samples: Int

    var count: Int { parts?.count ?? 1 }
  }

  /// One value that is kept: an ascent, or the loss at a random perturbation.
  private struct Item {
    /// Rise of the loss.
    let rise: Double
    let linearRise: Double
    let nonFinite: Int
  }

  private let model: OpenedModel
  private let configuration: SharpnessConfiguration
  private let context: RunContext
  private let pool: WorkerPool
  private let journal: SharedJournal
  let divisions: [Division]

  init(
    _ model: OpenedModel, _ configuration: SharpnessConfiguration, in folder: RunFolder?,
    _ context: RunContext
  ) throws {
    self.model = model
    self.configuration = configuration
    self.context = context
    pool = try context.engine.pool()
    divisions = try Self.divisions(of: model, configuration)
    let dependencies = Dependencies(
      model: model.sha256, data: model.dataDigest, samples: model.data.count,
      normalization: model.data.normalization, loss: model.loss.loss,
      configuration: configuration, convolution: context.engine.convolution.rawValue,
      libraries: Toolkit.libraries, version: Toolkit.version)
    try context.agree(on: dependencies)
    journal = try SharedJournal(
      path: folder?.file("sharpness.journal"), configuration: dependencies,
      ranks: context.ranks.communicator
    ) { $0.values.count == 4 }
  }

  /// All samples, and the batches and parts that are asked for.
  private static func divisions(
    of model: OpenedModel, _ configuration: SharpnessConfiguration
  ) throws -> [Division] {
    var counts: [Int] = []
    for size in configuration.batches {
      guard size <= model.data.count / 2 else {
        throw AnalysisError(
          "\(.m) \(size) of \(model.data.count) samples makes fewer than 2 batches",
          subject: model.path)
      }
      counts.append(model.data.count / size)
    }
    if configuration.subsets > 0 { counts.append(configuration.subsets) }
    var divisions = [Division(parts: nil, samples: model.data.count)]
    for (place, count) in counts.enumerated() {
      let size = place < configuration.batches.count ? configuration.batches[place] : nil
      let parts = try model.sampleParts(count, size: size, seed: configuration.seed).map(\.places)
      let samples = parts[0].count
      guard !divisions.contains(where: { $0.samples == samples }) else { continue }
      divisions.append(Division(parts: parts, samples: samples))
    }
    return divisions
  }

  private func item(_ key: Int) -> Item? {
    journal[key].map {
      Item(rise: $0[0], linearRise: $0[1], nonFinite: Int(exactly: $0[2]) ?? 0)
    }
  }

  /// Ascents of a maximum, or perturbations of a mean.
  private func repeats(_ measure: SharpnessMeasure) -> Int {
    measure.isMaximum ? configuration.restarts : configuration.draws
  }

  /// All values of one part: measures, radii and repeats, in the order of their keys.
  private var tasks: [(measure: SharpnessMeasure, rho: Double, repeated: Int)] {
    configuration.measures.flatMap { measure in
      configuration.radii(of: measure).flatMap { rho in
        (0..<repeats(measure)).map { (measure, rho, $0) }
      }
    }
  }

  /// Computes what is missing and sums it up.
  func evaluate() throws -> (entries: [SharpnessSummary.Entry], seconds: Double) {
    let tasks = tasks
    let total = tasks.count * divisions.reduce(0) { $0 + $1.count }
    try context.work("sharpness") { work in
      var first = 0
      for division in divisions {
        var shared: EmpiricalRisk?
        for part in 0..<division.count {
          let keys = tasks.indices.map { first + $0 }
          if keys.contains(where: { journal[$0] == nil }) {
            let risk = try risk(division, part, like: shared)
            shared = risk
            let base = try risk.gradient(at: model.trained.point)
            try journal.compute(
              keys,
              check: {
                try context.checkCancellation()
                work.show(journal.count, of: total)
              }, { try compute(tasks[$0 - first], risk, base) })
          }
          first += tasks.count
        }
      }
      try journal.synchronize()
      work.show(journal.count, of: total)
    }
    return (entries(tasks), journal.records.values.reduce(0) { $0 + $1[3] })
  }

  private func risk(
    _ division: Division, _ part: Int, like other: EmpiricalRisk?
  ) throws -> EmpiricalRisk {
    let samples = division.parts.map { model.data.samples.selecting($0[part]) }
    guard let samples else {
      return try model.risk(configuration.riskOptions(context.engine), pool: pool)
    }
    return try other?.over(samples)
      ?? model.risk(configuration.riskOptions(context.engine), on: samples, pool: pool)
  }

  private func compute(
    _ task: (measure: SharpnessMeasure, rho: Double, repeated: Int),
    _ risk: EmpiricalRisk, _ base: (value: RiskValue, gradient: Vector<Float>)
  ) throws -> [Double] {
    let started = ContinuousClock().now
    let point = model.trained.point
    let ball = PerturbationBall(
      around: point.weights.elements, norm: task.measure.norm, radius: task.rho,
      isAdaptive: configuration.isAdaptive)
    let item =
      task.measure.isMaximum
      ? try ascent(task.repeated, in: ball, risk, base)
      : try draw(task.repeated, task.measure, in: ball, risk, base.value.loss)
    let elapsed = (ContinuousClock().now - started) / .seconds(1)
    return [item.rise, item.linearRise, Double(item.nonFinite), elapsed]
  }

  /// An ascent: the first from the weights, whose value and gradient are known; others from random points.
  private func ascent(
    _ number: Int, in ball: PerturbationBall, _ risk: EmpiricalRisk,
    _ base: (value: RiskValue, gradient: Vector<Float>)
  ) throws -> Item {
    var point = model.trained.point
    var stream = RandomStream(
      seed: configuration.seed, label: "sharpness.start", index: number)
    let start =
      number == 0 ? Vector(zeros: ball.dimension) : ball.randomPoint(&stream)
    let gradient = ball.gradient(base.gradient)
    var isFirst = number == 0
    let result = try SharpnessAscent(in: ball, steps: configuration.steps).climb(from: start) { v in
      if isFirst {
        isFirst = false
        return (base.value.loss, gradient)
      }
      try context.checkCancellation()
      point.weights.elements = ball.weights(v)
      let found = try risk.gradient(at: point)
      return (found.value.loss, ball.gradient(found.gradient))
    }
    return Item(
      rise: max(result.value - base.value.loss, 0), linearRise: ball.linearRise(gradient),
      nonFinite: result.nonFinite)
  }

  /// The mean loss at a random perturbation and its opposite, in which the gradient's part cancels; the same
  /// ones, stretched, for all radii and parts.
  private func draw(
    _ number: Int, _ measure: SharpnessMeasure, in ball: PerturbationBall, _ risk: EmpiricalRisk,
    _ loss: Double
  ) throws -> Item {
    var stream = RandomStream(seed: configuration.seed, label: "sharpness.draw", index: number)
    var v: Vector<Float>
    if measure == .averageL2 {
      v = stream.normalVector(count: ball.dimension, pool: pool)
      v.scale(by: Float(ball.radius))
    } else {
      v = ball.randomPoint(&stream)
    }
    var point = model.trained.point
    point.weights.elements = ball.weights(v)
    let there = try risk.value(at: point).loss
    v.scale(by: -1)
    point.weights.elements = ball.weights(v)
    let rise = try (there + risk.value(at: point).loss) / 2 - loss
    return Item(rise: rise, linearRise: 0, nonFinite: rise.isFinite ? 0 : 1)
  }

  /// Sums up the values.
  private func entries(
    _ tasks: [(measure: SharpnessMeasure, rho: Double, repeated: Int)]
  ) -> [SharpnessSummary.Entry] {
    var result: [SharpnessSummary.Entry] = []
    for measure in configuration.measures {
      var first = 0
      for division in divisions {
        for rho in configuration.radii(of: measure) {
          let chosen = tasks.indices.filter { tasks[$0].measure == measure && tasks[$0].rho == rho }
          let parts = (0..<division.count).map { part in
            chosen.compactMap { item(first + part * tasks.count + $0) }
          }
          result.append(
            SharpnessSummary.Entry(
              measure, rho: rho, samples: division.samples,
              parts: parts.map { part in
                part.map { ($0.rise, $0.linearRise, $0.nonFinite) }
              }))
        }
        first += division.count * tasks.count
      }
    }
    return result
  }
}
