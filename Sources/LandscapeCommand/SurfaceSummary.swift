import Artifacts
import Checkpoints
import CommandSupport
import Foundation
import LossSurfaces
import NeuralNetworks
import Objectives

/// What `summary.json` of a run holds.
struct SurfaceSummary: Codable {
  /// Loss and metric at one point.
  struct Point: Codable {
    var x: Double
    var y: Double
    var loss: Double
    /// Absent where it is not a number.
    var score: Double?
  }

  /// The axes.
  struct Directions: Codable {
    /// `random` or the path of a file; a second checkpoint for a line.
    var source: String
    var seed: UInt64?
    var normalization: String
    var ignore: String
    var norms: [Double]
    /// Cosine of the angle between the axes; absent for a line.
    var cosine: Double?
    /// What running statistics are between two checkpoints, in words; absent for other directions.
    var statistics: String?
  }

  /// Kind of run: `surface` or `line`.
  var kind: String
  var provenance: Provenance
  var architecture: String
  var parameters: Int
  /// What the loss is, for captions; absent in old files.
  var loss: Loss?
  /// What `score` is; absent where there is nothing but the loss.
  var metric: Metric?
  var center: Point
  var smallest: Point?
  var largest: Point?
  /// Points whose loss is NaN or infinite; they are kept in the arrays and marked in figures.
  var nonFinitePoints: Int
  var x: GridAxis
  var y: GridAxis?
  var directions: Directions
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// One sentence about what was evaluated, for the caption of a figure.
  func caption() -> String {
    var parts: [String] = []
    if let data = provenance.data {
      parts.append(
        "\((loss ?? Loss(.crossEntropy)).caption) over the first \(data.samples) samples of "
          + "\(data.name) \(data.split)")
    }
    if let decay = provenance.weightDecay, decay > 0 {
      parts.append("weight decay \(decay) included")
    }
    if directions.source == "random" {
      parts.append(
        "random directions (seed \(directions.seed ?? 0)), \(normalizationText)"
          + (directions.ignore == "biasbn" ? zeroText : ""))
    } else {
      parts.append("directions from \(URL(filePath: directions.source).lastPathComponent)")
    }
    if let statisticsText { parts.append(statisticsText) }
    if let statistics = directions.statistics { parts.append(statistics) }
    var sentences = parts.joined(separator: "; ") + "."
    sentences += " At the centre: \(text(of: center))."
    if nonFinitePoints > 0 { sentences += " \(nonFinitePoints) points are not finite." }
    return sentences
  }

  /// Loss and metric of a point.
  func text(of point: Point) -> String {
    "loss \(Self.short(point.loss))"
      + (metric.flatMap { metric in point.score.map { ", " + metric.text($0) } } ?? "")
  }

  /// Which tensors the directions leave out, in words.
  private var zeroText: String {
    ", zero for biases" + (provenance.batchNormStatistics == nil ? "" : " and batch norm")
  }

  /// The normalisation in words.
  private var normalizationText: String {
    switch DirectionNormalization(rawValue: directions.normalization) {
    case .filter?: "filter-normalised"
    case .layer?: "normalised layer by layer"
    case .weight?: "multiplied by the weights"
    case .unitFilter?: "filters of norm 1"
    case .unitLayer?: "tensors of norm 1"
    case .model?: "scaled to the norm of the weights"
    case .none?, nil: "not normalised"
    }
  }

  /// The batch-norm mode in words; nil where there are no batch norms.
  private var statisticsText: String? {
    switch SurfaceNormalization(rawValue: provenance.batchNormStatistics ?? "") {
    case .batch?: "batch norm on statistics of each batch"
    case .recalibrated?: "batch norm on statistics re-estimated at every point"
    case .inference?: "batch norm on the stored running statistics"
    case nil: nil
    }
  }

  static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension LossSurface {
  /// The point with the smallest or largest finite loss.
  func extreme(_ isBetter: (Double, Double) -> Bool) -> SurfaceSummary.Point? {
    let finite = loss.indices.filter { loss[$0].isFinite }
    guard let best = finite.min(by: { isBetter(loss[$0], loss[$1]) }) else { return nil }
    return SurfaceSummary.Point(
      x: xs[best % xs.count], y: ys[best / xs.count], loss: loss[best],
      score: score[best].isFinite ? score[best] : nil)
  }
}
