package import Artifacts
internal import Checkpoints
internal import NeuralNetworks
package import Training

/// The history of one training, with what is known of how it was made.
package struct TrainingCurve {
  /// The folder of the training.
  package let folder: String
  /// Name in the legend.
  package let label: String
  /// What was measured after each epoch.
  package let history: TrainingHistory
  /// Settings and name of the data; nil where the folder does not hold them any more.
  package let origin: (configuration: TrainingConfiguration, data: String)?

  /// Reads the folder of a training.
  ///
  /// - Throws: One line that names the file when there is no history or it is damaged.
  package init(folder: String, label: String) throws {
    self.folder = folder
    self.label = label
    history = try TrainingHistory(folder: folder)
    origin = try Self.origin(of: folder)
  }

  /// Captions alone depend on it, so that a folder with the history and nothing else will do.
  private static func origin(
    of folder: String
  ) throws -> (configuration: TrainingConfiguration, data: String)? {
    let files = TrainingFiles(folder: folder)
    if let summary = try TrainingSummary.found(at: files.summary),
      let data = summary.provenance.data
    {
      return (summary.configuration, data.name)
    }
    // Before its end a training has no summary.
    guard let contents = try? CheckpointFile.read(files.last),
      let metadata = try? TrainedModelMetadata(contents), let settings = metadata.training,
      let configuration = try? JSON.decode(
        TrainingConfiguration.self, from: Array(settings.utf8), path: files.last)
    else { return nil }
    return (configuration, metadata.dataName)
  }

  /// The end of a training in numbers.
  package struct Summary: Codable, Sendable {
    /// The folder of the training.
    package let folder: String
    /// Its name.
    package let label: String
    /// Epochs that are done.
    package let epochs: Int
    /// The last epoch.
    package let last: EpochRecord
    /// The epoch that was best on the part held out.
    package let best: EpochRecord?
  }

  /// The last epoch.
  package var last: EpochRecord { history.epochs[history.epochs.count - 1] }

  /// The end of the training.
  package var summary: Summary {
    Summary(
      folder: folder, label: label, epochs: last.epoch, last: last, best: history.best)
  }

  /// All histories below each other, the name of the run in the first column.
  package static func table(_ curves: [TrainingCurve]) -> CSVTable {
    var table = CSVTable(columns: ["run"] + TrainingHistory().table.columns)
    for curve in curves {
      for row in curve.history.table.rows { table.append([curve.label] + row) }
    }
    return table
  }
}
