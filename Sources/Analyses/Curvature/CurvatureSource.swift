public import Artifacts
public import Objectives

/// What every curvature result says about where its numbers come from.
public struct CurvatureSource: Codable, Equatable, Sendable {
  /// How the result came about.
  public var provenance: Provenance
  /// Name of the network.
  public var architecture: String
  /// Parameters of the network.
  public var parameters: Int
  /// The matrix.
  public var matrix: CurvatureMatrix
  /// Which block of the matrix; absent for the whole.
  public var selection: String?
  /// Rows of the block.
  public var dimension: Int
  /// What the loss is; absent in old files.
  public var lossFunction: Loss?
  /// Mean loss at the weights.
  public var loss: Double
  /// What `score` is; absent where there is nothing but the loss.
  public var metric: Metric?
  /// The metric at the weights.
  public var score: Double?

  /// Name for titles: the model's file and its architecture.
  public var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// One sentence about the loss and the samples, for captions.
  public var caption: String {
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
