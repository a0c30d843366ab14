internal import Foundation

/// Which epochs of a training leave a checkpoint of their own: the weights before the first step, every
/// n-th epoch and the last.
public struct KeptEpochs: Hashable, Sendable {
  /// Epochs from one checkpoint to the next.
  public let interval: Int

  /// Creates the rule; nil for an interval below 1.
  public init?(every interval: Int) {
    guard interval >= 1 else { return nil }
    self.interval = interval
  }

  /// Reads `every=N`.
  public init?(parsing text: String) {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "every", let interval = Int(parts[1]) else { return nil }
    self.init(every: interval)
  }

  /// Whether an epoch is kept; 0 stands for the weights before the first step.
  ///
  /// - Parameters:
  ///   - epoch: Epochs that are done.
  ///   - total: Epochs of the whole training.
  /// - Returns: Whether it leaves a checkpoint.
  public func keeps(_ epoch: Int, of total: Int) -> Bool {
    epoch % interval == 0 || epoch == total
  }
}

/// Checkpoints of single epochs in the folder of a training.
extension TrainingFiles {
  /// The folder of kept epochs inside that of the training.
  package var epochs: String {
    folder == "." ? Self.epochsFolder : "\(folder)/\(Self.epochsFolder)"
  }

  private static let epochsFolder = "epochs"
  private static let prefix = "epoch-"
  private static let suffix = ".ckpt"

  /// The network after an epoch that is kept.
  ///
  /// All numbers of a training have the same length, so that the order of the names is that of the
  /// training.
  ///
  /// - Parameters:
  ///   - epoch: Epochs that are done.
  ///   - total: Epochs of the whole training.
  /// - Returns: The path.
  package func epoch(_ epoch: Int, of total: Int) -> String {
    let number = String(epoch)
    let zeros = String(repeating: "0", count: max(String(total).count - number.count, 0))
    return "\(epochs)/\(Self.prefix)\(zeros)\(number)\(Self.suffix)"
  }

  /// Paths of all epochs that the folder holds.
  package var keptEpochs: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: epochs)) ?? []
    return names.filter { name in
      name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix)
        && Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)) != nil
    }.sorted().map { "\(epochs)/\($0)" }
  }
}
