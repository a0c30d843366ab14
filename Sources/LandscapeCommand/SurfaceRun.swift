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
    let loss: Loss
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

  /// Evaluates along the axes; `axes` and `bufferAxes` have one entry for a line.
  func evaluate(
    axes: [Vector<Float>], bufferAxes: [Vector<Float>] = [], directions: SurfaceSummary.Directions
  ) throws -> (LossSurface, SurfaceSummary) {
    let started = Date()
    let risk = try opened.risk(options.riskOptions(engine), pool: engine.pool())
    let evaluator = SurfaceEvaluator(
      risk: risk, center: opened.trained.point, axes: axes, bufferAxes: bufferAxes,
      normalization: options.batchNorm)
    let center = try evaluator.centerValue()
    if !isQuiet {
      note(
        "centre: loss \(SurfaceSummary.short(center.loss))"
          + (center.text.map { ", \($0)" } ?? ""))
    }
    let configuration = Configuration(
      model: opened.sha256, data: opened.dataDigest, samples: opened.data.count,
      normalization: opened.data.normalization, loss: opened.loss.loss,
      directions: Self.digest(axes + bufferAxes),
      x: x, y: y, batchNorm: options.batchNorm, batchSize: options.batchSize,
      statistics: directions.statistics, weightDecay: options.weightDecay,
      convolution: engine.convolution.rawValue,
      libraries: EngineOptions.libraries, version: Toolkit.version)
    let progress = Progress("surface", isQuiet: isQuiet)
    let (surface, seconds) = try LossSurface.evaluate(
      evaluator, metric: opened.loss.metric, xs: x.coordinates, ys: y?.coordinates ?? [0],
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
      architecture: opened.trained.model.name, parameters: opened.trained.model.layout.count,
      loss: opened.loss.loss, metric: opened.loss.metric,
      center: .init(x: 0, y: 0, loss: center.loss, score: center.finiteScore),
      smallest: surface.extreme(<), largest: surface.extreme(>),
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
