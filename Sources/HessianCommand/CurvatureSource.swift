import Artifacts
import Foundation
import Objectives

/// What every curvature command says about where its numbers come from.
struct CurvatureSource: Codable {
  var provenance: Provenance
  var architecture: String
  /// Parameters of the network.
  var parameters: Int
  var matrix: CurvatureMatrix
  /// Which block of the matrix; absent for the whole.
  var selection: String?
  /// Rows of the block.
  var dimension: Int
  /// What the loss is; absent in old files.
  var lossFunction: Loss?
  /// Mean loss at the weights.
  var loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  var metric: Metric?
  /// The metric at the weights.
  var score: Double?

  /// Name for titles: the model's file and its architecture.
  var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// Model and digest, for the metadata of figures.
  var sourceText: String {
    guard let model = provenance.models.first else { return "" }
    return "\(URL(filePath: model.path).lastPathComponent) sha256:\(model.sha256)"
  }

  /// One sentence about the loss and the samples, for captions.
  var caption: String {
    var parts: [String] = []
    if let data = provenance.data {
      parts.append(
        "\((lossFunction ?? Loss(.crossEntropy)).caption) over the first \(data.samples) samples of "
          + "\(data.name) \(data.split)")
    }
    if let decay = provenance.weightDecay, decay > 0 {
      parts.append("weight decay \(decay) included")
    } else {
      parts.append("weight decay left out")
    }
    if let statistics = provenance.batchNormStatistics { parts.append("batch norm: \(statistics)") }
    if let selection { parts.append("block of \(selection) (\(dimension) of \(parameters))") }
    return parts.joined(separator: "; ") + "."
  }
}
