public import Artifacts
package import Checkpoints
package import Communication
public import Datasets
internal import Foundation
package import LinearAlgebra
public import NeuralNetworks
public import Objectives
internal import Settings

/// A trained network, the data it is looked at with, and where both came from: what an analysis is about.
public struct OpenedModel: Sendable {
  /// Path of the checkpoint.
  public let path: String
  /// SHA-256 of the file.
  public let sha256: String
  /// Format of the file.
  public let format: String
  /// Whether the file is a checkpoint of this network alone, so that it may hold the mask of its
  /// training: no graph, and not one of several networks.
  package let isWholeCheckpoint: Bool
  /// Model, weights and running statistics.
  package let trained: TrainedModel
  /// The loss.
  package let loss: BoundLoss
  /// The samples.
  package let data: SampleData
  /// Where the samples were opened.
  public let dataPath: String
  /// SHA-256 of the samples, see `Dataset.digest`.
  public let dataDigest: String
  /// Which labels of the data are used.
  public let labels: LabelChoice
  /// What was done to the data, by name, for reports.
  public let settings: [String: String]
  /// What a reader must know before using numbers of this model, in plain words.
  public let warnings: [String]
  /// What the file was taken for, where that had to be measured.
  public let reading: MeasuredReading?
  /// Epochs that the weights have seen, where the checkpoint says it.
  public let epoch: Int?

  /// Puts together what was opened.
  package init(
    path: String, sha256: String, format: String, isWholeCheckpoint: Bool = true,
    trained: TrainedModel, loss: BoundLoss, data: SampleData, dataPath: String, dataDigest: String,
    labels: LabelChoice = .fine, settings: [String: String] = [:], warnings: [String] = [],
    reading: MeasuredReading? = nil, epoch: Int? = nil
  ) {
    self.path = path
    self.sha256 = sha256
    self.format = format
    self.isWholeCheckpoint = isWholeCheckpoint
    self.trained = trained
    self.loss = loss
    self.data = data
    self.dataPath = dataPath
    self.dataDigest = dataDigest
    self.labels = labels
    self.settings = settings
    self.warnings = warnings
    self.reading = reading
    self.epoch = epoch
  }

  /// File name without folder and extension, or name of the folder.
  public var stem: String {
    let place = URL(filePath: path).standardizedFileURL
    return format == CheckpointContents.Format.transformers.rawValue
      ? place.lastPathComponent : place.deletingPathExtension().lastPathComponent
  }

  /// Name of the network.
  public var architecture: String { trained.model.name }

  /// Names, shapes, places and roles of the parameters.
  public var layout: ParameterLayout { trained.model.layout }

  /// Weights and running statistics.
  public var point: ModelPoint { trained.point }

  /// The samples.
  public var samples: Samples { data.samples }

  /// How outputs are compared with targets.
  public var lossFunction: Loss { loss.loss }

  /// Checks that the statistics that batch norms are to use are there.
  ///
  /// - Throws: `AnalysisError` for running statistics that the checkpoint lacks.
  package func checkStatistics(for mode: NormalizationMode) throws(AnalysisError) {
    guard trained.hasStatistics || mode == .batch else {
      throw AnalysisError(
        "has no running statistics for its batch norms: \(.batchNorm) batch uses those of the data; if they are "
          + "group, layer or instance norms, say the layers with \(.architecture)",
        subject: path)
    }
  }

  /// The loss over the samples as a function of weights and buffers.
  ///
  /// - Parameters:
  ///   - options: Settings.
  ///   - pool: The threads.
  ///   - ranks: Who shares the samples, see `EmpiricalRisk`; nobody where points are shared.
  /// - Returns: The risk.
  /// - Throws: `RiskError` when samples, options and model do not fit each other; `AnalysisError` for
  ///   running statistics that are not there.
  package func risk(
    _ options: RiskOptions, pool: WorkerPool, ranks: any Communicator = Alone()
  ) throws -> EmpiricalRisk {
    try risk(options, on: data.samples, pool: pool, ranks: ranks)
  }

  /// The loss over some of the samples.
  func risk(
    _ options: RiskOptions, on samples: Samples, pool: WorkerPool,
    ranks: any Communicator = Alone()
  ) throws -> EmpiricalRisk {
    try checkStatistics(for: options.normalization)
    return try EmpiricalRisk(
      model: trained.model, loss: loss.loss, samples: samples, options: options, pool: pool,
      ranks: ranks)
  }

  /// The error of a loss that is not finite.
  ///
  /// - Parameters:
  ///   - loss: The loss.
  ///   - place: Where it was taken, like `at the weights`.
  ///   - subject: What does not fit the data, like `they`.
  /// - Returns: The error, which names the file.
  func lossError(_ loss: Double, _ place: String, subject: String) -> AnalysisError {
    AnalysisError(
      "the loss \(place) is \(loss); \(subject) do not fit the data or its normalisation "
        + "(\(.data), \(.normalization), \(.batchNorm))", subject: path)
  }
}
