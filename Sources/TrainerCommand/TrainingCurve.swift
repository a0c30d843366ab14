import Artifacts
import Checkpoints
import CommandSupport
import Foundation
import NeuralNetworks
import Training

/// The history of one training, with what is known of how it was made.
struct TrainingCurve {
  let folder: String
  /// Name in the legend.
  let label: String
  let history: TrainingHistory
  /// Settings and name of the data; nil where the folder does not hold them any more.
  let origin: (configuration: TrainingConfiguration, data: String)?

  /// Reads the folder of a training.
  ///
  /// - Throws: One line that names the file when there is no history or it is damaged.
  init(folder: String, label: String) throws {
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

  /// What `--json` prints of a run.
  struct Summary: Codable {
    let folder: String
    let label: String
    let epochs: Int
    let last: EpochRecord
    let best: EpochRecord?
  }

  var last: EpochRecord { history.epochs[history.epochs.count - 1] }

  var summary: Summary {
    Summary(
      folder: folder, label: label, epochs: last.epoch, last: last, best: history.best)
  }

  /// One line for the terminal.
  var line: String {
    var line = "\(label): \(last.epoch) epochs, training loss \(text(last.trainingLoss))"
    if let best = history.best { line += ", " + best.bestText }
    return line
  }

  /// All histories below each other, the name of the run in the first column.
  static func table(_ curves: [TrainingCurve]) -> CSVTable {
    var table = CSVTable(columns: ["run"] + TrainingHistory().table.columns)
    for curve in curves {
      for row in curve.history.table.rows { table.append([curve.label] + row) }
    }
    return table
  }
}
