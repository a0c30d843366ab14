package import Artifacts
internal import Foundation
public import Objectives

/// What happened in one epoch.
public struct EpochRecord: Codable, Sendable, Equatable {
  /// Counted from 1.
  public var epoch: Int
  /// Steps made since the start of the training.
  public var steps: Int
  /// Learning rate of the last step.
  public var learningRate: Double
  /// Radius of the perturbation in the last step; nil for the plain gradient.
  public var rho: Double?
  /// Mean loss over the samples as they were met, with augmentation and label smoothing.
  public var trainingLoss: Double
  /// What is measured beside the loss; nil for nothing.
  public var metric: Metric?
  /// The metric over the samples as they were met.
  public var trainingScore: Double?
  /// Mean norm of the gradient at the weights, as far as it was computed.
  public var gradientNorm: Double
  /// Mean norm of the perturbation; nil for the plain gradient.
  public var perturbationNorm: Double?
  /// Ones in the mask after the epoch; nil without a mask.
  public var maskOnes: Int?
  /// Loss over the part held out of the training split.
  public var validationLoss: Double?
  /// The metric on it.
  public var validationScore: Double?
  /// Duration of the epoch's steps, with batches and masks, in seconds.
  public var seconds: Double
  /// Mean duration of one step, without batches and masks, in seconds; nil in old histories.
  public var secondsPerStep: Double?
  /// Mean floating-point operations of a step in theory, relative to a step of SGD.
  ///
  /// 2 for SAM, `2 - 0.7 s` for masks of single weights with a share s of zeros (Mi et al. 2022),
  /// and what is really computed for other masks; nil in old histories.
  public var relativeFlops: Double?
}

/// The epochs of a training in order.
public struct TrainingHistory: Codable, Sendable, Equatable {
  /// One record per epoch.
  public var epochs: [EpochRecord]

  /// Reads what a training wrote into its folder after its last epoch.
  ///
  /// - Throws: `TrainingError` when there is no history or its epochs are out of order,
  ///   `ArtifactError` when the file is damaged.
  public init(folder: String) throws {
    let path = TrainingFiles(folder: folder).history
    guard FileManager.default.fileExists(atPath: path) else {
      throw TrainingError("\(path): is missing; give the folder of a training")
    }
    self = try JSON.read(TrainingHistory.self, from: path)
    let numbers = [0] + epochs.map(\.epoch)
    guard numbers.count > 1, zip(numbers, numbers.dropFirst()).allSatisfy(<) else {
      throw TrainingError("\(path): holds no epochs in ascending order; train again")
    }
  }

  /// Creates a history.
  package init(_ epochs: [EpochRecord] = []) { self.epochs = epochs }

  /// The epoch with the best metric on the part held out; of equal ones that with the lower loss.
  public var best: EpochRecord? {
    epochs.filter { $0.validationLoss != nil }.min {
      // R2 may be negative, and is still better than none.
      func rank(_ record: EpochRecord) -> (Double, Double, Int) {
        (
          -(record.validationScore ?? -.infinity), record.validationLoss ?? .infinity,
          record.epoch
        )
      }
      return rank($0) < rank($1)
    }
  }

  /// Mean of a number over the epochs that have it, which all have as many steps.
  func mean(_ path: KeyPath<EpochRecord, Double?>) -> Double? {
    let values = epochs.compactMap { $0[keyPath: path] }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The history as a table with one row per epoch; what was not measured is an empty cell.
  package var table: CSVTable {
    let metric = (epochs.first?.metric ?? .accuracy).arrayName
    var table = CSVTable(columns: [
      "epoch", "steps", "learning_rate", "rho", "training_loss", "training_\(metric)",
      "gradient_norm", "perturbation_norm", "mask_ones", "validation_loss",
      "validation_\(metric)", "seconds", "seconds_per_step", "relative_flops",
    ])
    func cell(_ value: Double?) -> String { value.map { CSVTable.cell($0) } ?? "" }
    for record in epochs {
      table.append([
        CSVTable.cell(record.epoch), CSVTable.cell(record.steps), cell(record.learningRate),
        cell(record.rho), cell(record.trainingLoss), cell(record.trainingScore),
        cell(record.gradientNorm), cell(record.perturbationNorm),
        record.maskOnes.map { CSVTable.cell($0) } ?? "", cell(record.validationLoss),
        cell(record.validationScore), cell(record.seconds), cell(record.secondsPerStep),
        cell(record.relativeFlops),
      ])
    }
    return table
  }
}
