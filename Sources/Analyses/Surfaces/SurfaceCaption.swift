internal import Artifacts
internal import Foundation
internal import LossSurfaces
internal import Objectives

extension SurfaceSummary {
  /// What was evaluated, for the caption of a figure.
  package func caption() -> String {
    var sentences = SurfaceCaption(
      loss: loss, provenance: provenance, directions: directions
    ).sentence
    sentences += " At the centre: \(text(of: center))."
    if nonFinitePoints > 0 { sentences += " \(nonFinitePoints) points are not finite." }
    return sentences
  }

  /// Loss and metric of a point.
  package func text(of point: Point) -> String {
    "loss \(fourDigits(point.loss))"
      + (metric.flatMap { metric in point.score.map { ", " + metric.text($0) } } ?? "")
  }

}

/// What was evaluated in which directions, in a sentence.
struct SurfaceCaption {
  let loss: Loss?
  let provenance: Provenance
  let directions: SurfaceSummary.Directions
  /// What random directions are called.
  var randomDirections = "random directions"

  /// The sentence.
  var sentence: String {
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
        "\(randomDirections) (seed \(directions.seed ?? 0)), \(normalizationText)"
          + (directions.ignore == "biasbn" ? zeroText : ""))
    } else {
      parts.append("directions from \(URL(filePath: directions.source).lastPathComponent)")
    }
    if let statisticsText { parts.append(statisticsText) }
    if let statistics = directions.statistics { parts.append(statistics) }
    return parts.joined(separator: "; ") + "."
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
}
