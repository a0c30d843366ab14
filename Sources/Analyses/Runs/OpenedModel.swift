package import Artifacts
package import Checkpoints
package import Communication
package import Datasets
internal import Foundation
package import LinearAlgebra
package import NeuralNetworks
package import Objectives

/// A trained network, the data it is looked at with, and where both came from: what an analysis is about.
package struct OpenedModel {
  /// Path of the checkpoint.
  package let path: String
  /// SHA-256 of the file.
  package let sha256: String
  /// Format of the file.
  package let format: String
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
  package let dataPath: String
  /// SHA-256 of the samples, see `Dataset.digest`.
  package let dataDigest: String
  /// Which labels of the data are used.
  package let labels: LabelChoice
  /// What was done to the data, by name, for reports.
  package let settings: [String: String]
  /// What a reader must know before using numbers of this model, in plain words.
  package let warnings: [String]
  /// What the file was taken for, where that had to be measured.
  package let reading: MeasuredReading?
  /// Epochs that the weights have seen, where the checkpoint says it.
  package let epoch: Int?

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
  package var stem: String {
    let place = URL(filePath: path).standardizedFileURL
    return format == CheckpointContents.Format.transformers.rawValue
      ? place.lastPathComponent : place.deletingPathExtension().lastPathComponent
  }

  /// Checks that the statistics that batch norms are to use are there.
  ///
  /// - Throws: `AnalysisError` for running statistics that the checkpoint lacks.
  package func checkStatistics(for mode: NormalizationMode) throws(AnalysisError) {
    guard trained.hasStatistics || mode == .batch else {
      throw AnalysisError(
        "has no running statistics for its batch norms; \(.batchNorm) batch uses those of the data",
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
