import Artifacts
import Checkpoints
import CommandSupport
import Datasets
import FileFormats
import Foundation
import GraphRuntime
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives

/// One model's surface or line: evaluates what is missing and writes the run folder.
struct SurfaceRun {
  let opened: OpenedModel
  /// The checkpoint at the other end of a line; nil for random directions.
  var other: OpenedModel?
  let options: SurfaceOptions
  let engine: EngineOptions
  let x: GridAxis
  /// nil for a line.
  let y: GridAxis?
  let folder: RunFolder
  let isQuiet: Bool

  /// Everything that the values depend on: a journal with another configuration is not continued.
  private struct Configuration: Encodable {
    let model: String
    let data: String
    let samples: Int
    let normalization: String
    let directions: String
    let x: GridAxis
    let y: GridAxis?
    let batchNorm: SurfaceNormalization
    let batchSize: Int
    let statistics: String?
    let weightDecay: Double
    let convolution: String
    let libraries: [String: String]
    let version: String
  }

  /// Evaluates along the axes; `axes` and `stateAxes` have one entry for a line.
  func evaluate(
    axes: [Vector<Float>], stateAxes: [Vector<Float>] = [], directions: SurfaceSummary.Directions
  ) throws -> (LossSurface, SurfaceSummary) {
    let model = opened.model
    let started = Date()
    let risk = try EmpiricalRisk(
      network: model.network, samples: opened.sampleSet(), options: options.riskOptions(engine),
      pool: engine.pool())
    let evaluator = SurfaceEvaluator(
      risk: risk, weights: model.parameters.elements, state: model.state.elements, axes: axes,
      stateAxes: stateAxes, normalization: options.batchNorm)
    let center = try evaluator.center()
    if !isQuiet {
      note(
        "centre: loss \(SurfaceSummary.short(center.loss)), \(center.correct) of "
          + "\(center.samples) right (\(String(format: "%.2f", 100 * center.accuracy)) %)")
    }
    let configuration = Configuration(
      model: opened.sha256, data: opened.dataDigest, samples: opened.dataset.count,
      normalization: opened.normalization.description, directions: Self.digest(axes + stateAxes),
      x: x, y: y, batchNorm: options.batchNorm, batchSize: options.batchSize,
      statistics: directions.statistics, weightDecay: options.weightDecay,
      convolution: engine.convolution.rawValue,
      libraries: EngineOptions.libraries, version: Toolkit.version)
    let progress = Progress("surface", isQuiet: isQuiet)
    let (surface, seconds) = try LossSurface.evaluate(
      evaluator, xs: x.coordinates, ys: y?.coordinates ?? [0],
      journalPath: folder.file("points.journal"), configuration: configuration
    ) { done, total in
      try Interruption.check()
      progress.show(done, of: total)
    }
    progress.end()
    try surface.write(to: folder.file(y == nil ? "line.npz" : "surface.npz"))
    let summary = summarize(
      surface, center: center, directions: directions, seconds: seconds, started: started)
    try JSON.write(summary, to: folder.file("summary.json"))
    return (surface, summary)
  }

  private func summarize(
    _ surface: LossSurface, center: RiskValue, directions: SurfaceSummary.Directions,
    seconds: Double, started: Date
  ) -> SurfaceSummary {
    let record = RunRecord(
      models: [opened] + (other.map { [$0] } ?? []), engine: engine,
      seeds: directions.seed.map { ["directions": $0] } ?? [:],
      batchNormalization: options.batchNorm.rawValue, weightDecay: .inLoss(options.weightDecay),
      settings: ["batch size": "\(options.batchSize)"], started: started)
    return SurfaceSummary(
      kind: y == nil ? "line" : "surface", provenance: record.finished(),
      architecture: opened.model.network.architecture.name,
      parameters: opened.model.network.layout.count,
      center: .init(x: 0, y: 0, loss: center.loss, accuracy: center.accuracy),
      centerCorrect: center.correct, smallest: surface.extreme(<), largest: surface.extreme(>),
      nonFinitePoints: surface.nonFiniteCount, x: x, y: y, directions: directions,
      evaluationSeconds: seconds)
  }

  /// SHA-256 over the bytes of the axes.
  private static func digest(_ axes: [Vector<Float>]) -> String {
    SHA256.hexDigest(of: axes.flatMap { NumericArray($0.array).bytes })
  }
}

extension SurfaceSummary.Directions {
  /// Describes a pair of axes.
  init(_ pair: DirectionPair) {
    let (source, seed): (String, UInt64?) =
      switch pair.source {
      case .random(let seed): ("random", seed)
      case .file(let path): (path, nil)
      }
    self.init(
      source: source, seed: seed, normalization: pair.normalization.rawValue,
      ignore: pair.vectors.rawValue, norms: pair.norms, cosine: pair.cosine)
  }
}
